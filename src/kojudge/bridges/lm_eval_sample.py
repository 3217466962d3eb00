"""One logged sample of lm-evaluation-harness: what was asked, what was written, its metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from kojudge.errors import said
from kojudge.records import Json, Message, Prompt
from kojudge.store.lines import LineError, refuse_not_finite, shown

__all__ = ["Sample", "sample_of"]

_OF_THE_LOG = frozenset({
    *("doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"),
    *("doc_hash", "prompt_hash", "target_hash", "truth"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One question and its ``answers``, one a repeat.

    ``rendered``: the prompt is what the model was shown, with the marks of its chat template
    and the examples before it, for the log keeps the turns nowhere else.
    """

    prompt_id: str
    category: str
    prompt: str
    history: list[Json]
    answers: tuple[str, ...]
    filter: str
    metrics: dict[str, Json]
    extra: dict[str, Json]
    rendered: bool


def sample_of(record: Mapping[str, Json], task: str) -> Sample:
    """Read one record of a ``samples_TASK_DATE.jsonl`` or of a ``TASK_write_out_info.json``.

    Raises LineError where nothing was written (log-likelihoods) or the record is no sample.
    """
    old = "prompt_0" in record
    context, options, answers = _of_version_3(record) if old else _of_version_4(record)
    doc = record.get("doc")
    ours = _of_kojudge(doc)
    prompt, history, rendered = _turns(context)
    if ours is not None:
        prompt, history, rendered = ours.request, _history(ours.history), False
    extra: dict[str, Json] = {"task": task, "doc_id": record.get("doc_id")}
    if options:
        extra["generation_kwargs"] = options
    chosen = record.get("filter")
    return Sample(
        prompt_id=ours.prompt_id if ours else _prompt_id(record, task),
        category=_category(doc) or task or "all",
        prompt=prompt,
        history=history,
        answers=answers,
        filter=chosen if isinstance(chosen, str) else "",
        metrics=_metrics(record),
        extra=extra,
        rendered=rendered,
    )


def _of_version_4(record: Mapping[str, Json]) -> tuple[Json, dict[str, Json], tuple[str, ...]]:
    """Return the context, the options of the generation and the answers."""
    for field in ("arguments", "resps"):
        if field not in record:
            raise LineError(field, said("이 필드가 없어 lm-eval의 표본 로그가 아닙니다.",
                                        "is missing, so this is no sample log of lm-eval."),
                            _LOG_SAMPLES)  # fmt: skip
    requests = _requests(record["arguments"])
    if not requests or any(len(r) < 2 or not isinstance(r[1], dict) for r in requests):
        raise LineError("arguments", _NOTHING_WRITTEN, _GENERATE)
    resps = record["resps"]
    if len(requests) > 1 or not isinstance(resps, list) or len(resps) != 1:
        raise LineError(
            "resps",
            said(f"한 문항에 물음 하나와 그 답이 있어야 합니다. (받은 값: {shown(resps)})",
                 f"must hold the answers to one request. (given: {shown(resps)})"),
            _LOG_SAMPLES,
        )  # fmt: skip
    answers = resps[0] if isinstance(resps[0], list) else [resps[0]]
    texts = tuple(answer for answer in answers if isinstance(answer, str))
    if not answers or len(texts) < len(answers):
        raise LineError("resps", said(f"답은 글이어야 합니다. (받은 값: {shown(resps)})",
                                      f"answers must be text. (given: {shown(resps)})"),
                        _LOG_SAMPLES)  # fmt: skip
    options = requests[0][1]
    return requests[0][0], options if isinstance(options, dict) else {}, texts


def _requests(arguments: Json) -> list[list[Json]]:
    """Return the arguments of each request; named ``gen_args_0: {arg_0, arg_1}`` since 0.4.3."""
    requests = list(arguments.values()) if isinstance(arguments, dict) else arguments
    if not isinstance(requests, list):
        return []
    return [
        list(request.values())
        if isinstance(request, dict)
        else (request if isinstance(request, list) else [])
        for request in requests
    ]


def _of_version_3(record: Mapping[str, Json]) -> tuple[Json, dict[str, Json], tuple[str, ...]]:
    """Return the same of 0.3's ``--write_out``, from which ko-lm-evaluation-harness branched."""
    context, answer = record["prompt_0"], record.get("logit_0")
    if not isinstance(answer, str) or not isinstance(context, str) or "logit_1" in record:
        raise LineError("logit_0", _NOTHING_WRITTEN, _GENERATE)
    # It joins the arguments of the request, and of the options that gives their names.
    return context.removesuffix("until"), {}, (answer,)


