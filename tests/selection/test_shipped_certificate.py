"""The certificate that is shipped speaks of the demo's judge, rubrics and audit texts as they are."""

from __future__ import annotations

from pathlib import Path

from kojudge.selection import Memory, ask, certificates_for
from kojudge.workspace import Workspace

ROOT = Path(__file__).parents[2]
DEMO = ask(Workspace(ROOT), Memory(profile="demo"))


def test_every_rubric_of_the_demo_is_certified_or_known_to_fail() -> None:
    found = certificates_for(DEMO)
    (judge,) = DEMO.settings.judges
    assert set(found) == {(judge, r.criterion, r.mode) for r in DEMO.rubrics}, (
        "a rubric, the judge's card, the audit texts or the Korean signals changed: run "
        f"`kojudge --profile demo audit --judge {judge} --quick` and ship the new certificate"
    )


def test_the_small_judge_passes_nothing() -> None:
    assert {entry["grade"] for entry in certificates_for(DEMO).values()} == {"failed"}
