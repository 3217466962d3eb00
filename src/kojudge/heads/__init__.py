"""Heads: linear maps on a small model's states that learn from a better judge or from people."""
