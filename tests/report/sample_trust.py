"""Runs whose judges are audited, controlled, related or seated together, for the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from kojudge.audit.certificate import Certificate, Entry
from kojudge.audit.figures import Figure
from kojudge.audit.grade import grade
from kojudge.audit.kinds import Criterion
from kojudge.audit.shortcuts import Shortcuts
from kojudge.audit.standing import Injection, KindRow, Mass, Standing
from kojudge.records import Judgment, Message, Mode, Order, Prompt, Scored, Text, Unscored
from kojudge.report import Counted
from kojudge.selection import WantedJudgment
from kojudge.store.run import Run
from kojudge.workspace import Settings

SETTINGS = Settings(
    baseline="base",
    candidates=("x",),
    judges=("j",),
    rubrics=("r",),
    prompts=("p",),
    resamples=1999,
)


def figure(value: float, spread: float = 0.03) -> Figure:
    return Figure(value, value - spread, value + spread, 60, "percentile")


def standing(
    criterion: Criterion = "naturalness", mode: Mode = "pointwise", **changes: Any
) -> Standing:
    """A judge that passes every row but people's."""
    good = Standing(
        criterion=criterion,
        mode=mode,
        margin=0.25 if mode == "pointwise" else 0.1,
        sources=60,
        detection=(
            KindRow("spaces_removed", figure(0.71)),
            KindRow("sentence_loop", figure(0.97, 0.02)),
            KindRow("translationese", figure(0.88)),
        ),
        macro=figure(0.8533),
        rises=(KindRow("verbose", figure(-0.11)),),
        lacking=(),
        position=None if mode == "pointwise" else figure(0.8311),
        position_even=None,
        mass=Mass(figure(0.96), 0.71),
        unscored=Figure(0.0, 0.0, 0.06, 60, "exact"),
        ceiling=figure(0.1213) if mode == "pointwise" else None,
        injection=Injection(figure(0.0217, 0.01), figure(0.3117), {}, 3),
        retest=None,
        shortcuts=Shortcuts(
            0.88, figure(0.6611), figure(0.1922), 0.2, figure(0.5), figure(0.8), 40
        ),
        people=None,
    )
    return replace(good, **changes)


def entry(standing: Standing, *, quick: bool = False) -> dict[str, Any]:
    """The certificate's JSON for one criterion and mode, as its lookup hands it over."""
    graded = Entry(standing, grade(standing, quick=quick))
    whole = Certificate(
        judge="j",
        judge_id="id-1",
        key="key-1",
        audit_set="audit-1",
        quick=quick,
        rubrics={},
        entries=(graded,),
        skipped={},
    ).to_json()
    [one] = whole["entries"]  # type: ignore[misc,union-attr]
    assert isinstance(one, dict)
    return {**one, "quick": quick, "audit_set": "audit-1", "certificate": "key-1"}


def blind(criterion: Criterion = "naturalness", mode: Mode = "pointwise") -> dict[str, Any]:
    """The entry of a judge that detects next to nothing."""
    return entry(standing(criterion, mode, macro=figure(0.5512)))


def card(family: str = "") -> Any:
    return SimpleNamespace(parameters=32_000_000_000, family=family)


def counted(judges: Iterable[str] = ("j",), **given: Any) -> Counted:
    return replace(Counted(SETTINGS, (), (), {name: card() for name in judges}), **given)


def judged(
    candidate: str,
    at: int,
    score: float,
    order: Order | None = None,
    judge: str = "j",
    criterion: str = "naturalness",
    sample: int = 0,
    **given: Any,
) -> Judgment:
    fields: dict[str, Any] = {
        "judgment_id": "/".join(map(str, (candidate, at, sample, order, judge, criterion))),
        "text_id": f"t-{candidate}-{at}-{sample}",
        "prompt_id": f"p{at}",
        "category": "blog",
        "candidate": candidate,
        "sample": sample,
        "criterion": criterion,
        "rubric": "r",
        "judge": judge,
        "mode": "pointwise" if order is None else "pairwise",
        "outcome": Scored(score, "expected", 0.9),
        "baseline": None if order is None else "base",
        "baseline_text_id": None if order is None else f"t-base-{at}-{sample}",
        "order": order,
        "scale": (1.0, 5.0) if order is None else (0.0, 1.0),
        "origin": "imported",
    }
    return Judgment(**(fields | given))


def noise(n: int, seed: int, spread: float = 0.2) -> list[float]:
    return [float(v) for v in np.random.default_rng(seed).normal(0, spread, n)]


def fill(
    run: Run, lifts: Mapping[str, Mapping[str, float]], prompts: int = 30, seed: int = 1
) -> None:
    """Pointwise scores: ``lifts`` is by judge and candidate what it gains over the baseline."""
    made = []
    for number, (judge, own) in enumerate(lifts.items()):
        for place, (candidate, lift) in enumerate({"base": 0.0, **own}.items()):
            wobble = noise(prompts, seed + 100 * number + place)
            made += [
                judged(candidate, at, float(np.clip(3 + lift + wobble[at], 1, 5)), judge=judge)
                for at in range(prompts)
            ]
    run.append_judgments(made)


def fill_pairs(
    run: Run, wins: Mapping[str, Mapping[str, float]], prompts: int = 30, seed: int = 1
) -> None:
    """Pairs in both orders: ``wins`` is by judge and candidate the chance to win."""
    made = []
    for number, (judge, own) in enumerate(wins.items()):
        for place, (candidate, win) in enumerate(own.items()):
            wobble = noise(prompts, seed + 100 * number + place, 0.05)
            for at in range(prompts):
                value = float(np.clip(win + wobble[at], 0.01, 0.99))
                made += [judged(candidate, at, value, "AB", judge)]
                made += [judged(candidate, at, value, "BA", judge)]
    run.append_judgments(made)


def control(
    at: int, order: Order | None = None, judge: str = "j", criterion: str = "naturalness"
) -> WantedJudgment:
    """The judgment wanted of a degraded copy of the baseline's text on prompt ``at``."""
    mode = "pointwise" if order is None else "pairwise"
    rubric: Any = SimpleNamespace(criterion=criterion, mode=mode, name="r", rubric_id="r1")
    judge_card: Any = SimpleNamespace(name=judge)
    copy = Text(f"copy-{at}", f"p{at}", "blog", "써 줘", "base", 0, "망가진 글")
    original = Text(f"t-base-{at}-0", f"p{at}", "blog", "써 줘", "base", 0, "글")
    return WantedJudgment(
        f"control/{at}/{order}/{judge}/{criterion}",
        judge_card,
        "",
        rubric,
        Prompt(f"n{at}", "blog", (Message("user", "써 줘"),)),
        copy,
        None if order is None else original,
        order,
    )


def judge_controls(
    run: Run, scores: Iterable[tuple[WantedJudgment, float | None]], why: str = "low_mass"
) -> tuple[WantedJudgment, ...]:
    """Store what was said of each control (None: no score, and ``why``); return the controls."""
    scores = list(scores)
    run.append_judgments([
        judged(
            "base~control", int(item.text.prompt_id[1:]), score or 0.0, item.order,
            item.judge.name, item.rubric.criterion, judgment_id=item.judgment_id, origin="judged",
            **({"outcome": Unscored(why)} if score is None else {}),
        )
        for item, score in scores
    ])  # fmt: skip
    return tuple(item for item, _ in scores)


def open_run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)
