"""The recipe of the shipped head: what it learns from, how it is trained, what it is worth."""
