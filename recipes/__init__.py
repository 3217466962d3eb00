"""How shipped things were made, to be made again by anyone."""
