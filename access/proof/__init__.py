"""What can never happen, and what always can, proven over all requests."""
