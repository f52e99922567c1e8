"""Thin handlers: parse, read, answer."""
