"""What the commands of the CLI do. Each answers with a value that JSON can hold; its shape is documented here."""
