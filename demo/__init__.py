"""Six demo dealers on six ports of one process: `python -m demo` (see `--help`)."""
