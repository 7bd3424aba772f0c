"""What policies mean: AWS's evaluation logic as one formula, whoever reads it."""
