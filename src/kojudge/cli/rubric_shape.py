"""Does a filled rubric show the judge what it must: text, fence, levels, task, answer format?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kojudge.audit.texts import Source, is_training
from kojudge.cli.rubric_findings import (
    Finding,
    error,
    fill,
    line_of,
    lines_naming,
    place_of,
    warning,
)
from kojudge.errors import said
from kojudge.judging.question import YES_NO
from kojudge.records import Message, Prompt
from kojudge.rubrics import Rubric

__all__ = ["TEXTS", "answers_of", "example_findings", "level_findings", "shape_findings"]

TEXTS = {
    "pointwise": ("살펴볼 글 하나가 여기 있다.",),
    "pairwise": ("견줄 글 가운데 첫째가 여기 있다.", "견줄 글 가운데 둘째가 여기 있다."),
}
"""Texts that stand for the judged ones: no rubric says the same."""
_NAMES = {"pointwise": ("text",), "pairwise": ("text_a", "text_b")}
FEWEST_CHARACTERS = 8
"""A level described in fewer characters names no difference that can be seen in a text."""


@dataclass(frozen=True, slots=True)
class _Filled:
    """A rubric filled with the stand-in texts; ``marker`` is its fence's."""

    rubric: Rubric
    message: str
    marker: str

    @property
    def tail(self) -> str:
        """What stands after the judged text, its closing fence left out."""
        end = max(self.message.rfind(text) + len(text) for text in TEXTS[self.rubric.mode])
        rest = self.message[end:].lstrip("\n")
        first, _, later = rest.partition("\n")
        return later if self.marker in first else rest


def answers_of(rubric: Rubric) -> tuple[str, ...]:
    """Return the legal answers: the levels, or yes and no where the rubric has questions."""
    return YES_NO[rubric.language] if rubric.questions else rubric.labels


def level_findings(rubric: Rubric) -> Iterator[Finding]:
    """Yield levels that a judge cannot tell apart by their descriptions."""
    seen: dict[str, str] = {}
    for level in rubric.levels:
        place = place_of(rubric, line_of(rubric, f"{level.label}:"))
        if level.description in seen:
            twin = seen[level.description]
            yield warning(
                "same_levels",
                place,
                said(f"단계 {twin}과 {level.label}의 설명이 같습니다.",
                     f"levels {twin} and {level.label} are described alike."),
                said("글에서 눈으로 확인할 수 있는 차이를 적으세요.",
                     "Describe a difference that can be seen in a text."),
            )  # fmt: skip
        elif len(level.description) < FEWEST_CHARACTERS:
            yield warning(
                "short_level",
                place,
                said(f"단계 {level.label}의 설명이 너무 짧습니다: {level.description!r}",
                     f"level {level.label} is hardly described: {level.description!r}"),
                said("'좋다', '보통이다' 같은 말로는 작은 심사 모델이 가르지 못합니다.",
                     "Small judges cannot tell \"good\" from \"fair\": say what can be seen."),
            )  # fmt: skip
        seen.setdefault(level.description, level.label)


def shape_findings(rubric: Rubric, prompt: Prompt) -> list[Finding]:
    """Return what is missing in the filled rubric. It must fill without an error."""
    texts = TEXTS[rubric.mode]
    marker = fill(replace(rubric, body="{{ fence }}"), prompt, texts)
    filled = _Filled(rubric, fill(rubric, prompt, texts), marker)
    shown = list(_texts(filled))
    if any(finding.code == "text_not_shown" for finding in shown):
        return shown
    return [*shown, *_levels(filled, prompt), *_task(filled), *_answer(filled)]


