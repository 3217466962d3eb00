"""MT-bench and its kin: FastChat's llm_judge, arena-hard-auto, komt-eval.

    question.jsonl            question_id category turns
    model_answer/MODEL.jsonl  question_id model_id choices[] of index and turns
    model_judgment/…          see :mod:`kojudge.bridges.mt_bench_judgments`
    score_result_MODEL.jsonl  komt-eval: id instruction answer chatgpt score

A turn is a string, or (arena-hard) an object with ``content``. Each choice is a sample of the
candidate. All that has no place in a run is kept under ``mt_bench`` for the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import PurePath

from kojudge.bridges.base import Converted, Files
from kojudge.bridges.mt_bench_judgments import Judging, judgment_lines
from kojudge.bridges.mt_bench_votes import label_lines
from kojudge.bridges.peer_files import (
    Line,
    Object,
    Record,
    checked,
    converted,
    identifier,
    kept_id,
    needed,
    records,
    wrong,
)
from kojudge.bridges.tally import Tally
from kojudge.errors import ConfigError, said
from kojudge.records import Json
from kojudge.store.interchange import Lines
from kojudge.store.lines import LineError, problem_at

__all__ = ["NO_CATEGORY", "Question", "convert", "read_questions", "turns_of"]

NO_CATEGORY = "all"
API_ERROR = "$ERROR$"
"""What FastChat and arena-hard write as the answer where the model could not be reached."""
_KOMT_STEM = "score_result_"


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its user ``turns`` in order."""

    category: str
    turns: tuple[str, ...]


class _Question(Record):
    turns: list[str | Object]


class _Answer(Record):
    model_id: str = ""
    choices: list[Object]


class _Komt(Record):
    instruction: str
    answer: str


Questions = Callable[[], Mapping[str, Question]]


def convert(files: Files) -> Converted:
    """Return the texts, judgments and labels of MT-bench files; each file's kind is told apart.

    Raises ConfigError where the files lack a name that no option gives.
    """
    tally = Tally(_WORDS)
    named = files.named
    if files.judgments or files.labels:
        needed(named.criterion, "--criterion", said("평가 항목의 이름이", "the criterion"))
    questions = cache(partial(read_questions, files.prompts))
    judging = Judging(named, tally, questions if files.prompts else dict)
    return Converted(
        texts=[
            Lines(path, _texts(path, named.candidate, questions, tally)) for path in files.texts
        ],
        judgments=[
            Lines(path, converted(path, partial(judgment_lines, judging, komt_model(path))))
            for path in files.judgments
        ],
        labels=[Lines(path, converted(path, partial(label_lines, named))) for path in files.labels],
        left_out=tally.said,
    )


def read_questions(paths: Sequence[str]) -> dict[str, Question]:
    """Return the questions of question files by id.

    Raises InputError, naming file, line and field, where one is wrong or an id comes twice.
    """
    found: dict[str, Question] = {}
    for path in paths:
        for line, data in records(path):
            try:
                prompt_id = identifier(data, "question_id")
                if prompt_id in found:
                    twice = said("같은 id가 두 번 나옵니다.", "this id stands there twice.")
                    raise wrong("question_id", twice, prompt_id)
                found[prompt_id] = _question(data)
            except LineError as error:
                raise problem_at(path, line, error) from error
    return found


def komt_model(path: str) -> str:
    """Return the model that a file of komt-eval is named for, or nothing."""
    stem = PurePath(path).stem
    return stem.removeprefix(_KOMT_STEM) if stem.startswith(_KOMT_STEM) else ""


def turns_of(data: Line) -> list[str]:
    """Return the turns of a question; raise LineError where there are none, or one is no text."""
    turns = checked(_Question, data).turns
    if not turns:
        raise LineError("turns", said("비어 있습니다.", "is empty."))
    texts = []
    for at, turn in enumerate(turns):
        text = turn.get("content") if isinstance(turn, dict) else turn
        if not isinstance(text, str):
            raise wrong(f"turns.{at}", _NOT_TEXT, text)
        texts.append(text)
    return texts


def _question(data: Line) -> Question:
    category = data.get("category")
    known = category if isinstance(category, str) and category else NO_CATEGORY
    return Question(known, tuple(turns_of(data)))


def _texts(
    path: str, candidate: str, questions: Questions, tally: Tally
) -> Iterator[tuple[int, Line]]:
    stem = PurePath(path).stem

    def lines(data: Line) -> Iterator[Line]:
        if "choices" not in data and "instruction" in data:
            return _komt(data, komt_model(path) or candidate)
        return _answer(data, candidate or stem, questions(), tally)

    return converted(path, lines)


