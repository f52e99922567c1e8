"""The Django project around Oscar. Runs in Oscar's own environment, with this folder on its path."""
