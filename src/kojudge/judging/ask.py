"""Ask a judge questions by its card's method, and turn its answers into outcomes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from kojudge.cards import JudgeCard
from kojudge.engines import (
    Choice,
    ChoiceRequest,
    CompletionRequest,
    Decision,
    DecisionEngine,
    Engine,
    Reading,
    ReadingEngine,
)
from kojudge.judging.decision import decision_of
from kojudge.judging.outcome import decomposed_outcome, outcome_of
from kojudge.judging.question import Question, labels_of, reads
from kojudge.judging.reading import reading_of
from kojudge.records import Message, Outcome, Prompt, Sampling, Scored, Unscored, identity
from kojudge.rubrics import Rubric, neutralise

__all__ = ["Answer", "Method", "ask", "content_free"]

CONTENT_FREE = {"ko": ("없음", "…", "N/A"), "en": ("none", "…", "N/A")}
"""Texts that say nothing: what a judge answers about them is its prior (arXiv:2102.09690)."""
FIRST_WHY = {
    "ko": "답을 쓰기 전에, 그렇게 판단하는 까닭을 글에서 근거를 들어 두세 문장으로 먼저 쓰세요.",
    "en": "Before the answer, give your reasons in two or three sentences that point at the text.",
}
THEN_WHY = {
    "ko": "그렇게 답한 까닭을 글에서 근거를 들어 두세 문장으로 쓰세요.",
    "en": "Give your reasons in two or three sentences that point at the text.",
}
_CHUNK = 256
_FLOOR = 1e-6
"""A prior is never less: the judge's answers are not known to more digits."""


