"""Write a run as the files of LogicKor, MT-bench or alpaca-eval."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from kojudge.bridges.exports import Exported, PeerFile
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, said
from kojudge.records import CONTROL, Judgment
from kojudge.store.lines import json_line
from kojudge.store.run import Run

__all__ = ["PEERS", "export_peer"]


def export_peer(session: Session, run: Run, form: str, folder: Path) -> None:
    """Write the files of ``form``, a key of :data:`PEERS`, below ``folder``; say what is not in them.

    Raises:
        ConfigError: nothing of the run has a place in the format.
        StoreError: the run cannot be read, or a file not written.
    """
    exported = PEERS[form](run)
    if not exported.files:
        reasons = [*exported.left_out, said("실행에 글이 없습니다.", "The run has no texts.")]
        raise ConfigError(
            said(f"{form} 형식에 담을 것이 없습니다.", f"Nothing fits the format of {form}."),
            reasons[0],
        )
    for file in exported.files:
        path = _path(folder, file)
        _write(path, file)
        session.say(said(f"{path}: {len(file.records)}건", f"{path}: {len(file.records)} records"))
    for left in exported.left_out:
        session.say(left)


def _logickor(run: Run) -> Exported:
    from kojudge.bridges.logickor_export import logickor_files

    return logickor_files(run.texts(), _judged(run))


def _mt_bench(run: Run) -> Exported:
    from kojudge.bridges.mt_bench_export import mt_bench_files

    return mt_bench_files(run.texts(), _judged(run), run.labels().labels)


def _alpaca_eval(run: Run) -> Exported:
    from kojudge.bridges.alpaca_eval_export import alpaca_eval_files

    return alpaca_eval_files(run.texts(), _judged(run))


def _judged(run: Run) -> Iterator[Judgment]:
    """Yield the judgments of candidates: those of damaged control texts are kojudge's own affair."""
    return (one for one in run.judgments() if not one.candidate.endswith(CONTROL))


PEERS: dict[str, Callable[[Run], Exported]] = {
    "logickor": _logickor,
    "mt-bench": _mt_bench,
    "alpaca-eval": _alpaca_eval,
}


def _path(folder: Path, file: PeerFile) -> Path:
    """Return where the file goes: names that are no safe file names become ones."""
    from kojudge.report.file_names import file_name

    folders = [file_name(part) for part in file.folders]
    return folder.joinpath(*folders, file_name(file.name) + file.suffix)


def _write(path: Path, file: PeerFile) -> None:
    from kojudge.cli.exporting import write_file

    if file.array:
        data = json.dumps(file.records, ensure_ascii=False, indent=2).encode() + b"\n"
    else:
        data = b"".join(json_line(record) for record in file.records)
    write_file(path, data)
