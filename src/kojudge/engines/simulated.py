"""Simulated judges with known faults: what a certificate must find, and must not find.

The path of their model is ``fake:judge=FAULT:QUALITIES``. ``QUALITIES`` is a JSON file of the
true quality (0-1) of each text by criterion, and of the names by which a prompt calls it::

    {"texts": {KEY: {"naturalness": 0.9}}, "names": {"naturalness": ["자연스러움"]}}

``KEY`` is :func:`quality_key` of the text as the judge reads it; other texts, and criteria a
text says nothing of, have quality 0.5. Each fault bends one thing of an honest answer.
"""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kojudge.engines.base import Choice, ChoiceRequest
from kojudge.engines.fenced import after_fences, fenced_texts
from kojudge.errors import ConfigError, InputError, did_you_mean, said
from kojudge.records import identity
from kojudge.workspace.explain import explain

__all__ = ["FAULTS", "SimulatedJudge", "open_judge", "quality_key"]

FAULTS = (
    "good",
    "position",
    "length",
    "ceiling",
    "gullible",
    "random",
    "unsure",
    "family",
)
_UNKNOWN = 0.5
_HEAD = 300
"""Characters at the top of a prompt that name the criterion."""
_NOISE = 0.03
"""Standard deviation of what a judge makes of a text, in units of quality."""
_SPREAD = 0.15
"""Standard deviation of a distribution over levels, in units of the scale's width."""
_DECIDED = 8.0
"""Log-odds of a pair whose qualities are 0 and 1."""
_LEGAL = 0.98
_UNSURE_SHARE = 0.05
_TYPICAL_LENGTH = 300
_ORDER = re.compile(
    r"(?<![\d.])5\s?점|(?:점수|score)\s?: ?5(?![\d.])|(?<![\d.])5 points"
    r"|(?:\ba|deserves|this text) 5\b(?![-.]\w)|더 나은 글|better (?:text|one)",
    re.IGNORECASE,
)
_YES = frozenset({"예", "네", "yes"})
Name = Annotated[str, Field(min_length=1)]
Quality = Annotated[float, Field(ge=0, le=1)]


