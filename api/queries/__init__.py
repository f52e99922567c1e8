"""Pure functions from parameters to SQLAlchemy statements."""
