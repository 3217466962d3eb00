"""Question files of other benchmarks as lines of a prompt set.

Only the first turn of a question becomes a prompt: a later one speaks of the model's own
answer, which no prompt file can hold. Reference answers have no place either. Both are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kojudge.bridges.mt_bench import NO_CATEGORY, turns_of
from kojudge.bridges.peer_files import Line, Name, Record, checked, identifier, records, wrong
from kojudge.bridges.tally import Tally
from kojudge.errors import ConfigError, Said, said
from kojudge.store.lines import LineError, problem_at

__all__ = ["QUESTION_FORMATS", "Prompts", "prompt_lines"]


@dataclass(frozen=True, slots=True)
class Prompts:
    """Lines of a prompt set, and what of the questions is not in them."""

    lines: Sequence[Line]
    left_out: Sequence[Said]


@dataclass(frozen=True, slots=True)
class _Question:
    id: str
    category: str
    turns: Sequence[str]
    references: int


class _LogicKor(Record):
    category: Name
    questions: list[str]


class _Alpaca(Record):
    instruction: Name


def prompt_lines(form: str, paths: Sequence[str]) -> Prompts:
    """Return the prompts of question files in ``form``; their ids begin with its name.

    Raises:
        ConfigError: ``form`` has no question files.
        InputError: a file is wrong; names file, line and field.
    """
    if form not in QUESTION_FORMATS:
        listed = ", ".join(QUESTION_FORMATS)
        raise ConfigError(
            said(f"--format {form}의 파일은 프롬프트 묶음으로 바꾸지 않습니다.",
                 f"Files of --format {form} are not turned into a prompt set."),
            said(f"바꿀 수 있는 형식: {listed}", f"Formats that can be: {listed}"),
        )  # fmt: skip
    tally = Tally(_WORDS)
    lines: list[Line] = []
    ids: set[str] = set()
    asked: set[tuple[str, str]] = set()
    for path, line, question in _questions(form, paths):
        try:
            lines.append(_line(form, question, ids, asked))
        except LineError as error:
            raise problem_at(path, line, error) from error
        tally.add("turns", len(question.turns) - 1)
        tally.add("questions", int(len(question.turns) > 1))
        tally.add("references", question.references)
    return Prompts(lines, tally.said())


def _questions(form: str, paths: Sequence[str]) -> Iterator[tuple[str, int, _Question]]:
    for path in paths:
        for number, (line, data) in enumerate(records(path), start=1):
            try:
                yield path, line, QUESTION_FORMATS[form](data, number)
            except LineError as error:
                raise problem_at(path, line, error) from error


def _line(form: str, question: _Question, ids: set[str], asked: set[tuple[str, str]]) -> Line:
    if question.id in ids:
        raise wrong(
            "id", said("같은 id가 두 번 나옵니다.", "this id stands there twice."), question.id
        )
    request = question.turns[0]
    if not request.strip():
        raise LineError("", said("첫 질문이 비어 있습니다.", "the first question is empty."))
    if (question.category, request) in asked:
        raise LineError("", said("앞의 질문과 똑같습니다.", "repeats an earlier question."))
    ids.add(question.id)
    asked.add((question.category, request))
    return {
        "id": f"{form}-{question.id}",
        "category": question.category,
        "messages": [{"role": "user", "content": request}],
    }


def _logickor(data: Line, _: int) -> _Question:
    record = checked(_LogicKor, data)
    if not record.questions:
        raise LineError("questions", said("비어 있습니다.", "is empty."))
    references = _references(data, "references")
    return _Question(identifier(data, "id"), record.category, record.questions, references)


def _mt_bench(data: Line, _: int) -> _Question:
    category, references = _category(data, "category"), _references(data, "reference")
    return _Question(identifier(data, "question_id"), category, turns_of(data), references)


def _alpaca_eval(data: Line, number: int) -> _Question:
    record = checked(_Alpaca, data)
    return _Question(str(number), _category(data, "dataset"), [record.instruction], 0)


def _category(data: Line, field: str) -> str:
    given = data.get(field)
    return given if isinstance(given, str) and given else NO_CATEGORY


def _references(data: Line, field: str) -> int:
    given = data.get(field)
    return sum(bool(one) for one in given) if isinstance(given, list) else 0


QUESTION_FORMATS: Mapping[str, Callable[[Line, int], _Question]] = {
    "logickor": _logickor,
    "mt-bench": _mt_bench,
    "alpaca-eval": _alpaca_eval,
}
"""How each format's record, with its number from 1, is read."""
_WORDS = {
    "questions": said(
        "주의: 질문 {n}개는 첫 차례만 담았습니다. 둘째 차례부터는 모델 자신의 앞 답이 있어야 물을 수 있습니다.",
        "Note: of {n} questions only the first turn is taken. A later turn can be asked only after "
        "the model's own answer.",
    ),
    "turns": said("담지 않은 차례: {n}", "Turns left out: {n}"),
    "references": said(
        "담지 않은 모범 답: {n}(프롬프트에는 둘 자리가 없습니다)",
        "Reference answers left out: {n}; a prompt has no place for them",
    ),
}
