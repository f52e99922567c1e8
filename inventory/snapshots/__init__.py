"""A Parquet file a vertical: all its listings as /v1/listings shows them, for who wants all and wants it fast."""
