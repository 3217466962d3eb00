"""Build the documentation: ``python docs/site/build.py site-docs``, or ``make docs``.

Korean pages lie at the root of the site, English ones under ``en/``. Each language is a site of its
own to mkdocs, with its own search; a broken link, anchor or a page outside the navigation fails.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from pages import LANGUAGES, NAV, ROOT, Language, in_language, names, relinked, source_of, spaced

HERE = Path(__file__).resolve().parent
NAMES: dict[Language, str] = {"ko": "한국어", "en": "English"}
PLACES: dict[Language, str] = {"ko": ".", "en": "en"}
TO_OTHER: dict[Language, str] = {"ko": "en", "en": ".."}
"""From the root of one language to that of the other."""


def write_sources(folder: Path, language: Language) -> None:
    """Write the Markdown of one language, and the files its pages link to."""
    listed = {source_of(page) for page in names()}
    left_out = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")} - listed
    if left_out:
        raise ValueError(f"not in NAV of docs/site/pages.py: {', '.join(sorted(left_out))}")
    for page in names():
        text = (ROOT / source_of(page)).read_text(encoding="utf-8")
        text, files = relinked(spaced(in_language(text, language)), page)
        _put(folder / f"{page}.md").write_text(text, encoding="utf-8")
        for path in files:
            shutil.copy(ROOT / path, _put(folder / path.removeprefix("docs/")))
    shutil.copy(HERE / "site.css", folder / "site.css")


def _put(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def settings(sources: Path, site: Path, language: Language) -> dict[str, Any]:
    """Return what mkdocs.yml leaves open."""
    other: Language = "en" if language == "ko" else "ko"
    return {
        "INHERIT": str(HERE / "mkdocs.yml"),
        "docs_dir": str(sources),
        "site_dir": str(site),
        "theme": {"language": language, "custom_dir": str(HERE / "overrides")},
        "plugins": {"search": {"lang": ["ko", "en"] if language == "ko" else ["en"]}},
        "nav": [{titles[language]: [f"{page}.md" for page in pages]} for titles, pages in NAV],
        "extra": {"other": {"lang": other, "name": NAMES[other], "root": TO_OTHER[language]}},
    }


def build(site: Path) -> int:
    """Build both languages into ``site``; return the exit code of mkdocs.

    A site that was built before is replaced; any other folder that holds something is refused.
    """
    if site.exists() and any(site.iterdir()) and not (site / "sitemap.xml").is_file():
        sys.exit(f"{site} holds something else than an earlier site: name another folder.")
    shutil.rmtree(site, ignore_errors=True)
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as scratch:
            sources, config = Path(scratch) / "sources", Path(scratch) / "mkdocs.yml"
            write_sources(sources, language)
            wanted = settings(sources, site / PLACES[language], language)
            config.write_text(yaml.safe_dump(wanted, allow_unicode=True), encoding="utf-8")
            command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config)]
            # The theme announces its successor with every build.
            done = subprocess.run(
                command, check=False, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}
            )
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", nargs="?", type=Path, default=Path("site-docs"))
    sys.exit(build(parser.parse_args().site.resolve()))
