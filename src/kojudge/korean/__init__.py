"""Korean linguistic evidence: deterministic signals of a text, each with the place of every hit."""
