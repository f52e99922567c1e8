"""Who may read: API keys and bearer tokens, where any are set."""
