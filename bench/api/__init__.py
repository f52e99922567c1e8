"""The read API at a million listings: how fast it answers, beside its own ceiling, Datasette and plain COPY."""
