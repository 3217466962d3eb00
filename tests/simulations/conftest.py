"""Let the tests import the scripts in simulations/ the way the scripts import each other."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "simulations"))
