"""The files of samples that lm-evaluation-harness writes, and the results beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kojudge.errors import InputError, said
from kojudge.records import Json

__all__ = ["Log", "Scale", "open_log"]

_SAMPLES = re.compile(r"samples_(?P<task>.+?)(_(?P<date>\d{4}-\d\d-\d\dT[\d.-]*\d))?\.jsonl?")
_WRITE_OUT = re.compile(r"(?P<task>.+)_write_out_info\.json")

Scale = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Log:
    """One file of samples: its ``task`` and ``model``, empty where no file says them.

    ``scales`` are those that the task's definition names in ``metadata: {scales: …}``.
    """

    path: str
    task: str = ""
    model: str = ""
    scales: Mapping[str, Scale] = field(default_factory=dict)


def open_log(path: str) -> Log:
    """Read what the name of ``path`` and the results file beside it say.

    Raises InputError where that results file is not one.
    """
    name = Path(path).name
    named = _SAMPLES.fullmatch(name) or _WRITE_OUT.fullmatch(name)
    if named is None:
        return Log(path)
    task, date = named["task"], named.groupdict().get("date")
    beside = _results_of(path, date) if date else None
    if beside is None:
        return Log(path, task)
    results = _read_results(beside)
    model = results.get("model_name")
    return Log(path, task, model if isinstance(model, str) else "", _scales(results, task))


def _results_of(path: str, date: str) -> Path | None:
    """Return the results of the same run: ``results_DATE.json``, or NAME_DATE.json."""
    found = sorted(Path(path).parent.glob(f"*_{date}.json"))
    return next((file for file in found if not file.name.startswith("samples_")), None)


def _read_results(path: Path) -> dict[str, Json]:
    try:
        results = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_results(path, error) from error
    if not isinstance(results, dict):
        raise _no_results(path, type(results).__name__)
    return results


def _scales(results: Mapping[str, Json], task: str) -> dict[str, Scale]:
    place: Json = dict(results)
    for key in ("configs", task, "metadata", "scales"):
        place = place.get(key) if isinstance(place, dict) else None
    scales = place if isinstance(place, dict) else {}
    return {metric: ends for metric, scale in scales.items() if (ends := _ends(scale))}


def _ends(scale: Json) -> Scale | None:
    if isinstance(scale, list) and len(scale) == 2:
        low, high = scale
        if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
            return float(low), float(high)
    return None


def _no_results(path: Path, cause: object) -> InputError:
    return InputError(
        said(f"{path}: lm-evaluation-harness의 결과 파일이 아닙니다({cause}).",
             f"{path}: is no results file of lm-evaluation-harness ({cause})."),
        said("그 실행이 쓴 파일을 그대로 두거나, 다른 폴더로 옮기고 --candidate로 모델 이름을 주세요.",
             "Leave the file as that run wrote it, or move it away and name the model with "
             "--candidate."),
    )  # fmt: skip
