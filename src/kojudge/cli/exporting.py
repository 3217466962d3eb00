"""What ``kojudge export`` does, between the flags and the files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.store.run import Run
from kojudge.store.storage import open_parent, trouble


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The files of one call; ``form`` is the results' format where the name does not tell it.

    ``peers`` are the folders of other tools' formats, by the format's name.
    """

    texts: Path | None = None
    judgments: Path | None = None
    labels: Path | None = None
    results: Path | None = None
    form: str | None = None
    comparator: Path | None = None
    baseline: str | None = None
    lm_eval: Path | None = None
    prompts: tuple[str, ...] = ()
    hf: str | None = None
    private: bool = False
    peers: Mapping[str, Path] = field(default_factory=dict)

    @property
    def anything(self) -> bool:
        """Whether anything of a run is asked for."""
        files = (self.texts, self.judgments, self.labels, self.results, self.comparator)
        return any((*files, self.hf, self.peers))


def run_export(session: Session, run_path: str | None, request: ExportRequest) -> None:
    """Write the files of ``request``.

    Raises:
        ConfigError: nothing is asked for, or in a format that it does not have.
        StoreError: the run cannot be read or a file not written.
    """
    from kojudge.store.interchange import export_judgments, export_labels, export_texts

    if request.lm_eval or request.prompts:
        _export_tasks(session, request)
        if not request.anything:
            return
    if not request.anything:
        raise ConfigError(
            said("내보낼 것이 없습니다.", "Nothing to export."),
            said("--texts, --judgments, --labels, --results, --llm-comparator, --lm-eval, --hf, "
                 "--logickor, --mt-bench, --alpaca-eval 가운데 하나에 파일이나 폴더 이름을 주세요.",
                 "Give a file or folder to --texts, --judgments, --labels, --results, "
                 "--llm-comparator, --lm-eval, --hf, --logickor, --mt-bench or --alpaca-eval."),
        )  # fmt: skip
    form = results_form(request.results, request.form) if request.results else ""
    run = session.open_run(run_path)
    if request.texts:
        _export(session, run, "texts", request.texts, export_texts)
    if request.judgments:
        _export(session, run, "judgments", request.judgments, export_judgments)
    if request.labels:
        _export(session, run, "labels", request.labels, export_labels)
    if request.results:
        _export_results(session, run, request.results, form)
    if request.comparator:
        _export_comparator(session, run, request.comparator, request.baseline)
    _export_elsewhere(session, run, request)


def _export_elsewhere(session: Session, run: Run, request: ExportRequest) -> None:
    if request.hf:
        from kojudge.cli.exporting_dataset import export_dataset

        export_dataset(session, run, request.hf, private=request.private)
    for peer, folder in request.peers.items():
        from kojudge.cli.exporting_peers import export_peer

        export_peer(session, run, peer, folder)


def _export_tasks(session: Session, request: ExportRequest) -> None:
    from kojudge.cli.exporting_lm_eval import export_lm_eval

    if request.lm_eval is None:
        raise ConfigError(
            said("--prompts는 --lm-eval과 함께 씁니다.", "--prompts goes with --lm-eval."),
            said("과제를 쓸 폴더를 --lm-eval DIR로 주세요.",
                 "Name the folder of the tasks with --lm-eval DIR."),
        )  # fmt: skip
    export_lm_eval(session, request.lm_eval, request.prompts)


FORMS = ("markdown", "csv", "json")
_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".json": "json"}


def results_form(path: Path, form: str | None) -> str:
    """Return the format of the results: as asked for, else by the file's name.

    Raises:
        ConfigError: neither says.
    """
    found = form or _SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise ConfigError(
            said(f"{path}: 이름만으로는 어떤 형식인지 알 수 없습니다.",
                 f"{path}: its name does not tell the format."),
            said(f"--format {'|'.join(FORMS)} 가운데 하나를 주세요.",
                 f"Give --format {'|'.join(FORMS)}."),
        )  # fmt: skip
    return found


