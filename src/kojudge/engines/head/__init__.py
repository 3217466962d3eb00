"""The ``head`` engine: a judge that reads a small model's states by linear maps."""
