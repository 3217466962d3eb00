"""The pages of the site. A Markdown file holds Korean, ``---``, English.

What stands behind a second ``---`` (tables, as a rule) is in both languages and shown in both.
"""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Literal

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
ROOT = Path(__file__).resolve().parents[2]

NAV: tuple[tuple[dict[Language, str], tuple[str, ...]], ...] = (
    (
        {"ko": "시작하기", "en": "Begin"},
        ("index", "quickstart", "choosing", "tuning", "ci", "head", "laptop-judge"),
    ),
    (
        {"ko": "평가하기", "en": "Evaluate"},
        ("planning", "labelling", "rubrics", "diagnose", "publishing", "bridges"),
    ),
    ({"ko": "돌리기", "en": "Run"}, ("engines", "vllm", "decision-models", "scaling")),
    (
        {"ko": "왜 믿을 수 있나", "en": "Why to trust it"},
        ("judges", "statistics", "methods", "korean", "prompts"),
    ),
    ({"ko": "찾아보기", "en": "Reference"}, ("faq", "workspace", "run-files")),
    (
        {"ko": "폴더", "en": "Folders"},
        (
            "folders/prompts", "folders/candidates", "folders/rubrics", "folders/judge",
            "folders/audit", "folders/reports", "folders/benchmarks", "folders/simulations",
        ),
    ),
)  # fmt: skip

FOLDERS = ("prompts", "candidates", "rubrics", "judge", "reports", "benchmarks", "simulations")
OUTSIDE = {f"folders/{name}": f"{name}/README.md" for name in FOLDERS} | {
    "folders/audit": "judge/audit/README.md"
}
"""Pages whose source lies outside docs/, by their path in the repository."""

_FENCED = re.compile(r"^(```+)[^\n]*\n.*?^\1$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*# (?P<title>[^\n]+)\n")
_NOTICE = re.compile(r"^[^\n]*English (?:follows the Korean|below)\.\n", re.MULTILINE)
_CROWDED = re.compile(r"^(?![ |-])\S.*\n(?=\||- )", re.MULTILINE)
"""A line of text, no row, item or continuation of one, right above a row or an item."""
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#)(?P<path>[^)#\s]+)(?P<rest>(?:#[^)]*)?)(?=\))")


def source_of(page: str) -> str:
    """Return the path in the repository of the Markdown file behind ``page``."""
    return OUTSIDE.get(page, f"docs/{page}.md")


def names() -> list[str]:
    """Return the pages of the navigation, in its order."""
    return [page for _, pages in NAV for page in pages]


def in_language(text: str, language: Language) -> str:
    """Return what a page shows in ``language``: its heading and its half.

    A page without a line ``---`` is in both languages throughout and is shown whole.
    """
    parts = _parts(text)
    if len(parts) == 1:
        return text
    own, shared = parts[LANGUAGES.index(language)], parts[2:]
    if not (language == "en" and _HEADING.match(own)):
        body = _NOTICE.sub("", _HEADING.sub("", own, count=1), count=1)
        own = f"# {_title(parts[0], language)}\n\n{body.strip()}"
    return "\n\n".join(part.strip() for part in (own, *shared)) + "\n"


def _parts(text: str) -> list[str]:
    """Split at the first two lines ``---`` that stand in no code block."""
    blocks = [match.span() for match in _FENCED.finditer(text)]
    rules = [
        rule.start()
        for rule in re.finditer(r"^---$", text, re.MULTILINE)
        if not any(start < rule.start() < end for start, end in blocks)
    ]
    cuts = [0, *rules[:2], len(text)]
    return [text[a:b].removeprefix("---") for a, b in pairwise(cuts)]


def _title(korean: str, language: Language) -> str:
    heading = _HEADING.match(korean)
    if heading is None:
        raise ValueError(f"a page must begin with '# TITLE', not with {korean[:40]!r}")
    titles = heading["title"].split(" · ", 1)
    return titles[-1] if language == "en" else titles[0]


def spaced(text: str) -> str:
    """Put the empty line before tables and lists that Python-Markdown needs and GitHub does not."""
    fenced = [match.span() for match in _FENCED.finditer(text)]
    return _CROWDED.sub(
        lambda gap: gap[0] if any(a < gap.start() < b for a, b in fenced) else gap[0] + "\n", text
    )


def relinked(text: str, page: str) -> tuple[str, set[str]]:
    """Point the links of ``page`` at the site's pages; return the text and the other files.

    The other files are paths in the repository that must lie on the site beside the pages.

    Raises:
        ValueError: a link leads to a file that is neither a page nor under docs/.
    """
    source = PurePosixPath(source_of(page))
    pages = {source_of(name): f"{name}.md" for name in names()}
    files: set[str] = set()

    def target(link: re.Match[str]) -> str:
        path = posixpath.normpath(str(source.parent / link["path"]))
        if path not in pages:
            if not (path.startswith("docs/") and (ROOT / path).is_file()):
                raise ValueError(f"{source} links to {link['path']}, which the site does not have")
            files.add(path)
        to = pages.get(path, path.removeprefix("docs/"))
        return posixpath.relpath(to, posixpath.dirname(page) or ".") + link["rest"]

    return _LINK.sub(target, text), files
