"""Writing listings: a batch in one transaction, merged with what is stored, with events and unit links."""
