"""lm-evaluation-harness: the samples it logs, as texts, and their metrics as judgments.

``samples_TASK_DATE.jsonl`` of ``--log_samples`` (0.4), with ``results_DATE.json`` beside it,
and ``TASK_write_out_info.json`` of ``--write_out`` (0.3). Only tasks that generate have texts.
"""

from __future__ import annotations

from collections.abc import Iterator

from kojudge.bridges.base import Converted, Files
from kojudge.bridges.lm_eval_files import Log, Scale, open_log
from kojudge.bridges.lm_eval_sample import Sample, sample_of
from kojudge.bridges.peer_files import records
from kojudge.bridges.tally import Tally
from kojudge.errors import ConfigError, InputError, said
from kojudge.records import Json
from kojudge.store.interchange import Lines
from kojudge.store.lines import LineError, problem_at

__all__ = ["convert"]

Line = tuple[int, dict[str, Json]]


def convert(files: Files) -> Converted:
    """Take ``--texts`` and, of one metric (``--criterion``) by ``--judge``, ``--judgments``.

    Raises:
        ConfigError: an option that this format has no use for, or one that it needs.
        InputError: a results file is wrong, or none names the model.
    """
    _check(files)
    tally = Tally(_WORDS)
    return Converted(
        texts=[_texts(files, open_log(path), tally) for path in files.texts],
        judgments=[_judgments(files, open_log(path), tally) for path in files.judgments],
        left_out=tally.said,
    )


def _texts(files: Files, log: Log, tally: Tally) -> Lines:
    candidate = _candidate(files, log)

    def lines() -> Iterator[Line]:
        for number, sample in _samples(log, "", tally):
            tally.add("rendered", sample.rendered)
            tally.add("metrics", bool(sample.metrics))
            line = _place(sample, candidate) | {"prompt": sample.prompt, **sample.extra}
            if sample.history:
                line["history"] = sample.history
            if sample.metrics:
                line["metrics"] = sample.metrics
            for repeat, answer in enumerate(sample.answers):
                yield number, line | {"sample": repeat, "text": answer}

    return Lines(log.path, lines())


def _judgments(files: Files, log: Log, tally: Tally) -> Lines:
    candidate = _candidate(files, log)
    criterion, judge = files.named.criterion, files.named.judge
    metric, _, chosen = criterion.partition(",")
    scale = _scale(log, metric)

    def lines() -> Iterator[Line]:
        for number, sample in _samples(log, chosen, tally):
            try:
                outcome = _outcome(sample, metric)
            except LineError as error:
                raise problem_at(log.path, number, error) from error
            tally.add("no_number", outcome["score"] is None)
            place: dict[str, Json] = {
                "criterion": criterion, "judge": judge, "mode": "pointwise",
                "sample": 0, "scale": list(scale),
            }  # fmt: skip
            yield number, _place(sample, candidate) | place | outcome

    return Lines(log.path, lines())


def _samples(log: Log, chosen: str, tally: Tally) -> Iterator[tuple[int, Sample]]:
    """Yield the samples of one filter: ``chosen``, or the first that a question comes with.

    A task with several filters logs each answer once a filter.
    """
    filters: dict[str, str] = {}
    for number, record in records(log.path):
        try:
            sample = sample_of(record, log.task)
        except LineError as error:
            raise problem_at(log.path, number, error) from error
        if sample.filter == filters.setdefault(sample.prompt_id, chosen or sample.filter):
            yield number, sample
        else:
            tally.add("filters")


def _place(sample: Sample, candidate: str) -> dict[str, Json]:
    return {
        "prompt_id": sample.prompt_id,
        "category": sample.category,
        "candidate": candidate,
    }


