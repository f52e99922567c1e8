"""Text → value, for every kind of value a dealer's page can say. Pure functions: no I/O but their own data files.

Each function takes any text, answers `None` for what it cannot read and never raises; each is linear in its input.
The words it knows stand in `data/*.csv`, with language and source.
"""
