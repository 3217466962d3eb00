"""Names that settings, command line and engines agree on."""

ENGINES = ("transformers", "fake")
"""The engines there are."""
