"""What answers pass on their way out: which version of the data it shows, what may be kept, how often who asks."""
