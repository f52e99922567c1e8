"""`near=`: what lies within a distance of a point."""