def _export(
    session: Session,
    run: Run,
    kind: Literal["texts", "judgments", "labels"],
    path: Path,
    write: Callable[..., Any],
) -> None:
    if path.suffix.lower() != ".parquet":
        count = write(run, path)
        left_out = said(
            f", 실패해서 뺀 것 {count.failed}건" if count.failed else "",
            f", {count.failed} failed ones left out" if count.failed else "",
        )
        controls = said(
            f", 대조용이라 뺀 것 {count.controls}건" if count.controls else "",
            f", {count.controls} controls left out" if count.controls else "",
        )
        session.say(said(
            f"{path}: {kind} {count.written}건{left_out.ko}{controls.ko}",
            f"{path}: {count.written} {kind}{left_out.en}{controls.en}",
        ))  # fmt: skip
        return
    if kind == "labels":
        raise ConfigError(
            said(f"{path}: 사람 평가는 JSONL로만 내보냅니다.",
                 f"{path}: labels are exported as JSONL only."),
            said("파일 이름을 .jsonl로 바꾸세요.", "Name the file .jsonl."),
        )  # fmt: skip
    from kojudge.report.export_parquet import export_parquet

    rows = export_parquet(run, kind, path)
    session.say(said(f"{path}: {kind} {rows}건(실패한 것도 포함)",
                     f"{path}: {rows} {kind}, failed ones too"))  # fmt: skip


def _export_results(session: Session, run: Run, path: Path, form: str) -> None:
    from kojudge.report.export_csv import comparisons_csv
    from kojudge.report.export_markdown import results_markdown
    from kojudge.report.results_file import read_results

    results = read_results(run.path)
    if form == "csv":
        data = comparisons_csv(results)
    elif form == "markdown":
        data = results_markdown(results, session.language).encode("utf-8")
    else:
        data = json_bytes(results)
    write_file(path, data)
    rows = len(results["comparisons"])
    session.say(said(f"{path}: 비교 {rows}건", f"{path}: {rows} comparisons"))


def _export_comparator(session: Session, run: Run, path: Path, baseline: str | None) -> None:
    from kojudge.report import count
    from kojudge.report.export_comparator import comparator_files
    from kojudge.report.file_names import file_name

    asked, _ = session.ask(run, {"baseline": baseline}, {}, starter_serves=True)
    files = [one for one in comparator_files(run, count(run, asked)) if one.examples]
    if not files:
        raise ConfigError(
            said("글과 두 순서의 쌍대 비교가 모두 있는 쌍이 없습니다.",
                 "No pair has both texts and was judged in both orders."),
            said("`kojudge score --mode pairwise`를 먼저 실행하고, 들여온 판정이라면 글도 "
                 "`kojudge import --texts`로 들여오세요. 기준 모델이 다르면 --baseline을 주세요.",
                 "Run `kojudge score --mode pairwise` first; import the texts too where judgments "
                 "were imported; give --baseline where it is another model."),
        )  # fmt: skip
    for one in files:
        file = path / f"{file_name(one.candidate)}.{file_name(one.criterion)}.json"
        write_file(file, json_bytes(one.content))
        left_out = said(
            f", 글이 없어 뺀 것 {one.left_out}쌍" if one.left_out else "",
            f", {one.left_out} left out for want of a text" if one.left_out else "",
        )
        session.say(said(f"{file}: {one.examples}쌍{left_out.ko}",
                         f"{file}: {one.examples} pairs{left_out.en}"))  # fmt: skip


def json_bytes(content: Any) -> bytes:
    """Return ``content`` as a JSON file; a lone surrogate stays an escape."""
    try:
        return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(content, indent=1, allow_nan=False).encode() + b"\n"


def write_file(path: Path, data: bytes) -> None:
    """Write ``data`` whole or not at all; a pipe or a device is written through."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        # A pipe or a device is written through; a rename would put a file in its place.
        try:
            with path.open("wb") as stream:
                stream.write(data)
        except OSError as error:
            raise trouble("write", str(path), error) from error
        return
    directory, name = open_parent(path)
    directory.create()
    with directory.writing(name) as file:
        file.write(data)
