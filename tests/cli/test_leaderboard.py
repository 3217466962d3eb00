"""A public leaderboard beside a run's own verdicts, through the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import Call

CANDIDATES = Path(__file__).parents[2] / "candidates"
LISTED = {
    "a": ("maywell/Synatra-42dot-1.3B", "warm", 31.66),
    "b": ("DILAB-HYU/koquality-polyglot-1.3b", "plain", 31.07),
    "c": ("cpm-ai/gemma-ko-v01", "stiff", 30.78),
    "d": ("heegyu/polyglot-ko-1.3b-chat", "empty", 30.19),
    "e": ("Leejy0-0/gemma-2b-it-sum-ko", "english", 29.99),
}
CARD = "name: {name}\nsource: {{path: 'fake:{behaviour}', hub: {hub}}}\nengine: fake\nsampling: {{temperature: 0.7}}\n"


@pytest.fixture
def listed(workspace: Path) -> Path:
    """A workspace of five candidates that go by hub names of the shipped leaderboard."""
    shutil.copytree(CANDIDATES / "leaderboards", workspace / "candidates" / "leaderboards")
    for name, (hub, behaviour, _) in LISTED.items():
        card = CARD.format(name=name, behaviour=behaviour, hub=hub)
        (workspace / "candidates" / f"{name}.yaml").write_text(card, encoding="utf-8")
    settings = workspace / "kojudge.toml"
    named = ", ".join(f'"{name}"' for name in LISTED)
    lines = [
        f"candidates = [{named}]" if line.startswith("candidates") else line
        for line in settings.read_text(encoding="utf-8").splitlines()
    ]
    settings.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return workspace


def test_the_report_ranks_the_average_and_every_benchmark_against_writing(
    listed: Path, call: Call
) -> None:
    assert call("generate").code == 0
    assert call("score").code in (0, 3)
    assert call("report").code == 0
    results = json.loads((listed / "runs/main/results.json").read_text(encoding="utf-8"))
    assert results["public_leaderboard"] == {
        "name": "Open Ko-LLM Leaderboard",
        "source": "https://huggingface.co/spaces/upstage/open-ko-llm-leaderboard",
        "as_of": "2025-04",
    }
    rows = {row["candidate"]: row["leaderboard_average"] for row in results["leaderboard"]}
    assert {name: rows[name] for name in LISTED} == {n: known[2] for n, known in LISTED.items()}
    assert rows["fake-plain"] is None
    found = results["rank_correlations"]
    assert len({row["benchmark"] for row in found}) == 9
    assert {row["n"] for row in found} == {5}
    assert {row["criterion"] for row in found} == {"naturalness"}
    average = [row for row in found if row["benchmark"] == "average"]
    assert all(-1 <= row["rho"] <= 1 for row in average)
    page = (listed / "runs/main/report.html").read_text(encoding="utf-8")
    assert "Open Ko-LLM Leaderboard" in page
    assert "KorNAT-SVA" in page
