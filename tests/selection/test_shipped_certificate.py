"""The certificate that is shipped speaks of the demo's judge, rubrics and audit texts as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kojudge.selection import Memory, ask, certificates_for
from kojudge.workspace import Workspace

ROOT = Path(__file__).parents[2]
DEMO = ask(Workspace(ROOT), Memory(profile="demo"))


HEAD = "head-qwen2.5-coder-0.5b"


def grades(found: Mapping[tuple[str, str, str], Mapping[str, Any]], judge: str) -> dict[Any, str]:
    return {key[1:]: str(entry["grade"]) for key, entry in found.items() if key[0] == judge}


def test_every_rubric_of_the_demo_has_its_certificate_by_both_judges() -> None:
    found = certificates_for(DEMO)
    expected = {(j, r.criterion, r.mode) for j in DEMO.settings.judges for r in DEMO.rubrics}
    assert set(found) == expected, (
        "a rubric, a judge's card, the audit texts or the Korean signals changed: run "
        "`kojudge --profile demo audit --judge NAME` (--quick for the prompted one) and ship "
        "the new certificates"
    )


def test_the_small_prompted_judge_passes_nothing() -> None:
    prompted = DEMO.settings.judges[0]
    assert set(grades(certificates_for(DEMO), prompted).values()) == {"failed"}


def test_the_head_has_a_full_certificate_for_the_rubrics_of_the_starter_too() -> None:
    starter = ask(Workspace(ROOT), Memory().later(None, {}, {"judges": (HEAD,)}))
    for asked in (DEMO, starter):
        own = {k: e for k, e in certificates_for(asked).items() if k[0] == HEAD}
        assert len(own) == 4
        assert not any(entry["quick"] for entry in own.values())
