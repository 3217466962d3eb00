"""The table of results: written between two markers of the README, and read back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from acceptance import SEED, Result, monte_carlo_error, percent, points

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
COLUMNS = (
    "row",
    "event counted",
    "R",
    "B",
    "seed",
    "passes if",
    "measured",
    "MC error",
    "pass",
    "seconds",
)


def line(result: Result) -> str:
    """Return the table's line of one result."""
    row = result.row
    cells = (
        row.name,
        row.setting,
        f"{result.runs:,}",
        "–" if result.resamples is None else f"{result.resamples:,}",
        str(SEED),
        row.rule.text(result.runs),
        percent(result.share),
        points(monte_carlo_error(result.share, result.runs)),
        "yes" if result.passed else "NO",
        f"{result.seconds:.0f}",
    )
    return "| " + " | ".join(cells) + " |"


def header() -> list[str]:
    """Return the two lines above the results."""
    return ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]


def committed(readme: Path = README) -> dict[str, dict[str, str]]:
    """Return the committed lines by row name: column → cell."""
    _, inside, _ = _split(readme.read_text(encoding="utf-8"))
    found = {}
    for text in inside.strip().splitlines()[2:]:
        cells = dict(zip(COLUMNS, (c.strip() for c in text.strip("|").split("|")), strict=True))
        found[cells["row"]] = cells
    return found


def write(results: Sequence[Result], order: Sequence[str], readme: Path = README) -> None:
    """Replace the lines of ``results``; the others stay, but for rows that are no more."""
    before, _, after = _split(readme.read_text(encoding="utf-8"))
    lines = {
        name: "| " + " | ".join(cells.values()) + " |" for name, cells in committed(readme).items()
    }
    lines |= {result.row.name: line(result) for result in results}
    kept = [lines[name] for name in order if name in lines]
    inside = "\n".join([*header(), *kept])
    readme.write_text(f"{before}{BEGIN}\n{inside}\n{END}{after}", encoding="utf-8")


def _split(text: str) -> tuple[str, str, str]:
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise ValueError(f"the README needs {BEGIN} and {END}, once each")
    before, rest = text.split(BEGIN)
    inside, after = rest.split(END)
    return before, inside, after
