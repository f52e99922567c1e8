"""What the API answers with, as pydantic models for the OpenAPI document."""