def _komt(data: Line, candidate: str) -> Iterator[Line]:
    record = checked(_Komt, data)
    kept = {k: v for k, v in (record.model_extra or {}).items() if k not in _KOMT_READ}
    kept |= kept_id(data, "id", "question_id")
    line: Line = {
        "prompt_id": identifier(data, "id"),
        "category": NO_CATEGORY,
        "prompt": record.instruction,
        "candidate": needed(candidate, "--candidate", said("후보 모델의 이름이", "the candidate")),
        "sample": 0,
        "text": record.answer,
    }
    yield line | ({"mt_bench": kept} if kept else {})


def _answer(
    data: Line, model: str, questions: Mapping[str, Question], tally: Tally
) -> Iterator[Line]:
    record = checked(_Answer, data)
    prompt_id = identifier(data, "question_id")
    question = questions.get(prompt_id)
    if question is None:
        raise _unknown_question(prompt_id, bool(questions))
    extra = {k: v for k, v in (record.model_extra or {}).items() if k != "question_id"}
    extra |= kept_id(data, "question_id")
    for at, choice in enumerate(record.choices):
        index = choice.get("index", at)
        if not isinstance(index, int) or isinstance(index, bool) or index < 0:
            raise wrong(
                f"choices.{at}.index",
                said("0 이상의 정수여야 합니다.", "must be 0 or more."),
                index,
            )
        rest: Line = {k: v for k, v in choice.items() if k not in ("index", "turns")}
        kept = extra | ({"choice": rest} if rest else {})
        place: Line = {
            "prompt_id": prompt_id,
            "category": question.category,
            "candidate": record.model_id or model,
            "sample": index,
        }
        yield from _turns(choice.get("turns"), f"choices.{at}.turns", place, question, kept, tally)


def _turns(
    turns: Json, field: str, place: Line, question: Question, kept: Line, tally: Tally
) -> Iterator[Line]:
    if not isinstance(turns, list) or not 0 < len(turns) <= len(question.turns):
        raise wrong(field, _TURNS, turns)
    history: list[Json] = []
    for at, (given, asked) in enumerate(zip(turns, question.turns, strict=False)):
        text = given.get("content") if isinstance(given, dict) else given
        if text is None or text == API_ERROR:
            tally.add("answers", len(turns) - at)
            return
        if not isinstance(text, str):
            raise wrong(f"{field}.{at}", _NOT_TEXT, text)
        own: Line = kept if at == 0 else {}
        if isinstance(given, dict):
            own = own | {"turn": {k: v for k, v in given.items() if k != "content"}}
        line = place | {"prompt": asked, "text": text}
        line |= {"turn": at + 1, "history": list(history)} if at else {}
        yield line | ({"mt_bench": own} if own else {})
        history += [{"role": "user", "content": asked}, {"role": "assistant", "content": text}]


def _unknown_question(prompt_id: str, any_given: bool) -> Exception:
    if not any_given:
        return ConfigError(
            said("모델의 답 파일에는 질문이 없습니다.", "A file of answers does not hold the questions."),
            said("질문 파일(question.jsonl)을 --prompts로 주세요.",
                 "Give the question file (question.jsonl) with --prompts."),
        )  # fmt: skip
    problem = said(
        "--prompts의 질문 파일에 없는 id입니다.", "no question file of --prompts has this id."
    )
    return wrong("question_id", problem, prompt_id)


_KOMT_READ = ("id", "chatgpt", "score")
_NOT_TEXT = said("글자여야 합니다(그림은 읽지 않습니다).", "must be text; pictures are not read.")
_TURNS = said(
    "한 차례 이상, 질문의 차례 수 이하의 목록이어야 합니다.",
    "must be a list of at least one turn, and no more than the question has.",
)
_WORDS = {
    "answers": said(
        "모델이 답하지 못한 차례 {n}건($ERROR$이거나 null): 글이 되지 않습니다.",
        "{n} turns that the model did not answer ($ERROR$ or null) make no text.",
    ),
    "unscored": said(
        "점수가 없는 판정 {n}건: 심사 모델의 답에서 점수를 읽지 못했거나 척도를 벗어났습니다. 점수 없이 까닭만 남깁니다.",
        "{n} judgments without a score: none could be read in the judge's reply, or it is off the "
        "scale. Kept with the reason, without a number.",
    ),
    "games": said(
        "한쪽 순서밖에 없는 쌍 {n}건: 있는 순서만 들여옵니다.",
        "{n} pairs have one order only; that one is imported.",
    ),
    "votes": said(
        "두 순서를 하나로 합친 판정 {n}건: 일치한 것은 두 순서에 같은 값으로, 어긋난 것은 값 없이 들여옵니다.",
        "{n} verdicts stand for both orders: where these agreed, both get it; where not, neither "
        "has a value.",
    ),
}
