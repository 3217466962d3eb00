"""The ``head`` engine: judges from a small model's states, by the lines of a head.

A text is read once, given its request; every criterion, order and pair is answered from
what was read.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from kojudge.engines.base import Choice, ChoiceRequest, Completion, CompletionRequest, Reading
from kojudge.engines.head.features import Passage, Reader, State, with_evidence
from kojudge.engines.head.file import Floats, Head, Line, head_hash, read_head
from kojudge.engines.head.levels import distribution, outside, preference, standardise
from kojudge.errors import ConfigError, EngineError, said
from kojudge.records import Json, Mode, ModelSpec

__all__ = ["HeadEngine"]

_WINDOW = 16
"""Batches looked at together, so that texts of like length share a batch."""
_KEPT = 16_384
"""Texts whose states are kept: 60 MB at 900 numbers each."""


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """What is kept of a text: its standardised state ``x`` float32 [D], or an ``error``."""

    x: Floats | None
    outside: bool
    cut: bool
    error: str


class HeadEngine:
    """A head over its base model."""

    def __init__(self, spec: ModelSpec, *, batch_size: int = 16) -> None:
        """Read the head and load the model.

        Raises:
            ConfigError: the model has not the layers or the width of the head's base.
            UnavailableError: head, libraries or weights are missing or unreadable.
        """
        if spec.head is None:
            raise _no_head(spec)
        self._spec = spec
        self._batch_size = batch_size
        self._head = read_head(Path(spec.head))
        self._hash = head_hash(Path(spec.head))
        self._reader = Reader(spec, batch_size=batch_size)
        if self._head.width != self._reader.width or self._head.layer > self._reader.layers:
            raise _other_model(spec, self._head, self._reader)
        self._known: OrderedDict[Passage, _Known] = OrderedDict()

    @property
    def reads(self) -> Literal["texts", "evidence"]:
        """Tell that it is handed texts, not messages; with what was counted, if it learned so."""
        return "evidence" if self._head.evidence else "texts"

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:  # noqa: ARG002
        """Refuse: a head writes nothing.

        Raises:
            EngineError: always.
        """
        name = self._spec.name
        raise EngineError(
            said(f"'{name}'은(는) 헤드라서 글을 쓰지 못합니다.",
                 f"'{name}' is a head: it writes no text."),
            said("심사 모델로만 쓰세요. 까닭을 글로 쓰는 심사에는 다른 엔진이 필요합니다.",
                 "Use it as a judge only; reasons in words take another engine."),
        )  # fmt: skip

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        """Give the probability of every answer; they sum to 1.

        Tokens and seconds of a text are told with the first answer that took it.

        Raises:
            ConfigError: the head has no line for what is asked.
            EngineError: a request does not come from a rubric, or the libraries below failed.
        """
        waiting = iter(requests)
        while window := list(islice(waiting, self._batch_size * _WINDOW)):
            lines = [self._line(request) for request in window]
            passages = [_passages(request) for request in window]
            # In the order asked: the same questions make the same batches in every process.
            states, costs = self._states(list(dict.fromkeys(p for own in passages for p in own)))
            for request, line, own in zip(window, lines, passages, strict=True):
                spent = [costs.pop(passage, (0, 0.0)) for passage in own]
                tokens, seconds = sum(t for t, _ in spent), math.fsum(s for _, s in spent)
                yield _answer(request.key, line, [states[p] for p in own], tokens, seconds)

    def special_tokens(self) -> frozenset[str]:
        """Return what the base model's tokenizer and chat template do not take for text."""
        return self._reader.special_tokens()

    def describe(self) -> Mapping[str, Json]:
        """Say what ran; the probabilities come renormalised."""
        return {
            **self._reader.describe(),
            "engine": "head",
            "head": self._head.name,
            "head_hash": self._hash,
            "reads": self.reads,
            "layer": self._head.layer,
            "pooling": self._head.pooling,
            "mass": "not measured",
        }

    def close(self) -> None:
        """Free the model's memory."""
        self._known.clear()
        self._reader.close()

    def _line(self, request: ChoiceRequest) -> Line:
        reading = _reading(request)
        labels = tuple(spellings[-1] for spellings in request.options)
        line = self._head.line(reading.criterion, reading.mode)
        if line is None or line.labels != labels:
            raise _no_line(self._head, reading.criterion, reading.mode, labels)
        return line

    def _states(
        self, passages: Sequence[Passage]
    ) -> tuple[dict[Passage, _Known], dict[Passage, tuple[int, float]]]:
        """Return what is known of ``passages``, and what reading the new ones cost."""
        new = [passage for passage in passages if passage not in self._known]
        states = {p: self._known[p] for p in passages if p in self._known}
        started = time.perf_counter()
        place = (self._head.layer, self._head.pooling)
        read = {new[at]: state for at, state in self._reader.states(new, [place])}
        seconds = time.perf_counter() - started
        states |= {passage: self._kept(state) for passage, state in read.items()}
        for passage in passages:
            self._known[passage] = states[passage]
            self._known.move_to_end(passage)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
        total = sum(state.tokens for state in read.values()) or 1
        return states, {p: (s.tokens, seconds * s.tokens / total) for p, s in read.items()}

    def _kept(self, state: State) -> _Known:
        vector = state.vectors.get((self._head.layer, self._head.pooling))
        if vector is None:
            return _Known(None, False, state.cut, state.error)
        x = standardise(self._head, vector)
        far = bool(outside(self._head.domain, x) > self._head.domain.limit)
        return _Known(x, far, state.cut, "")


