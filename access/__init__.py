"""Who may do what with the queues: read from the documents themselves, without asking AWS to try."""
