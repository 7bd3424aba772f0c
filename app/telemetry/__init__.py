"""What the application tells of itself beside its logs, by option."""
