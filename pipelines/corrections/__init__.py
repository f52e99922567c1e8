"""What people know better: which fields may be corrected, the files that say so, and what follows from a correction."""