@dataclass(frozen=True, slots=True)
class Method:
    """How a judge is asked.

    ``mass_floor`` (0–1): see :func:`kojudge.judging.outcome.outcome_of`. ``calibration``
    ``content_free`` divides out what the judge answers where there is nothing to judge.
    ``rationale``: reasons ``before`` the answer, which then rests on them, or ``after`` it,
    for people to read; at most ``rationale_tokens`` tokens.
    """

    mass_floor: float = 0.5
    calibration: Literal["none", "content_free"] = "none"
    rationale: Literal["none", "before", "after"] = "none"
    rationale_tokens: int = 160

    @classmethod
    def of(cls, card: JudgeCard) -> Method:
        """Return the method that ``card`` asks for."""
        return cls(card.mass_floor, card.calibration, card.rationale, card.rationale_tokens)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a question. Tokens and seconds are sums over all it took.

    ``remark``: what the engine had to say of it (:attr:`kojudge.engines.Choice.remark`).
    """

    key: str
    outcome: Outcome
    prompt_tokens: int
    seconds: float
    rationale: str = ""
    remark: str = ""

    @property
    def extra(self) -> str:
        """What is kept of the remark: the ``extra`` of a judgment."""
        return json.dumps({"remark": self.remark}) if self.remark else "{}"


def content_free(engine: Engine, rubric: Rubric) -> list[tuple[float, ...]]:
    """Return the judge's prior for each of the rubric's questions (one without questions: one).

    It is the mean distribution [answers] over texts that say nothing.
    """
    asker = _Asker(engine, Method(), frozenset(engine.special_tokens()))
    return list(asker.asked_priors(rubric))


def ask(questions: Iterable[Question], engine: Engine, method: Method) -> Iterator[Answer]:
    """Yield an answer to every question, in any order, as they come."""
    asker = _Asker(engine, method, frozenset(engine.special_tokens()))
    if method.rationale == "none":
        yield from asker.answers(questions)
        return
    iterator = iter(questions)
    while chunk := list(islice(iterator, _CHUNK)):
        if method.rationale == "before":
            yield from asker.reasoned(chunk)
        else:
            yield from asker.explained(chunk)


@dataclass(frozen=True, slots=True)
class _Asker:
    engine: Engine
    method: Method
    specials: frozenset[str]
    priors: dict[str, list[tuple[float, ...]]] = field(default_factory=dict)

    def answers(
        self, questions: Iterable[Question], reasons: Mapping[str, str] | None = None
    ) -> Iterator[Answer]:
        asked: dict[str, tuple[Question, int]] = {}
        found: dict[str, dict[int, Choice]] = {}
        reasons = reasons or {}
        if self.method.calibration == "content_free":
            questions = list(questions)
            self._learn_priors(questions)

        def requests() -> Iterator[ChoiceRequest]:
            for question in questions:
                reason = reasons.get(question.key, "")
                for number, request in enumerate(self._requests(question, reason)):
                    asked[request.key] = (question, number)
                    yield request

        for choice in self.engine.choose(requests()):
            question, number = asked.pop(choice.key)
            parts = found.setdefault(question.key, {})
            parts[number] = choice
            if len(parts) == max(1, len(question.rubric.questions)):
                done = [part for _, part in sorted(found.pop(question.key).items())]
                yield self._answer(question, done, reasons.get(question.key, ""))

    def reasoned(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Yield the answers that follow on reasons; without reasons there is none."""
        talks = {}
        for question in questions:
            message = f"{reads(question, self.specials)}\n\n{FIRST_WHY[question.rubric.language]}"
            talks[question.key] = (Message("user", message),)
        reasons = self._complete(talks)
        yield from self.answers([q for q in questions if q.key in reasons], reasons)
        for question in questions:
            if question.key not in reasons:
                yield Answer(question.key, Unscored("engine:no_rationale", final=False), 0, 0.0)

    def explained(self, questions: Sequence[Question]) -> Iterator[Answer]:
        """Yield the answers with reasons asked for afterwards: they change no score."""
        known = {question.key: question for question in questions}
        answers = list(self.answers(questions))
        talks = {}
        for answer in answers:
            question = known[answer.key]
            if isinstance(answer.outcome, Scored) and not question.rubric.questions:
                given = f"{question.rubric.answer_prefix}{_likeliest(answer.outcome)}"
                talks[answer.key] = (
                    Message("user", reads(question, self.specials)),
                    Message("assistant", given),
                    Message("user", THEN_WHY[question.rubric.language]),
                )
        reasons = self._complete(talks)
        yield from (replace(a, rationale=reasons.get(a.key, "")) for a in answers)

    def _complete(self, talks: Mapping[str, tuple[Message, ...]]) -> dict[str, str]:
        sampling = Sampling(temperature=0.0, top_p=1.0, max_tokens=self.method.rationale_tokens)
        requests = [CompletionRequest(key, talk, sampling, 0) for key, talk in talks.items()]
        return {d.key: d.text.strip() for d in self.engine.complete(requests) if d.text.strip()}

    def _requests(self, question: Question, reason: str) -> Iterator[ChoiceRequest]:
        rubric = question.rubric
        reading = self._reading(question)
        # Tokenizers join a space to the word after it, so the prefix ends before its space
        # and each answer is spelled with and without one.
        prefix = rubric.answer_prefix.rstrip()
        if reason:
            prefix = f"{neutralise(reason, self.specials)}\n{prefix}"
        options = tuple((f" {label}", label) for label in labels_of(rubric))
        for number, asked in enumerate(rubric.questions or ("",)):
            key = f"{question.key}#{number}" if rubric.questions else question.key
            if reading is not None:
                yield ChoiceRequest(key, (), options, reading=reading)
                continue
            message = reads(question, self.specials, asked)
            if reason:
                message = f"{message}\n\n{FIRST_WHY[rubric.language]}"
            decision = self._decision(question, asked)
            yield ChoiceRequest(key, (Message("user", message),), options, prefix, decision)

    def _reading(self, question: Question) -> Reading | None:
        if not isinstance(self.engine, ReadingEngine):
            return None
        return reading_of(question, self.specials, evidence=self.engine.reads == "evidence")

    def _decision(self, question: Question, asked: str) -> Decision | None:
        if not isinstance(self.engine, DecisionEngine):
            return None
        return decision_of(question, self.specials, asked)

    def _answer(self, question: Question, choices: Sequence[Choice], reason: str) -> Answer:
        rubric, floor = question.rubric, self.method.mass_floor
        priors = self.priors.get(rubric.rubric_id)
        if rubric.questions:
            outcome = decomposed_outcome(choices, rubric, floor, priors)
        else:
            prior = priors[0] if priors else None
            outcome = outcome_of(choices[0], rubric, question.order, floor, prior)
        tokens = sum(choice.prompt_tokens for choice in choices)
        seconds = sum(choice.seconds for choice in choices)
        remark = next((choice.remark for choice in choices if choice.remark), "")
        return Answer(question.key, outcome, tokens, seconds, reason, remark)

    def _learn_priors(self, questions: Sequence[Question]) -> None:
        """Ask for the prior of every rubric: the mean answer about texts that say nothing."""
        for rubric in {q.rubric.rubric_id: q.rubric for q in questions}.values():
            if rubric.rubric_id not in self.priors:
                self.priors[rubric.rubric_id] = list(self.asked_priors(rubric))

    def asked_priors(self, rubric: Rubric) -> Iterator[tuple[float, ...]]:
        requests = []
        for nothing in CONTENT_FREE[rubric.language]:
            prompt = Prompt(identity(["content-free"]), "all", (Message("user", nothing),))
            alone = Question(f"prior/{nothing}", rubric, prompt, nothing)
            pair = replace(alone, other=nothing, order="AB")
            question = pair if rubric.mode == "pairwise" else alone
            requests += list(self._requests(question, ""))
        number = max(1, len(rubric.questions))
        answers: list[list[tuple[float, ...]]] = [[] for _ in range(number)]
        places = {request.key: at % number for at, request in enumerate(requests)}
        for choice in self.engine.choose(requests):
            if not choice.error and math.isfinite(max(choice.logprobs)):
                answers[places[choice.key]].append(choice.probabilities)
        for own in answers:
            yield _mean(own, len(labels_of(rubric)))


def _mean(answers: Sequence[tuple[float, ...]], size: int) -> tuple[float, ...]:
    """Return the mean distribution; where the judge says nothing at all, an even one."""
    if not answers:
        return (1 / size,) * size
    means = [max(_FLOOR, math.fsum(p) / len(answers)) for p in zip(*answers, strict=True)]
    total = math.fsum(means)
    return tuple(mean / total for mean in means)


def _likeliest(outcome: Scored) -> str:
    best = max(range(len(outcome.options)), key=lambda at: outcome.probabilities[at])
    return outcome.options[best]
