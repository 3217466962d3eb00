"""What ``kojudge import`` does, between the flags and the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kojudge.bridges.base import FORMATS, Converted, Files, Named, bridge
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.store.interchange import (
    ImportCount,
    Lines,
    import_judgments,
    import_labels,
    import_texts,
)
from kojudge.store.run import Run

Source = str | Lines


def run_import(session: Session, run_path: str, form: str | None, files: Files) -> None:
    """Take the files into the run, each whole or not at all, texts first.

    Raises:
        ConfigError: nothing is asked for, or what only a format takes comes without one.
        InputError: a file cannot be read or contradicts itself or the run.
        StoreError: the run cannot be written.
    """
    if not (files.texts or files.judgments or files.labels):
        raise ConfigError(
            said("들여올 파일이 없습니다.", "No file to import."),
            said("--texts, --judgments, --labels 가운데 하나를 쓰세요.",
                 "Give one of --texts, --judgments, --labels."),
        )  # fmt: skip
    if form is None:
        _refuse_options_of_formats(files)
    _refuse_columns(form, files)
    converted = None if form is None else bridge(form)(files)
    run = session.open_run(run_path, create=True)
    chosen: Files | Converted = files if converted is None else converted
    _take(session, run, "texts", chosen.texts, import_texts)
    _take(session, run, "judgments", chosen.judgments, import_judgments)
    _take(session, run, "labels", chosen.labels, import_labels)
    for left in converted.left_out() if converted else ():
        session.say(left)


def _take(
    session: Session,
    run: Run,
    kind: str,
    sources: Sequence[Source],
    read: Callable[[Run, Source], ImportCount],
) -> None:
    for source in sources:
        count = read(run, source)
        path = source.path if isinstance(source, Lines) else source
        session.say(said(
            f"{path}: {kind} {count.added}건을 들여왔습니다(이미 있던 것 {count.repeated}).",
            f"{path}: {count.added} {kind} imported ({count.repeated} were there already).",
        ))  # fmt: skip


def _refuse_options_of_formats(files: Files) -> None:
    if files.prompts or files.named != Named():
        raise ConfigError(
            said("--prompts, --candidate, --judge, --criterion, --baseline, --column은 --format과 함께 "
                 "씁니다.",
                 "--prompts, --candidate, --judge, --criterion, --baseline and --column go with "
                 "--format."),
            said(f"--format {'|'.join(FORMATS)} 가운데 하나를 주세요.",
                 f"Give --format {'|'.join(FORMATS)}."),
        )  # fmt: skip


def _refuse_columns(form: str | None, files: Files) -> None:
    if files.named.columns and form != "hf":
        raise ConfigError(
            said("--column은 --format hf와 함께 씁니다.", "--column goes with --format hf."),
            said("다른 형식은 열 이름이 정해져 있습니다. --column을 빼세요.",
                 "The columns of other formats are fixed; leave --column out."),
        )  # fmt: skip