def _outcome(sample: Sample, metric: str) -> dict[str, Json]:
    """Return the score, or null and why: what the task could not measure is no 0."""
    if metric not in sample.metrics:
        names = ", ".join(sample.metrics) or "—"
        raise LineError(metric, said("이 문항에 이런 지표가 없습니다.", "the sample has no such metric."),
                        said(f"있는 지표: {names}", f"Metrics there are: {names}"))  # fmt: skip
    if len(sample.answers) > 1:
        raise LineError(
            metric,
            said(f"답이 {len(sample.answers)}편인 문항의 지표라 어느 글의 점수인지 알 수 없습니다.",
                 f"is of {len(sample.answers)} answers together, so it is the score of none."),
            said("repeats: 1로 실행한 로그를 주세요.", "Give a log of a run with repeats: 1."),
        )  # fmt: skip
    value = sample.metrics[metric]
    if isinstance(value, int | float):
        return {"score": float(value)}
    return {"score": None, "reason": f"lm-eval: {value!r}"}


def _scale(log: Log, metric: str) -> Scale:
    """Return the scale of a metric; without one its numbers mean nothing to a judge's."""
    if metric in log.scales:
        return log.scales[metric]
    known = ", ".join(log.scales) or "—"
    raise InputError(
        said(f"{log.path}: 지표 '{metric}'의 척도(최저, 최고)를 알 수 없습니다.",
             f"{log.path}: the scale (lowest, highest) of the metric '{metric}' is not known."),
        said("척도는 lm-eval이 옆에 쓴 결과 파일에서, 과제 정의의 `metadata: {scales: {지표: [최저, 최고]}}`로 "
             f"읽습니다(거기 있는 지표: {known}). 점수로 쓰지 않는 지표는 --texts로 들여올 때 글에 함께 남습니다.",
             "It is read from `metadata: {scales: {METRIC: [lowest, highest]}}` of the task, in the "
             f"results file that lm-eval wrote beside (metrics there: {known}). Metrics that are no "
             "scores are kept with their texts by --texts."),
    )  # fmt: skip


def _candidate(files: Files, log: Log) -> str:
    candidate = files.named.candidate or log.model
    if candidate:
        return candidate
    raise InputError(
        said(f"{log.path}: 어느 모델의 글인지 알 수 없습니다(옆에 results_날짜.json이 없습니다).",
             f"{log.path}: nothing says whose texts these are (no results_DATE.json beside it)."),
        said("--candidate로 모델 이름을 주세요.", "Name the model with --candidate."),
    )  # fmt: skip


def _check(files: Files) -> None:
    named = files.named
    for option, given in (
        ("--prompts", files.prompts), ("--labels", files.labels), ("--baseline", named.baseline),
    ):  # fmt: skip
        if given:
            raise ConfigError(
                said(f"--format lm-eval에는 {option}이(가) 쓰이지 않습니다.",
                     f"--format lm-eval has no use for {option}."),
                said("물음은 로그에 들어 있습니다. 그 옵션을 빼세요.",
                     "The logs hold their questions; leave the option out."),
            )  # fmt: skip
    for option, value in (("--criterion", named.criterion), ("--judge", named.judge)):
        if bool(value) != bool(files.judgments):
            raise ConfigError(
                said(f"--format lm-eval에서 --judgments와 {option}은(는) 함께 씁니다.",
                     f"With --format lm-eval, --judgments and {option} go together."),
                said("--criterion에는 지표 이름을, --judge에는 그 지표를 무엇이 쟀는지를 주세요.",
                     "--criterion names the metric, --judge what measured it."),
            )  # fmt: skip


_WORDS = {
    "filters": said(
        "같은 답에 다른 filter를 댄 줄 {n}개는 건너뛰었습니다.",
        "{n} lines were passed over: the same answers under another filter.",
    ),
    "rendered": said(
        "물음 {n}건은 모델이 본 그대로(채팅 기호, 예시 포함) 들여왔습니다. 로그에 다른 꼴이 없습니다.",
        "{n} prompts are as the model was shown them, chat marks and examples included: the log "
        "holds them in no other form.",
    ),
    "metrics": said(
        "문항 {n}건의 지표는 글의 metrics 항목에 남겼습니다(판정으로 세지 않습니다).",
        "The metrics of {n} samples are kept with their texts as metrics, not as judgments.",
    ),
    "no_number": said(
        "값이 수가 아닌 지표 {n}건은 점수 없는 판정으로 들였습니다.",
        "{n} metrics that are no numbers became judgments without a score.",
    ),
}
