"""One file a resource type: its properties, and its calls to AWS."""
