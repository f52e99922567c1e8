"""The read-only HTTP API over the inventory."""