def example_findings(rubric: Rubric, sources: Sequence[Source]) -> Iterator[Finding]:
    """Yield examples taken from texts that test the judge: it would be shown the answers."""
    line = line_of(rubric, "examples:")
    known = {
        text: source.source_id
        for source in sources
        for text in (source.original, *source.rewrites.values())
    }
    for number, example in enumerate(rubric.examples, start=1):
        given = [t for t in (example.text, example.text_a, example.text_b) if t]
        origins = {known[t.strip()] for t in given if t.strip() in known}
        origins |= {example.source} if example.source else set()
        for origin in sorted(o for o in origins if not is_training(o)):
            yield error(
                "example_of_test_split",
                place_of(rubric, line),
                said(f"{number}번째 예시는 심사 모델을 검증하는 글({origin})에서 왔습니다.",
                     f"example {number} is taken from a text that tests the judge ({origin})."),
                said("예시로 쓸 수 있는 원문은 judge/audit/README.md의 설명대로 정해져 있습니다. "
                     "다른 원문이나 새로 쓴 글을 쓰세요.",
                     "Use a source of the training split (judge/audit/README.md), or a new text."),
            )  # fmt: skip


def _texts(filled: _Filled) -> Iterator[Finding]:
    rubric, message = filled.rubric, filled.message
    for name, text, label in zip(_NAMES[rubric.mode], TEXTS[rubric.mode], "AB", strict=False):
        place = place_of(rubric, next(iter(lines_naming(rubric, name)), None))
        if text not in message:
            yield error(
                "text_not_shown",
                place,
                said(f"평가할 글을 그대로 보여 주지 않습니다: {{{{ {name} }}}}",
                     f"the judged text is not shown as it is: {{{{ {name} }}}}"),
                said(f'{{{{ fenced("글", {name}, fence, "ko") }}}}처럼 넣으세요.',
                     f'Put it in: {{{{ fenced("text", {name}, fence, "en") }}}}'),
            )  # fmt: skip
            continue
        starts = [found.start() for found in re.finditer(re.escape(text), message)]
        if not all(_fenced(message, at, len(text), filled.marker) for at in starts):
            yield warning(
                "not_fenced",
                place,
                said(f"{name}을(를) 표시선으로 감싸지 않았습니다. 글 안의 지시를 심사 모델이 따를 수 있습니다.",
                     f"{name} is not fenced: the judge may follow orders inside the text."),
                said("_fence.md.j2의 fenced 매크로로 감싸세요.",
                     "Wrap it with the macro fenced of _fence.md.j2."),
            )  # fmt: skip
        if rubric.mode == "pairwise" and not _stands(label, _line_before(message, starts[0])):
            yield warning(
                "text_not_named",
                place,
                said(f"{name} 앞에 이 글이 {label}라는 말이 없습니다.",
                     f"nothing before {name} says that this is text {label}."),
                said(f"글 이름에 {label}를 넣으세요: fenced(\"글 {label}\", …)",
                     f'Name it: fenced("Text {label}", …)'),
            )  # fmt: skip


def _levels(filled: _Filled, prompt: Prompt) -> Iterator[Finding]:
    """Levels that the judge is not shown, or must read anew for every text."""
    rubric = filled.rubric
    if rubric.questions:
        return
    place = place_of(rubric, next(iter(lines_naming(rubric, "levels")), None))
    hidden = [level.label for level in rubric.levels if level.description not in filled.message]
    if hidden:
        listed = ", ".join(hidden)
        yield warning(
            "levels_not_shown",
            place,
            said(f"단계 {listed}의 설명을 보여 주지 않습니다.",
                 f"the description of level {listed} is not shown."),
            said("levels를 차례로 보여 주세요. rubrics/README.md에 예가 있습니다.",
                 "Show the levels one by one; rubrics/README.md shows how."),
        )  # fmt: skip
        return
    other = replace(prompt, messages=(Message("user", "다른 부탁"),), category="other")
    head = _shared_start(filled.message, fill(rubric, other, TEXTS[rubric.mode]))
    if not all(level.description in head for level in rubric.levels):
        yield warning(
            "levels_after_request",
            place,
            said("단계 설명이 부탁이나 글보다 뒤에 있어, 심사 모델이 글마다 다시 읽습니다.",
                 "the levels stand after the request or the text, so every text costs them anew."),
            said("늘 같은 설명을 맨 앞에 두세요.", "Put what never changes first."),
        )  # fmt: skip


