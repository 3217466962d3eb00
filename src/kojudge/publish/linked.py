"""The published copy of a report: the page as it was made, and one line that links its data.

The line is plain HTML: no script and no style of its own, so the page's policy holds as it is,
and nothing that changes from one day to the next, so the same page gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

from kojudge.errors import Language
from kojudge.publish.words import WORDS

__all__ = ["linked_report"]

_PIECE = 65536
"""Characters read at a time: the place is near the start of a page of many megabytes."""


def linked_report(report: bytes, files: Sequence[str], index: str) -> bytes:
    """Return the page ``report`` with links to ``files``, which lie beside it, and to ``index``.

    The links stand first in ``<main>``, or last in a page of an own template that has none,
    in the page's language. A page that has them already comes back as it is.
    """
    page = report.decode("utf-8", "surrogateescape")  # whatever it holds goes out as it came in
    found = _read_start(page)
    line = _line(files, index, found.language)
    if line in page:
        return report
    place = found.place(page)
    return f"{page[:place]}{line}{page[place:]}".encode("utf-8", "surrogateescape")


class _Start(HTMLParser):
    """Reads a page as far as ``<main>``: templates and their comments may be anybody's."""

    def __init__(self) -> None:
        super().__init__()
        self.language: Language = "ko"
        self.main: tuple[int, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html" and dict(attrs).get("lang") == "en":
            self.language = "en"
        if tag == "main" and self.main is None:
            line, column = self.getpos()
            self.main = line, column + len(self.get_starttag_text() or "")

    def place(self, page: str) -> int:
        """Return the offset behind ``<main>``, or the end of the page."""
        if self.main is None:
            return len(page)
        line, column = self.main
        return len(page) - len(page.split("\n", line - 1)[-1]) + column


def _read_start(page: str) -> _Start:
    parser = _Start()
    for at in range(0, len(page), _PIECE):
        parser.feed(page[at : at + _PIECE])
        if parser.main is not None:
            break
    return parser


def _line(files: Sequence[str], index: str, language: Language) -> str:
    say = {key: WORDS[key].in_(language) for key in ("report_data", "all_runs")}
    links = [(name, name) for name in files] + [(index, say["all_runs"])]
    linked = " · ".join(f'<a href="{escape(to)}">{escape(text)}</a>' for to, text in links)
    return f'\n<p class="meta">{escape(say["report_data"])}: {linked}</p>'
