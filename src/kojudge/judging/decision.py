"""The same question in parts, for judges that write their own prompt (decision models)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kojudge.engines import Decision
from kojudge.judging.question import Question, evidence_of, labels_of
from kojudge.records import Message, identity
from kojudge.rubrics import fence_marker, neutralise, render_pair, render_text

__all__ = ["decision_of"]


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands around the texts, and in their place where the rubric shows them."""

    request: str
    text: str
    turn: str
    start: str
    end: str
    above: str
    levels: str


_WORDS = {
    "ko": _Words(
        "부탁", "글", "앞선 대화", "시작", "끝",
        "(자료에 있는 {})", "고를 답은 낮은 단계부터 차례로 {}입니다.",
    ),
    "en": _Words(
        "request", "text", "earlier turn", "start", "end",
        "(the {} in the material)", "The answers to choose from are, from the lowest level up, {}.",
    ),
}  # fmt: skip


def decision_of(question: Question, specials: Collection[str] = (), asked: str = "") -> Decision:
    """Return ``question`` in parts; ``asked`` is one of the rubric's questions.

    The state holds request and texts, the question the rubric with a pointer in their place:
    whatever rubrics ask of the same texts, the state is the same.

    Raises:
        InputError: the rubric cannot be filled; names file and line.
    """
    rubric = question.rubric
    meanings = {level.label: level.description for level in rubric.levels}
    scored = rubric.mode == "pointwise" and not rubric.questions
    return Decision(
        rubric=rubric.name,
        kind="score" if scored else "choice",
        state=_state(question, specials),
        question=_asked(question, asked, scored=scored),
        options=tuple((label, meanings.get(label, "")) for label in labels_of(rubric)),
    )


def _names(question: Question) -> Sequence[str]:
    name = _WORDS[question.rubric.language].text
    return [name] if question.other is None else [f"{name} A", f"{name} B"]


def _state(question: Question, specials: Collection[str]) -> str:
    """Return the request and the fenced texts. The marker is drawn from them alone."""
    words, prompt = _WORDS[question.rubric.language], question.prompt
    defended = question.defended
    texts = [neutralise(t, specials) if defended else t for t in question.shown]
    history = [(m.role, neutralise(m.content, specials)) for m in prompt.history]
    request = neutralise(prompt.request, specials)
    material = "\n".join([request, *(content for _, content in history), *texts])
    marker = f" {fence_marker(identity(['state', material]), material)}" if defended else ""
    blocks = [(f"{words.turn}: {role}", content, marker) for role, content in history]
    blocks.append((words.request, request, ""))
    blocks += [(n, t, marker) for n, t in zip(_names(question), texts, strict=True)]
    return "\n\n".join(
        f"[{name} {words.start}{own}]\n{text}\n[{name} {words.end}{own}]"
        for name, text, own in blocks
    )


def _asked(question: Question, asked: str, *, scored: bool) -> str:
    """Return the rubric as it is asked, without the answer format that the server replaces."""
    rubric = question.rubric
    words = _WORDS[rubric.language]
    message = _rendered(question, asked)
    opening = rubric.answer_prefix.strip()
    lines = [
        line for line in message.splitlines() if not (opening and f'"{opening}"' in line)
    ]  # "write one of 1, 2, … after 점수:"
    if scored:  # some servers show numbers from 0 or letters in place of the levels
        lines.append(words.levels.format(", ".join(rubric.labels)))
    return "\n".join(lines).strip()


def _rendered(question: Question, asked: str) -> str:
    """Render the rubric with pointers to the state where it shows request and texts."""
    rubric, prompt, key = question.rubric, question.prompt, question.key
    above = _WORDS[rubric.language].above
    pointer = Message("user", above.format(_WORDS[rubric.language].request))
    bare = replace(prompt, messages=(pointer,))
    names = [above.format(name) for name in _names(question)]
    seen = [evidence_of(rubric, prompt, text) for text in question.shown]
    if question.other is None:
        return render_text(
            rubric, bare, names[0], key, defended=False, evidence=seen[0], question=asked
        )
    first, second = names
    return render_pair(
        rubric, bare, first, second, key, defended=False, evidence=(seen[0], seen[1])
    )
