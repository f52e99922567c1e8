"""How sources word the facts of a thing: labels, clauses and sentences in many languages. Knows no pages."""
