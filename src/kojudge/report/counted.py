"""What of a run counts: its current texts, the judgments wanted of them, the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kojudge.cards import JudgeCard, Leaderboard, load_leaderboard
from kojudge.errors import ConfigError, said
from kojudge.records import Evidence, Text
from kojudge.report.elsewhere import scores_elsewhere
from kojudge.selection import (
    Asked,
    Flags,
    WantedJudgment,
    WantedText,
    certificates_for,
    current_texts,
    evidence_of,
    flags_of,
    imported_names,
    wanted_controls,
    wanted_judgments,
    wanted_texts,
)
from kojudge.selection.cascades import CascadePlan, stored_cascade
from kojudge.selection.looks import LookPlan, stored_plan
from kojudge.store.run import Run
from kojudge.workspace import Settings


@dataclass(frozen=True, slots=True)
class Counted:
    """The texts and judgments that count.

    ``unwritten`` are the wanted texts that another model has on the same prompt and this one
    has not; ``absent`` counts all wanted texts that are not there, by candidate; ``stale``
    what is stored and no longer wanted. ``evidence`` and ``flags`` (the gates a text fails)
    go by text_id. Of a run that is judged in looks (``plan``) only the judgments up to
    ``look`` count; ``underway`` are those of a look begun and not finished.

    ``certificates`` are by judge, criterion and mode: an entry of a certificate's JSON
    (:mod:`kojudge.audit.certificate`) with ``quick``, ``audit_set`` and ``certificate`` (its
    key) laid over it. ``controls`` are the judgments wanted of degraded copies of the
    baseline's texts: ``text`` is the copy, with the sample and turn of its original. They
    are not among ``wanted``. ``candidate_families`` is a model's lineage by name,
    from its card; ``elsewhere`` its scores on the public leaderboard ``board``. Of a run that
    is judged in a ``cascade`` the strong judge's judgments are wanted of the prompts drawn for
    it; ``cascade_judgments`` counts these, and those of all prompts.
    """

    settings: Settings
    texts: tuple[Text, ...]
    wanted: tuple[WantedJudgment, ...]
    judge_cards: Mapping[str, JudgeCard]
    absent: Mapping[str, int] = field(default_factory=dict)
    stale: Mapping[str, int] = field(default_factory=dict)
    unwritten: tuple[WantedText, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    flags: Flags = field(default_factory=dict)
    plan: LookPlan | None = None
    look: int = 0
    underway: tuple[WantedJudgment, ...] = ()
    certificates: Mapping[tuple[str, str, str], Mapping[str, Any]] = field(default_factory=dict)
    controls: tuple[WantedJudgment, ...] = ()
    candidate_families: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    board: Leaderboard | None = None
    cascade: CascadePlan | None = None
    cascade_judgments: tuple[int, int] = (0, 0)

    @property
    def wanted_ids(self) -> list[str]:
        """The ids of the judgments that count, imported ones apart."""
        return [item.judgment_id for item in self.wanted]


def count(run: Run, asked: Asked, look: int | None = None) -> Counted:
    """Find what of ``run`` the workspace asks for now; ``look`` defaults to the last finished.

    Raises:
        ConfigError: no look is finished, or settings or family are not those the looks
            were planned with.
    """
    wanted_of = wanted_texts(asked)
    ids = {item.text_id for item in wanted_of}
    texts = tuple(current_texts(run, ids))
    evidence = evidence_of(run, texts)
    flags = flags_of(texts, evidence)
    begun = _begun(run)
    wanted = tuple(
        item
        for item in wanted_judgments(asked, texts, flags)
        if (item.judge_id, item.rubric.rubric_id) in begun
    )
    cascade, wanted, shares = _cascaded(run, asked, wanted)
    present = {text.text_id for text in texts}
    imported_only = not any(text.origin == "generated" for text in texts)
    controls = tuple(
        wanted_controls(asked, texts) if cascade is None else cascade.controls(asked, texts)
    )
    asked_ids = {w.judgment_id for w in (*wanted, *controls)}
    absent = [item for item in wanted_of if item.text_id not in present and not imported_only]
    plan, look, looked, underway = _looked(run, asked, wanted, look)
    board = None if asked.workspace is None else load_leaderboard(asked.workspace.candidates)
    return Counted(
        asked.settings,
        texts,
        looked,
        {card.name: card for card in asked.judges},
        dict(Counter(item.candidate for item in absent)),
        {
            "texts": _stale(run, "texts", "text_id", ids),
            "judgments": _stale(run, "judgments", "judgment_id", asked_ids),
        },
        tuple(_begun_by_others(absent, texts)),
        evidence,
        flags,
        plan,
        look,
        underway,
        certificates=certificates_for(asked),
        controls=_controls(controls, begun, plan, look),
        candidate_families={card.name: card.family for card in asked.candidates if card.family},
        elsewhere=scores_elsewhere(asked.candidates, imported_names(run), board),
        board=board,
        cascade=cascade,
        cascade_judgments=shares,
    )


_Wanted = tuple[WantedJudgment, ...]


def _controls(
    controls: _Wanted,
    begun: Collection[tuple[str, str]],
    plan: LookPlan | None,
    look: int,
) -> _Wanted:
    """Return the control's judgments that count, of the looks up to ``look`` where there are."""
    found = [item for item in controls if (item.judge_id, item.rubric.rubric_id) in begun]
    return tuple(found if plan is None else plan.within(found, look))