def _task(filled: _Filled) -> Iterator[Finding]:
    """The task must be said again after the text, where orders in the text end."""
    rubric = filled.rubric
    place = place_of(rubric, _last_text_line(rubric))
    if rubric.questions:
        if rubric.questions[0] not in filled.tail:
            yield warning(
                "question_before_text",
                place,
                said("글 뒤에 질문이 없습니다.", "the question does not stand after the text."),
                said("{{ question }}을 글 뒤로 옮기세요.", "Move {{ question }} after the text."),
            )
        return
    names = (rubric.name_ko, rubric.name_en, rubric.criterion)
    if not any(_stem(name) in filled.tail.lower() for name in names if name):
        name = rubric.name_ko if rubric.language == "ko" else rubric.name_en
        yield warning(
            "task_not_repeated",
            place,
            said(f"글 뒤에서 무엇({name})을 평가하는지 다시 말하지 않습니다.",
                 f"nothing after the text says again what to judge ({name})."),
            said("글이 끝났다는 말과 함께 할 일을 한 번 더 적으세요.",
                 "Say that the text has ended, and what to judge, once more."),
        )  # fmt: skip


def _answer(filled: _Filled) -> Iterator[Finding]:
    rubric, prefix = filled.rubric, filled.rubric.answer_prefix.strip()
    place = place_of(rubric, line_of(rubric, "answer_prefix:"))
    if not prefix:
        yield warning(
            "no_answer_prefix",
            place,
            said("answer_prefix가 없어 심사 모델이 다른 말로 답을 열 수 있습니다.",
                 "without answer_prefix the judge may open its answer with other words."),
            said('머리말에 answer_prefix: "점수: "처럼 적으세요.',
                 'Put answer_prefix: "Score: " into the front matter.'),
        )  # fmt: skip
    elif prefix not in filled.tail:
        yield warning(
            "answer_prefix_differs",
            place,
            said(f"글 뒤의 답하는 방법에 answer_prefix({prefix!r})가 나오지 않습니다.",
                 f"what follows the text does not mention answer_prefix ({prefix!r})."),
            said("본문의 답하는 방법과 answer_prefix를 같게 하세요.",
                 "Make the body's answer format and answer_prefix the same."),
        )  # fmt: skip
    unsaid = [answer for answer in answers_of(rubric) if not _stands(answer, filled.tail)]
    if unsaid:
        listed = ", ".join(unsaid)
        yield warning(
            "answers_not_named",
            place_of(rubric, _last_text_line(rubric)),
            said(f"글 뒤에 쓸 수 있는 답 {listed}이(가) 나오지 않습니다.",
                 f"the legal answer {listed} is not named after the text."),
            said("_answer.md.j2의 answer 매크로로 쓸 수 있는 답을 모두 적으세요.",
                 "Name every legal answer with the macro answer of _answer.md.j2."),
        )  # fmt: skip


def _shared_start(one: str, other: str) -> str:
    same = (a == b for a, b in zip(one, other, strict=False))
    return one[: next((at for at, equal in enumerate(same) if not equal), len(one))]


def _last_text_line(rubric: Rubric) -> int | None:
    lines = [line for name in _NAMES[rubric.mode] for line in lines_naming(rubric, name)]
    return max(lines, default=None)


def _fenced(message: str, start: int, length: int, marker: str) -> bool:
    """Tell whether the marker stands in the lines just before and just after a text."""
    after = message[start + length :].lstrip("\n").partition("\n")[0]
    return marker in _line_before(message, start) and marker in after


def _line_before(message: str, start: int) -> str:
    return message[:start].rstrip("\n").rpartition("\n")[2]


def _stands(label: str, text: str) -> bool:
    """Tell whether ``label`` stands in ``text`` as a word of its own (``A와`` counts)."""
    return bool(re.search(rf"(?<![A-Za-z\d]){re.escape(label)}(?![A-Za-z\d])", text))


def _stem(name: str) -> str:
    """Return the part that 자연스러움 and 자연스러운, or friendliness and friendlier, share."""
    return name[: max(2, len(name) * 3 // 5)].lower()
