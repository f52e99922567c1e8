"""What is said about many rows at once: how fresh they are, how many, how much. Query builders by subject."""
