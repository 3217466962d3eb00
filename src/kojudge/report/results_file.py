"""results.json on disk: read back, and checked as far as others build on it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kojudge.errors import StoreError, said
from kojudge.report.wording import GRADES, MODES, VERDICTS
from kojudge.store.storage import RunPath, open_directory

__all__ = ["RESULTS", "checked_results", "parse_results", "read_results"]

RESULTS = "results.json"
_SCHEMA = "kojudge.results/1"


def read_results(run_path: RunPath) -> dict[str, Any]:
    """Return the results.json of the run at ``run_path`` (a local path or fsspec URL).

    Raises:
        StoreError: there is none, it is not JSON or does not hold what reports are made of.
    """
    directory = open_directory(run_path)
    data = directory.read(RESULTS)
    if data is None:
        raise StoreError(
            said(f"{directory}: results.json이 없습니다.", f"{directory}: no results.json here."),
            said(f"먼저 `kojudge report --run {directory}`를 실행하세요.",
                 f"Run `kojudge report --run {directory}` first."),
        )  # fmt: skip
    return parse_results(data, directory.url(RESULTS))


def parse_results(data: bytes, where: str) -> dict[str, Any]:
    """Return the results that ``data`` holds; ``where`` is what messages call it.

    Raises:
        StoreError: as :func:`read_results`.
    """
    try:
        results = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
        checked_results(results)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        cause = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise StoreError(
            said(f"{where}: 결과를 읽을 수 없습니다. 원인: {cause}.",
                 f"{where}: the results cannot be read: {cause}."),
            said("그 실행에서 `kojudge report`를 다시 실행해 새로 만드세요.",
                 "Make it again with `kojudge report` on that run."),
        ) from error  # fmt: skip
    found: dict[str, Any] = results
    return found


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def checked_results(results: Any) -> None:
    """Raise ValueError, TypeError or KeyError where ``results`` lacks what is built on it."""
    _expect(isinstance(results, dict), "it is not an object")
    _expect(results["schema"] == _SCHEMA, f"its schema is not {_SCHEMA}")
    _each(results, _RESULTS, "")
    for at, row in enumerate(results["comparisons"]):
        _each(row, _COMPARISON, f"comparisons[{at}].")
    for at, row in enumerate(results["judges"]):
        _each(row, _JUDGE, f"judges[{at}].")
        for n, grade in enumerate(row["grades"]):
            _each(grade, _GRADE, f"judges[{at}].grades[{n}].")
    for at, row in enumerate((results.get("panel") or {}).get("members", [])):
        _each(row, _SEAT, f"panel.members[{at}].")


Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _maybe(value: Any) -> bool:
    return value is None or _number(value)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


_RESULTS: Mapping[str, Check] = {
    "baseline": _text,
    "alpha": _number,
    "primary_mode": lambda value: value in MODES,
    "comparisons": _list,
    "judges": _list,
    "leaderboard": _list,
    "missing": _list,
}
_COMPARISON: Mapping[str, Check] = {
    "candidate": _text,
    "criterion": _text,
    "mode": lambda value: value in MODES,
    "judge": _text,
    "slice": _text,
    "primary": _flag,
    "n_prompts": _count,
    "delta": _maybe,
    "ci_low": _maybe,
    "ci_high": _maybe,
    "p_adjusted": _maybe,
    "margin": _number,
    "verdict": lambda value: value in VERDICTS,
    "similar_or_better": _flag,
    "withheld": _flag,
    "reasons": _texts,
}
_JUDGE: Mapping[str, Check] = {
    "name": _text,
    "grade": lambda value: value in GRADES,
    "too_small": _flag,
    "grades": _list,
}
_GRADE: Mapping[str, Check] = {
    "criterion": _text,
    "mode": _text,
    "grade": lambda value: value in GRADES,
}
_SEAT: Mapping[str, Check] = {"criterion": _text, "mode": _text, "judges": _texts}


def _each(row: Any, checks: Mapping[str, Check], place: str) -> None:
    _expect(isinstance(row, dict), f"{place.rstrip('.') or 'it'} is not an object")
    for name, check in checks.items():
        _expect(name in row and check(row[name]), f"{place}{name} is missing or wrong")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)
