"""`./run load`: crowds, floods, slow readers and churn against a real installation."""
