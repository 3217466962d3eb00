"""``python -m kojudge``."""

from kojudge.cli.main import main

main()