def _turns(context: Json) -> tuple[str, list[Json], bool]:
    """Return the last turn, those before it, and whether this is the rendered context.

    Chat servers are sent a JSON list of turns, which is logged in a list of one.
    """
    if isinstance(context, str):
        return context, [], True
    inside = context[0] if isinstance(context, list) and len(context) == 1 else None
    try:
        turns = _messages(json.loads(inside)) if isinstance(inside, str) else ()
    except ValueError:
        turns = ()
    if not turns:
        raise LineError("arguments", said(f"무엇을 물었는지 읽을 수 없습니다. (받은 값: {shown(context)})",
                                          f"what was asked cannot be read. (given: {shown(context)})"),
                        _LOG_SAMPLES)  # fmt: skip
    return turns[-1].content, _history(turns[:-1]), False


def _messages(turns: object) -> tuple[Message, ...]:
    """Return the turns of a conversation; none where this is no conversation."""
    made = []
    for turn in turns if isinstance(turns, list) else []:
        role, content = (
            (turn.get("role"), turn.get("content")) if isinstance(turn, dict) else (0, 0)
        )
        if role not in ("system", "user", "assistant") or not isinstance(content, str):
            return ()
        made.append(Message(role, content))
    return tuple(made)


def _history(turns: tuple[Message, ...]) -> list[Json]:
    return [{"role": turn.role, "content": turn.content} for turn in turns]


def _of_kojudge(doc: Json) -> Prompt | None:
    """Return the prompt of a task that kojudge wrote; None for any other document.

    Raises LineError where its id is not that of its content: the file was edited.
    """
    if not isinstance(doc, dict) or not {"prompt_id", "name", "messages"} <= doc.keys():
        return None
    turns, conditions = _messages(doc["messages"]), doc.get("constraints")
    if not turns:
        return None
    prompt = Prompt(
        name=str(doc["name"]),
        category=str(doc.get("category")),
        messages=turns,
        language=str(doc.get("language")),
        constraints=tuple(map(str, conditions)) if isinstance(conditions, list) else (),
    )
    if prompt.prompt_id != doc["prompt_id"]:
        raise LineError(
            "doc.prompt_id",
            said("과제의 내용과 맞지 않습니다. 내보낸 뒤에 과제 파일을 고친 것 같습니다.",
                 "is not the id of this content: the task's file was edited after its export."),
            said("`kojudge export --lm-eval DIR`로 과제를 다시 내보내고 lm-eval을 다시 실행하세요.",
                 "Export the task again with `kojudge export --lm-eval DIR`, and run lm-eval again."),
        )  # fmt: skip
    return prompt


def _prompt_id(record: Mapping[str, Json], task: str) -> str:
    number = record.get("doc_id")
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise LineError(
            "doc_id", said("문항 번호가 없습니다.", "the question has no number."), _LOG_SAMPLES
        )
    if not task:
        raise LineError(
            "",
            said("파일 이름에서 과제 이름을 알 수 없습니다.", "the file's name does not say the task."),
            said("lm-eval이 붙인 이름으로 되돌리세요: samples_과제_날짜.jsonl",
                 "Give the file back the name lm-eval gave it: samples_TASK_DATE.jsonl"),
        )  # fmt: skip
    return f"{task}:{number}"


def _category(doc: Json) -> str:
    category = doc.get("category") if isinstance(doc, dict) else None
    return category if isinstance(category, str) else ""


def _metrics(record: Mapping[str, Json]) -> dict[str, Json]:
    """Return what the task measured of the answers; a number that is none, as a word."""
    named = {
        name: value
        for name, value in record.items()
        if name not in _OF_THE_LOG and not name.startswith(("prompt_", "logit_"))
    }
    return {name: _kept(name, value) for name, value in named.items()}


def _kept(name: str, value: Json) -> Json:
    try:
        refuse_not_finite(value, name)
    except LineError:
        return str(value)
    return value


_NOTHING_WRITTEN = said(
    "보기마다 로그 우도를 잰 로그라 모델이 쓴 글이 없습니다.",
    "is of log-likelihoods (multiple choice, perplexity): the model wrote no text.",
)
_GENERATE = said(
    "output_type이 generate_until인 과제의 로그를 주세요.",
    "Give the log of a task whose output_type is generate_until.",
)
_LOG_SAMPLES = said(
    "lm-eval --log_samples가 쓴 samples_과제_날짜.jsonl을 주세요.",
    "Give the samples_TASK_DATE.jsonl that lm-eval --log_samples wrote.",
)