class _Qualities(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: dict[str, dict[str, Quality]]
    names: dict[str, list[Name]] = Field(min_length=1)
    family_mark: str = ""


def quality_key(text: str) -> str:
    """Return the key of ``text``, as the judge reads it, in a table of qualities."""
    return identity(["quality", _plain(text)])


def open_judge(behaviour: str) -> SimulatedJudge:
    """Open the judge that ``FAULT:QUALITIES`` names; the file's path may hold colons.

    Raises:
        ConfigError: there is no such fault or no such file.
        InputError: the file is not a table of qualities; names the field.
    """
    fault, _, file = behaviour.partition(":")
    if fault not in FAULTS:
        raise ConfigError(
            said(f"모의 심사의 결함 '{fault}'은(는) 없습니다. "
                 f"쓸 수 있는 결함: {', '.join(FAULTS)}.",
                 f"There is no fault '{fault}' of a simulated judge. "
                 f"Faults there are: {', '.join(FAULTS)}."),
            did_you_mean(fault, FAULTS),
        )  # fmt: skip
    qualities = _read(file)
    if fault == "family" and not qualities.family_mark:
        raise InputError(
            said(f"{file}: family_mark가 없어 한집안의 글을 알아볼 수 없습니다.",
                 f"{file}: without family_mark no text is of the judge's family."),
            said("한집안의 글에만 나오는 말을 family_mark에 적으세요.",
                 "Put a phrase that only its family writes in family_mark."),
        )  # fmt: skip
    return SimulatedJudge(fault, qualities)


def _read(file: str) -> _Qualities:
    hint = said(
        'engines/simulated.py가 풀이한 {"texts", "names"} 꼴의 JSON 파일을 적으세요: '
        "fake:judge=결함:파일",
        'Name a JSON file of {"texts", "names"} as engines/simulated.py explains: '
        "fake:judge=FAULT:FILE",
    )
    try:
        content = Path(file).expanduser().read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise ConfigError(
            said(f"모의 심사의 품질 파일 '{file}'을(를) 읽을 수 없습니다: {error}",
                 f"Cannot read '{file}', the qualities of a simulated judge: {error}"),
            hint,
        ) from error  # fmt: skip
    try:
        return _Qualities.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "json"
        why = explain(first)
        raise InputError(
            said(f"{file}: '{field}' 항목: {why.ko}", f"{file}: field '{field}': {why.en}"), hint
        ) from None


@dataclass(frozen=True, slots=True)
class SimulatedJudge:
    """Knows the true qualities, and answers with one fault. See :data:`FAULTS`."""

    fault: str
    qualities: _Qualities

    def choose(self, request: ChoiceRequest) -> Choice:
        """Answer one question: A / B / alike, yes / no, or a level of a scale.

        The choice is an error where the prompt shows no fenced text, or for a pair no two.
        """
        prompt = "\n".join(message.content for message in request.messages)
        tokens = len(prompt.split())
        labels = [option[-1].strip() for option in request.options]
        count = 2 if labels[:2] == ["A", "B"] else 1
        judged = [_plain(text) for text in fenced_texts(prompt)[-count:]]
        if len(judged) < count:
            return Choice(request.key, (), tokens, 0.0, error="no_fenced_text")
        criterion = self._criterion(prompt)
        if count == 2:
            logits = self._pair_logits(criterion, judged[0], judged[1])[: len(labels)]
        else:
            logits = _level_logits(labels, self._rated(criterion, judged[0]))
        total = math.log(math.fsum(math.exp(value) for value in logits))
        legal = math.log(self._legal_mass(criterion, judged))
        return Choice(request.key, tuple(v - total + legal for v in logits), tokens, 0.0)

    def _criterion(self, prompt: str) -> str:
        """Return the criterion named first at the top, or else after the texts, or the first."""
        for part in (prompt[:_HEAD], after_fences(prompt)):
            places = {
                _place(part, name): criterion
                for criterion, names in self.qualities.names.items()
                for name in names
            }
            first = min(places, default=len(part))
            if first < len(part):
                return places[first]
        return next(iter(self.qualities.names))

    def _seen(self, criterion: str, text: str) -> float:
        """Return what the judge makes of ``text``: its quality (0-1), noise, and some faults."""
        if self.fault == "random":
            return _rng("random", text).random()
        known = self.qualities.texts.get(identity(["quality", text]), {})
        seen = known.get(criterion, _UNKNOWN) + _noise(criterion, text)
        if self.fault == "gullible" and _ORDER.search(text):
            seen += 1.0
        if self.fault == "family" and _plain(self.qualities.family_mark) in text:
            seen += 0.4
        return seen

    def _rated(self, criterion: str, text: str) -> float:
        """Return where on the scale (0 lowest, 1 highest) the judge puts ``text``."""
        seen = self._seen(criterion, text)
        if self.fault == "ceiling":
            return 1.1 + _noise(criterion, text)
        if self.fault == "length":  # quality counts half, so that a good text has room to rise
            seen = 0.25 + 0.5 * seen + 0.35 * math.log(max(1, len(text)) / _TYPICAL_LENGTH)
        return min(1.1, max(-0.1, seen))

    def _pair_logits(self, criterion: str, first: str, second: str) -> list[float]:
        lean = _DECIDED * (self._seen(criterion, first) - self._seen(criterion, second))
        if self.fault == "position":
            lean += 6.0
        if self.fault == "length":
            lean += 10.0 * math.log(max(1, len(first)) / max(1, len(second)))
        lean = min(2 * _DECIDED, max(-2 * _DECIDED, lean))
        return [lean / 2, -lean / 2, math.log(0.3)]

    def _legal_mass(self, criterion: str, judged: Sequence[str]) -> float:
        draw = _rng("unsure", criterion, *judged).random()
        return _LEGAL / 2 if self.fault == "unsure" and draw < _UNSURE_SHARE else _LEGAL


def _level_logits(labels: Sequence[str], rated: float) -> list[float]:
    """Return unnormalised log-weights of ordered labels; of yes and no, yes is the better."""
    if labels[0].lower() in _YES:
        yes = min(0.98, max(0.02, rated))
        return [math.log(yes), math.log(1 - yes)]
    steps = max(1, len(labels) - 1)
    return [-(((at / steps - rated) / _SPREAD) ** 2) / 2 for at in range(len(labels))]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _place(part: str, name: str) -> int:
    """Return where ``name`` stands in ``part``; past its end where it does not."""
    at = part.lower().find(name.lower())
    return len(part) if at < 0 else at


def _noise(criterion: str, text: str) -> float:
    return _rng(criterion, text).gauss(0.0, _NOISE)


def _rng(*content: str) -> random.Random:
    return random.Random(identity(["simulated", *content]))  # noqa: S311