def _reading(request: ChoiceRequest) -> Reading:
    if request.reading is not None:
        return request.reading
    raise EngineError(
        said(f"head 엔진이 물을 수 없는 요청입니다: {request.key}",
             f"A request that the head engine cannot ask: {request.key}"),
        said("이 엔진은 루브릭에서 나온 질문만 묻습니다. 다른 엔진을 쓰세요.",
             "It asks what comes of rubrics only. Use another engine."),
    )  # fmt: skip


def _passages(request: ChoiceRequest) -> tuple[Passage, ...]:
    reading = _reading(request)
    if not reading.evidence:
        return tuple(Passage(reading.turns, text) for text in reading.texts)
    both = zip(reading.texts, reading.evidence, strict=True)
    return tuple(Passage(with_evidence(reading.turns, counted), text) for text, counted in both)


def _answer(key: str, line: Line, states: Sequence[_Known], tokens: int, seconds: float) -> Choice:
    """Answer from the state of one text, or from those of two in the order shown."""
    found = [state.x for state in states if state.x is not None]
    if len(found) < len(states):
        error = next(state.error for state in states if state.x is None)
        return Choice(key, (), tokens, seconds, error=error)
    if line.mode == "pointwise":
        probabilities = distribution(line, found[0])
    else:
        probabilities = preference(line, *found)[: len(line.labels)]
    logs = tuple(math.log(p) if p > 0 else -math.inf for p in probabilities)
    remark: Literal["", "out_of_domain", "cut"] = ""
    if any(state.outside for state in states):
        remark = "out_of_domain"
    elif any(state.cut for state in states):
        remark = "cut"
    return Choice(key, logs, tokens, seconds, renormalised=True, remark=remark)


def _no_head(spec: ModelSpec) -> ConfigError:
    return ConfigError(
        said(f"카드 '{spec.name}'에 head 항목이 없어 head 엔진으로 돌릴 수 없습니다.",
             f"The card '{spec.name}' has no head section: the head engine cannot run it."),
        said("카드에 `head: {path: heads/이름}`을 적거나 다른 엔진을 쓰세요.",
             "Give the card `head: {path: heads/NAME}`, or use another engine."),
    )  # fmt: skip


def _other_model(spec: ModelSpec, head: Head, reader: Reader) -> ConfigError:
    return ConfigError(
        said(f"헤드 '{head.name}'은(는) 모델 '{spec.name}'의 것이 아닙니다: 헤드는 {head.layer}번째 층의 "
             f"너비 {head.width}를 읽는데 모델은 {reader.layers}층, 너비 {reader.width}입니다.",
             f"The head '{head.name}' is not of the model '{spec.name}': it reads layer {head.layer} "
             f"of width {head.width}; the model has {reader.layers} layers of width {reader.width}."),
        said("헤드를 학습한 기반 모델을 카드의 source에 적으세요.",
             "Give the card the base model that the head was trained on as its source."),
    )  # fmt: skip


def _no_line(head: Head, criterion: str, mode: Mode, labels: Sequence[str]) -> ConfigError:
    has = ", ".join(f"{o.criterion} {o.mode} ({'/'.join(o.labels)})" for o in head.lines)
    asked = f"{criterion} {mode} ({'/'.join(labels)})"
    return ConfigError(
        said(f"헤드 '{head.name}'은(는) {asked}을(를) 배우지 않았습니다. 배운 것: {has}",
             f"The head '{head.name}' has not learned {asked}. It has learned: {has}."),
        said("배운 항목의 루브릭만 쓰거나(`--rubric`, `--mode`), `kojudge judge train`으로 그 항목까지 학습하세요.",
             "Use rubrics of what it has learned (`--rubric`, `--mode`), or train it on this one "
             "too with `kojudge judge train`."),
    )  # fmt: skip
