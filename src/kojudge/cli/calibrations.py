"""What was calibrated in a workspace: ``runs/calibration.json``, one entry a model and setting.

An entry holds for the model, its sampling, its engine, the batch size, the workers and the
machine it was measured with; with any of them changed it is not found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kojudge.cards import CandidateCard, JudgeCard, candidate_identity, judge_identity
from kojudge.cli.record import hardware
from kojudge.cli.speeds import JudgeSpeed, Line, Span, TextSpeed
from kojudge.errors import StoreError, said
from kojudge.records import identity
from kojudge.selection import METHOD, engine_for
from kojudge.store.storage import Directory, locked, open_directory
from kojudge.workspace import Settings

__all__ = ["FILE", "Calibration", "keep", "kept", "key_of"]

FILE = "calibration.json"
SCHEMA = "kojudge.calibration/1"
_LOCK = ".calibration.lock"


@dataclass(frozen=True, slots=True)
class Calibration:
    """How fast one model was at ``measured`` (ISO 8601). ``key``: see :func:`key_of`."""

    key: str
    name: str
    measured: str
    speed: TextSpeed | JudgeSpeed

    @classmethod
    def now(cls, key: str, name: str, speed: TextSpeed | JudgeSpeed) -> Calibration:
        """Return what was measured this moment."""
        return cls(key, name, datetime.now(UTC).isoformat(timespec="seconds"), speed)


def key_of(card: CandidateCard | JudgeCard, settings: Settings) -> str:
    """Return the id of what a speed depends on: model, engine, batch, workers, machine."""
    engine = engine_for(card, settings)
    if isinstance(card, CandidateCard):
        model = ["candidate", candidate_identity(card, engine)]
    else:
        model = ["judge", judge_identity(card, engine, METHOD)]
    machine = hardware()
    place = [settings.engine, settings.batch_size, settings.workers, settings.num_gpus_per_worker]
    return identity([*model, *place, machine["processor"], machine["cores"]])


def kept(folder: Path) -> dict[str, Calibration]:
    """Return the calibrations kept in ``folder`` by key; none where nothing was calibrated.

    Raises:
        StoreError: the file is not one that kojudge wrote.
    """
    return _read(open_directory(folder))


def keep(folder: Path, found: Iterable[Calibration]) -> None:
    """Add ``found`` to the file in ``folder``; a newer calibration of a key replaces the older."""
    directory = open_directory(folder)
    directory.create()
    with locked(folder / _LOCK):
        known = _read(directory) | {one.key: one for one in found}
        content = {"schema": SCHEMA, "models": [asdict(one) for one in known.values()]}
        with directory.writing(FILE) as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")


def _read(directory: Directory) -> dict[str, Calibration]:
    data = directory.read(FILE)
    if data is None:
        return {}
    where = directory.url(FILE)
    try:
        content = json.loads(data)
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']!r}")
        return {one["key"]: _calibration(one) for one in content["models"]}
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(
            said(f"{where}: 재어 둔 속도를 읽을 수 없습니다. 원인: {error}.",
                 f"{where}: the calibrated speeds cannot be read: {error}."),
            said("이 파일을 지우고 `kojudge plan --calibrate`로 다시 재세요.",
                 "Remove the file and measure again with `kojudge plan --calibrate`."),
        ) from error  # fmt: skip


def _calibration(one: Mapping[str, Any]) -> Calibration:
    speed = one["speed"]
    read: TextSpeed | JudgeSpeed
    if "tokens" in speed:
        read = TextSpeed(**{**speed, "tokens": Span(**speed["tokens"])})
    else:
        read = JudgeSpeed(speed["load"], {k: Line(**v) for k, v in speed["rubrics"].items()})
    return Calibration(one["key"], one["name"], one["measured"], read)
