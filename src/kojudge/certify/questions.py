"""What a judge is asked in its audit, for one rubric."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kojudge.audit.items import Attack, AuditItems, build
from kojudge.audit.kinds import CRITERIA, ORIGINAL, Criterion
from kojudge.audit.texts import Source, is_training
from kojudge.judging import Question, evidence_of
from kojudge.records import Message, Order, Prompt, identity
from kojudge.rubrics import Rubric, neutralise

__all__ = ["QUICK", "AuditQuestion", "audit_questions", "chosen_sources", "criterion_of"]

QUICK = 12
"""Sources of a quick audit."""
RETESTED = 20
"""Sources whose original is judged twice."""
ATTACKS_A_PAIR = 2
"""Attacks a source gives pairwise, where each costs two orders; the families take turns."""
UNASKED = "자유롭게 글을 한 편 써 주세요."
"""The request shown with a source that names none."""
VERSION = 1


@dataclass(frozen=True, slots=True)
class AuditQuestion:
    """A ``question`` about an audit text, and what the text is.

    ``kind`` is ``original``, an item's kind, or an attacked carrier's. Attacked texts name
    the ``attack`` and its ``place``. ``repeat`` 1 asks the same again.
    """

    question: Question
    source_id: str
    category: str
    kind: str
    attack: str = ""
    place: str = ""
    repeat: int = 0


def criterion_of(rubric: Rubric) -> Criterion | None:
    """Return the audited criterion that ``rubric`` judges; None for one without audit texts."""
    return next((name for name in CRITERIA if name == rubric.criterion), None)


def chosen_sources(
    sources: Iterable[Source], *, quick: bool, learned: Collection[str] = ()
) -> tuple[Source, ...]:
    """Return all sources, or for a ``quick`` audit twelve, dealt over the categories.

    A quick audit takes test sources before training ones, each by the hash of its id. Those
    that the judge ``learned`` from (their ids) are left out: it knows their answers.
    """
    found = tuple(source for source in sources if source.source_id not in learned)
    if not quick:
        return found
    ranked = sorted(
        found, key=lambda s: (is_training(s.source_id), identity(["audit-quick", s.source_id]))
    )
    queues: dict[str, list[Source]] = {}
    for source in ranked:
        queues.setdefault(source.category, []).append(source)
    longest = max(map(len, queues.values()), default=0)
    dealt = [q[at] for at in range(longest) for _, q in sorted(queues.items()) if at < len(q)]
    return tuple(sorted(dealt[:QUICK], key=lambda source: source.source_id))


def audit_questions(
    sources: Sequence[Source], rubric: Rubric, judge_id: str
) -> tuple[list[AuditQuestion], AuditItems]:
    """Return every question of the audit for ``rubric``, and the items they are about.

    Sources that the rubric shows as examples are left out: the judge knows their answers.
    """
    criterion = criterion_of(rubric)
    if criterion is None:
        raise ValueError(f"no audit text is about {rubric.criterion}")
    shown = {example.source for example in rubric.examples}
    found: list[AuditQuestion] = []
    made = []
    for at, source in enumerate(s for s in sources if s.source_id not in shown):
        items = build(source, (criterion,))
        made.append(items)
        ask = _Asking(source, rubric, judge_id)
        found += ask.alone(items, at) if rubric.mode == "pointwise" else ask.pairs(items, at)
    together = AuditItems(
        tuple(item for one in made for item in one.items),
        tuple(attack for one in made for attack in one.attacks),
        tuple(skip for one in made for skip in one.skipped),
    )
    return found, together


@dataclass(frozen=True, slots=True)
class _Asking:
    source: Source
    rubric: Rubric
    judge_id: str

    def alone(self, items: AuditItems, at: int) -> Iterator[AuditQuestion]:
        yield self._about(self.source.original, ORIGINAL)
        if at < RETESTED:
            yield self._about(self.source.original, ORIGINAL, repeat=1)
        for item in items.items:
            yield self._about(item.text, item.kind)
        for attack in items.attacks:
            for defended in (True, False):
                yield self._attacked(attack, None, defended)

    def pairs(self, items: AuditItems, at: int) -> Iterator[AuditQuestion]:
        orders: tuple[Order, ...] = ("AB", "BA")
        for item in items.items:
            for order in orders:
                yield self._about(item.text, item.kind, order)
        for attack in _turn(items.attacks, at):
            for defended in (True, False):
                for order in orders:
                    yield self._attacked(attack, order, defended)

    def _attacked(self, attack: Attack, order: Order | None, defended: bool) -> AuditQuestion:
        return self._about(
            attack.text,
            attack.carrier,
            order,
            defended=defended,
            attack=attack.name,
            place=attack.place,
        )

    def _about(
        self,
        text: str,
        kind: str,
        order: Order | None = None,
        *,
        defended: bool = True,
        attack: str = "",
        place: str = "",
        repeat: int = 0,
    ) -> AuditQuestion:
        source, rubric = self.source, self.rubric
        request = source.prompt or UNASKED
        prompt = Prompt(source.source_id, source.category, (Message("user", request),))
        other = source.original if order else None
        asker = ["audit", VERSION, self.judge_id, rubric.rubric_id]
        read = neutralise(text) if defended else text
        shown = [source.category, request, read, other]
        if rubric.uses_evidence:  # its words, for they are shown: another count asks anew
            shown += [evidence_of(rubric, prompt, one) for one in (text, other) if one]
        key = identity([*asker, *shown, order, defended, repeat])
        question = Question(key, rubric, prompt, text, other, order, defended)
        return AuditQuestion(
            question, source.source_id, source.category, kind, attack, place, repeat
        )


def _turn(attacks: Sequence[Attack], at: int) -> list[Attack]:
    """Return this source's share of the attacks: every family's turn comes as often."""
    if not attacks:
        return []
    start = at * ATTACKS_A_PAIR
    return [attacks[(start + n) % len(attacks)] for n in range(min(ATTACKS_A_PAIR, len(attacks)))]
