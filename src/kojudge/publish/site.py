"""A static site in a folder: published runs, and an index made anew from what lies there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kojudge.errors import ConfigError, Language, Said, StoreError, said
from kojudge.publish.entry import INDEX, Entry, Source, read_entry, write_entry
from kojudge.publish.feeds import ATOM, FEED, atom_feed, json_feed
from kojudge.publish.page import render_index
from kojudge.store.storage import locked, open_directory

__all__ = ["INDEX", "Published", "publish_to_folder", "refuse_foreign_index"]

_LOCK = ".kojudge-publish.lock"
_OURS = b'<meta name="generator" content="kojudge">'


@dataclass(frozen=True, slots=True)
class Published:
    """What became of one call: slugs by what happened, runs in the site, and what went wrong."""

    added: tuple[str, ...]
    replaced: tuple[str, ...]
    runs: int
    warnings: tuple[Said, ...]


def publish_to_folder(
    site: Path, sources: Sequence[Source], templates: Path, language: Language
) -> Published:
    """Add ``sources`` to the folder ``site`` and write its index and feeds anew.

    Earlier runs stay. One that cannot be read stays too, is left out of the index and comes
    back as a warning. Each file appears whole or not at all; two calls wait for one another.

    Raises:
        ConfigError: the folder holds somebody else's index.html, or a template is wrong.
        StoreError: it cannot be written.
    """
    folder = open_directory(site)
    folder.create()
    with locked(site / _LOCK):
        refuse_foreign_index(folder.read(INDEX), str(site))
        replaced = {source.slug for source in sources if write_entry(site, source)}
        entries, warnings = _read(site)
        unreadable = sorted(set(_slugs(site)) - {entry.slug for entry in entries})
        other: Language = "en" if language == "ko" else "ko"
        twin = f"index.{other}.html"
        for name, data in (
            (twin, render_index(entries, unreadable, templates, other, INDEX).encode()),
            (FEED, json_feed(entries, unreadable)),
            (ATOM, atom_feed(entries, language)),
            (INDEX, render_index(entries, unreadable, templates, language, twin).encode()),
        ):
            with folder.writing(name) as file:
                file.write(data)
        folder.remove(f"index.{language}.html")  # left where the site spoke the other language
    slugs = dict.fromkeys(source.slug for source in sources)
    return Published(
        added=tuple(slug for slug in slugs if slug not in replaced),
        replaced=tuple(slug for slug in slugs if slug in replaced),
        runs=len(entries),
        warnings=tuple(warnings),
    )


def refuse_foreign_index(index: bytes | None, where: str) -> None:
    """Raise ConfigError where ``index`` is a page that kojudge did not write."""
    if index is None or _OURS in index:
        return
    raise ConfigError(
        said(f"{where}: kojudge가 만들지 않은 {INDEX}이(가) 있어 덮어쓰지 않았습니다.",
             f"{where}: holds an {INDEX} that kojudge did not write; left as it is."),
        said("--to로 비어 있거나 없는 곳을 고르세요.",
             "Choose an empty or a new place with --to."),
    )  # fmt: skip


def _slugs(site: Path) -> list[str]:
    return [name for name in open_directory(site / "runs").names() if not name.startswith(".")]


def _read(site: Path) -> tuple[list[Entry], list[Said]]:
    """Return the runs in order of time, and what could not be read."""
    entries, warnings = [], []
    for slug in _slugs(site):
        try:
            entries.append(read_entry(site, slug))
        except StoreError as error:
            hint = error.hint or said("", "")
            warnings.append(said(f"{error.message.ko} {hint.ko}", f"{error.message.en} {hint.en}"))
    return sorted(entries, key=lambda entry: (entry.date, entry.slug)), warnings
