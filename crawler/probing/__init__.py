"""Looking at a site as a person who adds it would: pure decisions over what `ask` answers (`scrapy probe`)."""
