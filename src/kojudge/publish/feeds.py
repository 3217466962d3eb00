"""What machines read of a site: feed.json with every verdict, and an Atom feed of the runs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as Xml

from kojudge.errors import Language
from kojudge.publish.entry import CSV, REPORT, Entry
from kojudge.publish.words import WORDS
from kojudge.report.chosen import judge_grade, overall_rows
from kojudge.report.results_file import RESULTS
from kojudge.report.wording import verdict_sentence
from kojudge.store.schema import clean
from kojudge.visible import visible

__all__ = ["ATOM", "FEED", "atom_feed", "json_feed"]

SCHEMA = "kojudge.site/1"
FEED, ATOM = "feed.json", "feed.xml"
_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.UUID("6b6f6a75-6467-4565-8000-7075626c6973")
_COLUMNS = (
    "candidate", "criterion", "mode", "judge", "primary", "delta", "ci_low", "ci_high",
    "n_prompts", "margin", "verdict", "similar_or_better", "withheld", "reasons",
)  # fmt: skip


def json_feed(entries: Sequence[Entry], unreadable: Sequence[str]) -> bytes:
    """Return feed.json: the runs in order of time with their verdicts, and relative links.

    ``unreadable`` are the slugs of published runs that could not be read.
    """
    content = {
        "schema": SCHEMA,
        "runs": [_run(entry) for entry in entries],
        "unreadable": list(unreadable),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    return clean(text).encode("utf-8") + b"\n"


def _run(entry: Entry) -> dict[str, Any]:
    results = entry.results
    return {
        "slug": entry.slug,
        "name": entry.name,
        "date": entry.date.isoformat(timespec="seconds"),
        "baseline": results["baseline"],
        "judges": [
            {key: judge[key] for key in ("name", "grade", "too_small")}
            for judge in results["judges"]
        ],
        "human_labels": bool(results.get("labels")),
        "report": entry.link(REPORT),
        "results": entry.link(RESULTS),
        "csv": entry.link(CSV),
        "comparisons": [
            {key: row[key] for key in _COLUMNS} | {"judge_grade": judge_grade(results, row)}
            for row in overall_rows(results)
        ],
    }


def atom_feed(entries: Sequence[Entry], language: Language) -> bytes:
    """Return the Atom feed: an entry a run, the latest first, its verdicts as sentences."""
    Xml.register_namespace("", _ATOM)
    feed = Xml.Element(f"{{{_ATOM}}}feed", {"xml:lang": language})
    first = entries[0].slug if entries else ""
    dates = [entry.date for entry in entries]
    _add(feed, "id", uuid.uuid5(_NAMES, f"site/{first}").urn)
    _add(feed, "title", WORDS["title"].in_(language))
    _add(feed, "updated", _stamp(max(dates, default=datetime.fromtimestamp(0, UTC))))
    _add(_add(feed, "author"), "name", "kojudge")
    _add(feed, "link", rel="self", href=ATOM, type="application/atom+xml")
    _add(feed, "link", rel="alternate", href="index.html", type="text/html")
    for entry in reversed(entries):
        item = _add(feed, "entry")
        _add(item, "id", uuid.uuid5(_NAMES, f"run/{entry.slug}").urn)
        _add(item, "title", visible(entry.name))
        _add(item, "updated", _stamp(entry.date))
        _add(item, "link", rel="alternate", href=entry.link(REPORT), type="text/html")
        _add(item, "summary", "\n".join(_sentences(entry, language)))
    Xml.indent(feed, " ")
    return bytes(Xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def _sentences(entry: Entry, language: Language) -> list[str]:
    results: Mapping[str, Any] = entry.results
    return [
        visible(
            verdict_sentence(
                row,
                entry.criteria.get(row["criterion"], (row["criterion"], row["criterion"])),
                results["baseline"],
                results["alpha"],
            ).in_(language)
        )
        for row in overall_rows(results)
        if row["primary"]
    ]


def _add(parent: Xml.Element, tag: str, text: str | None = None, **attributes: str) -> Xml.Element:
    element = Xml.SubElement(parent, f"{{{_ATOM}}}{tag}", attributes)
    element.text = text
    return element


def _stamp(date: datetime) -> str:
    return date.strftime("%Y-%m-%dT%H:%M:%SZ")
