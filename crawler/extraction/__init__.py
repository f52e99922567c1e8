"""Page → fields: pure functions without I/O. `detail` reads one thing's page, `listing_page` a list of them."""
