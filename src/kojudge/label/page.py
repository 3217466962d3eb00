"""The page itself: one HTML document whose style and script are allowed by their hashes."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kojudge.errors import Language
from kojudge.label.words import PAGE, REASONS

__all__ = ["LabelPage", "label_page"]

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class LabelPage:
    """The document, and the Content-Security-Policy to send with it."""

    html: bytes
    policy: str


def label_page(language: Language, rater: str) -> LabelPage:
    """Return the page in ``language``; it holds no text of the run, which the script asks for."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    script = (_FOLDER / "page.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    html = environment.get_template("page.html.j2").render(
        language=language,
        rater=rater,
        say={key: words.in_(language) for key, words in PAGE.items()},
        reasons={key: words.in_(language) for key, words in REASONS.items()},
        style=Markup(style),  # noqa: S704 (our own file)
        script=Markup(script),  # noqa: S704 (our own file)
    )
    return LabelPage(html.encode("utf-8"), _policy(style, script))


def _policy(style: str, script: str) -> str:
    """Allow this style, this script and requests to the page's own server; nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{_digest(script)}'",
            f"style-src 'sha256-{_digest(style)}'",
            "img-src data:",  # the empty icon, so that no browser asks for another
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
