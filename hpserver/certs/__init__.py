"""Who is who on the wire: the house CA, its certificates, and the only TLS settings."""
