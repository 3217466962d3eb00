"""Where a text gives the words of somebody else."""

from __future__ import annotations

import re

__all__ = ["quotations"]

# A curly or straight double mark that opens a paragraph and is never closed goes on to its
# end, as in novels; elsewhere an unpaired mark (5", '90s) opens nothing.
_QUOTATION = re.compile(
    r"“[^“”]*”|‘[^‘’]*’|「[^「」]*」|『[^『』]*』|\"[^\"]*\""
    r"|(?<![^\W_])'[^'\n]+'(?![A-Za-z0-9])|\A[ \t]*[“\"][^“”\"]*\Z"
)


def quotations(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans in quotation marks in one paragraph, the marks included, in order."""
    return tuple(match.span() for match in _QUOTATION.finditer(text))
