"""What is written about the report names all there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from jinja2 import meta
from test_results import counted, fill

from kojudge.report import build_results
from kojudge.report.environment import page_environment
from kojudge.store.run import Run

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "reports"


def halves(path: Path) -> tuple[str, str]:
    """The Korean and the English half of a page."""
    korean, _, english = path.read_text(encoding="utf-8").partition("\n---\n")
    return korean, english


@pytest.mark.parametrize("half", [0, 1], ids=["ko", "en"])
def test_every_template_file_is_named(half: int) -> None:
    words = halves(TEMPLATES / "README.md")[half]
    files = [path.name for path in TEMPLATES.iterdir() if path.name != "README.md"]
    assert len(files) > 20
    assert [name for name in files if f"`{name}`" not in words] == []


@pytest.mark.parametrize("half", [0, 1], ids=["ko", "en"])
def test_every_variable_of_the_page_is_named(half: int) -> None:
    words = halves(TEMPLATES / "README.md")[half]
    environment = page_environment(TEMPLATES, "ko")
    used: set[str] = set()
    for path in TEMPLATES.glob("*.html.j2"):
        if path.name != "site.html.j2":  # has variables of its own
            used |= meta.find_undeclared_variables(environment.parse(path.read_text("utf-8")))
    assert {"results", "gates", "csp"} <= used
    assert sorted(name for name in used if f"`{name}`" not in words) == []


@pytest.mark.parametrize("half", [0, 1], ids=["ko", "en"])
def test_every_key_of_the_results_is_described(half: int, tmp_path: Path) -> None:
    run = Run.open(tmp_path / "run", create=True)
    fill(run)
    results = build_results(run, counted())
    [row] = [row for row in results["comparisons"] if row["slice"] == "overall" and row["primary"]]
    words = halves(ROOT / "docs" / "statistics.md")[half]
    assert [key for key in (*results, *row) if f"`{key}`" not in words] == []
