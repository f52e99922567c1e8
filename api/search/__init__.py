"""`q=`: text search, from what was typed to SQL."""
