"""Where places are: a table of towns, looked up offline."""
