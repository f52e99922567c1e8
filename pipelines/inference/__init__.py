"""What a listing is and how big it is, from what the dealer wrote: pure functions with their data files."""
