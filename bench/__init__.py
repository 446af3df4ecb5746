"""What the server costs and bears, as ratios to peers measured in the same run. See docs/performance.md."""
