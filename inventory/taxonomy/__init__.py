"""What things are called: categories, size classes, makes and model numbers, each from a data file beside the code."""
