"""The page's data as files that it carries in itself: saved without a server or a script."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kojudge.report.export_csv import comparisons_csv


@dataclass(frozen=True, slots=True)
class Download:
    """One file: its name, its size in bytes and its content as a ``data:`` address."""

    name: str
    size: int
    address: str


def downloads(results: Mapping[str, Any], manifest: Mapping[str, Any]) -> tuple[Download, ...]:
    """Return the comparisons as CSV, and results.json and manifest.json as they are."""
    return (
        _download("comparisons.csv", "text/csv", comparisons_csv(results)),
        _download("results.json", "application/json", _json(results)),
        _download("manifest.json", "application/json", _json(manifest)),
    )


def _json(content: Mapping[str, Any]) -> bytes:
    # Plain ASCII: a name that came in with half a character still makes a readable file.
    return (json.dumps(content, indent=1) + "\n").encode("ascii")


def _download(name: str, kind: str, content: bytes) -> Download:
    packed = base64.b64encode(content).decode("ascii")
    return Download(name, len(content), f"data:{kind};base64,{packed}")
