"""One list in several formats: which one is meant, and a writer for each. Writers are pure; api/export.py streams."""
