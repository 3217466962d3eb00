"""Files of other tools as interchange lines: one module a format, read without any run."""

from kojudge.bridges.base import FORMATS, Converted, Files, Named, bridge

__all__ = ["FORMATS", "Converted", "Files", "Named", "bridge"]
