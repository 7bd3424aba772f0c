"""What rules read: documents, ARNs, how the queues of a stack hang together, and what is not known yet."""
