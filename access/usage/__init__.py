"""What is granted and never used, and what was refused: grants held against CloudTrail's events."""