def _looked(
    run: Run, asked: Asked, wanted: _Wanted, look: int | None
) -> tuple[LookPlan | None, int, _Wanted, _Wanted]:
    """Return the plan, the look counted to, the judgments up to it and those underway."""
    plan = stored_plan(run)
    if plan is None:
        return None, 0, wanted, ()
    plan.check_kept(asked.settings, plan.within(wanted, None))
    reached = len(plan.done) if look is None else look
    if reached == 0:
        raise ConfigError(
            said("이 실행은 아직 첫 중간 분석을 마치지 않았습니다.",
                 "The first look of this run is not finished."),
            said(f"`kojudge score --looks {plan.looks}`로 이어서 하세요.",
                 f"Go on with `kojudge score --looks {plan.looks}`."),
        )  # fmt: skip
    counted = plan.within(wanted, reached)
    after = [] if plan.over else plan.within(wanted, reached + 1)
    ids = {item.judgment_id for item in counted}
    after = [item for item in after if item.judgment_id not in ids]
    left = run.pending("judgments", [item.judgment_id for item in after])
    begun = len(left) < len(after)
    return plan, reached, tuple(counted), tuple(after) if begun else ()


def _cascaded(
    run: Run, asked: Asked, wanted: _Wanted
) -> tuple[CascadePlan | None, _Wanted, tuple[int, int]]:
    """Return the cascade, the judgments it wants, and how many of its strong judge and of all."""
    plan = stored_cascade(run)
    if plan is None:
        return None, wanted, (0, 0)
    kept = plan.within(wanted)
    if plan.ready:
        plan.check_kept(asked.settings, kept)
    own = [sum(item.judge.name == plan.strong for item in items) for items in (kept, wanted)]
    return plan, tuple(kept), (own[0], own[1])


def _begun_by_others(absent: Sequence[WantedText], texts: Sequence[Text]) -> list[WantedText]:
    places = {(text.prompt_id, text.sample) for text in texts}
    writers = {text.candidate for text in texts}
    return [
        item
        for item in absent
        if (item.prompt.prompt_id, item.sample) in places and item.candidate in writers
    ]


def _begun(run: Run) -> set[tuple[str, str]]:
    """Return the (judge, rubric) ids that were asked anything: others are not missing."""
    table = run.query("SELECT DISTINCT judge_id, rubric_id FROM judgments WHERE origin = 'judged'")
    return {(row["judge_id"], row["rubric_id"]) for row in table.to_pylist()}


def _stale(run: Run, kind: str, key: str, wanted: Collection[str]) -> int:
    generated = "generated" if kind == "texts" else "judged"
    table = run.query(
        f"""SELECT count(*) AS n FROM {kind}
            WHERE origin = ? AND {key} NOT IN (SELECT unnest(?::VARCHAR[]))""",  # noqa: S608
        [generated, sorted(wanted)],
    )
    return int(table.to_pylist()[0]["n"])
