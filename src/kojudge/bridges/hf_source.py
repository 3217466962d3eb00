"""Open what ``datasets.load_dataset`` opens: a folder, a file, or a dataset on the hub.

    ORG/NAME[@REVISION][:CONFIG][/SPLIT]      FOLDER[:CONFIG[/SPLIT]]      FILE

Rows are streamed: nothing is copied into the library's cache, and memory holds some rows.
Without a configuration the one called like what is imported is taken (``texts`` of
``--texts``), else the only one; without a split the only one.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

from kojudge.errors import ConfigError, InputError, KojudgeError, UnavailableError, said
from kojudge.store.lines import LineError, problem_at, read_objects

__all__ = ["Opened", "Place", "open_rows", "place_of"]

_HUB = re.compile(
    r"(?:hf://datasets/)?(?P<path>[\w.-]+/[\w.-]+)"
    r"(?:@(?P<revision>refs/[^:/]+/[^:/]+|[^:/]+))?(?::(?P<config>[^:/]+))?(?:/(?P<split>[^:/]+))?"
)
_BUILDERS = {
    ".parquet": "parquet",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".arrow": "arrow",
}
_LONGEST_REASON = 300

T = TypeVar("T")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows are: ``given`` is how the user names it, and how messages do."""

    given: str
    path: str
    revision: str | None = None
    config: str | None = None
    split: str | None = None
    local: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The columns of the first row, and all rows with their number, from 1."""

    given: str
    columns: Sequence[str]
    rows: Iterator[tuple[int, Row]]


def place_of(given: str) -> Place:
    """Return the place that ``given`` names.

    Raises:
        InputError: it looks like a file or folder, and there is none.
        ConfigError: it is neither that nor a dataset's name.
    """
    if Path(given).exists():
        return Place(given, given)
    found = _inside_folder(given) or _on_hub(given)
    if found is not None:
        return found
    if given.startswith((".", "/", "~")) or Path(given).suffix.lower() in {*_BUILDERS, ".jsonl"}:
        raise InputError(
            said(f"{given}: 그런 파일이나 폴더가 없습니다.", f"{given}: no such file or folder."),
            said("경로를 확인하세요.", "Check the path."),
        )
    raise ConfigError(
        said(f"{given}: 데이터셋 이름이 아닙니다.", f"{given}: not the name of a dataset."),
        said("조직/이름[@리비전][:구성][/스플릿] 꼴이나 폴더[:구성], .parquet·.jsonl·.json·.csv 파일로 적으세요.",
             "Write ORG/NAME[@REVISION][:CONFIG][/SPLIT], a folder, or a .parquet, .jsonl, .json or "
             ".csv file."),
    )  # fmt: skip


def open_rows(place: Place, kind: str, names: Sequence[str]) -> Opened:
    """Open the rows for ``kind`` (texts, judgments, labels, prompts).

    ``names`` are columns that hold strings even where a CSV file's look like numbers.

    Raises:
        InputError: the file cannot be read or is empty, or it is not said which part to take.
        UnavailableError: no library, or the hub has no such dataset or cannot be reached.
    """
    path = Path(place.path)
    if place.local and path.suffix.lower() == ".jsonl" and path.is_file():
        rows: Iterator[tuple[int, Row]] = iter(read_objects(place.path))
    else:
        library = _translated(place, _library)
        with _quiet():
            dataset = _dataset(library, place, kind, names)
        rows = _numbered(place, dataset)
    first = next(rows, None)
    if first is None:
        raise InputError(
            said(f"{place.given}: 내용이 없습니다.", f"{place.given}: it is empty."),
            said("행이 있는 데이터를 주세요.", "Give data that has rows."),
        )
    return Opened(place.given, tuple(first[1]), chain([first], rows))


def _inside_folder(given: str) -> Place | None:
    """Return the folder of ``FOLDER:CONFIG[/SPLIT]`` where there is one."""
    path, colon, inside = given.rpartition(":")
    config, _, split = inside.partition("/")
    if not colon or not config or "/" in split or not Path(path).is_dir():
        return None
    return Place(given, path, config=config, split=split or None)


def _on_hub(given: str) -> Place | None:
    found = _HUB.fullmatch(given)
    looks_local = given.startswith((".", "~")) or Path(given).suffix.lower() in _BUILDERS
    if found is None or looks_local or given.endswith(".jsonl"):
        return None
    return Place(given, **found.groupdict(), local=False)


def _dataset(library: Any, place: Place, kind: str, names: Sequence[str]) -> Any:
    """Return the one split to read, as the library's stream."""
    if Path(place.path).is_file():
        return _translated(place, lambda: _file(library, Path(place.path), names))
    configs = _translated(
        place, lambda: library.get_dataset_config_names(place.path, revision=place.revision)
    )
    config = place.config or (kind if kind in configs else None)
    config = _one(place, ":CONFIG", config, configs)
    splits = _translated(
        place,
        lambda: library.load_dataset(place.path, config, streaming=True, revision=place.revision),
    )
    part = f":{config}/SPLIT" if place.local and place.config is None else "/SPLIT"
    return splits[_one(place, part, place.split, list(splits))]


def _library() -> Any:
    import datasets

    return datasets


def _file(library: Any, path: Path, names: Sequence[str]) -> Any:
    suffix = path.suffix.lower()
    if suffix not in _BUILDERS:
        raise InputError(
            said(f"{path}: 이름만으로는 어떤 형식인지 알 수 없습니다.",
                 f"{path}: its name does not tell the format."),
            said(".parquet, .jsonl, .json, .csv, .tsv, .arrow 가운데 하나여야 합니다.",
                 "It must be one of .parquet, .jsonl, .json, .csv, .tsv, .arrow."),
        )  # fmt: skip
    options: dict[str, Any] = {}
    if _BUILDERS[suffix] == "csv":
        # Spreadsheets write a byte order mark; and an id such as 007 is no number.
        options = {"encoding": "utf-8-sig", "converters": dict.fromkeys(names, str)}
        options["sep"] = "\t" if suffix == ".tsv" else ","
    return library.load_dataset(
        _BUILDERS[suffix], data_files=str(path), split="train", streaming=True, **options
    )


def _one(place: Place, part: str, asked: str | None, there: Sequence[str]) -> str:
    """Return the configuration or split asked for, or the only one; ``part`` names it."""
    if asked is None and len(there) == 1:
        return there[0]
    if asked is not None and asked in there:
        return asked
    what = said("스플릿", "split") if part.endswith("SPLIT") else said("구성", "config")
    listed = ", ".join(there) or "—"
    message = said(
        f"{place.given}: {what.ko} {asked}이(가) 없습니다." if asked
        else f"{place.given}: {what.ko}이(가) 여럿입니다.",
        f"{place.given}: it has no {what.en} {asked}." if asked
        else f"{place.given}: it has several {what.en}s.",
    )  # fmt: skip
    raise InputError(
        message,
        said(f"이름 뒤에 {part}을 붙여 고르세요: {listed}",
             f"Choose one by adding {part} to the name: {listed}."),
    )  # fmt: skip


def _numbered(place: Place, dataset: Any) -> Iterator[tuple[int, Row]]:
    """Yield the rows; pictures and sound are not decoded, for nothing here reads them."""
    number = 0
    try:
        with _quiet():
            rows = dataset.decode(False) if dataset.features else dataset
            for number, row in enumerate(rows, start=1):
                yield number, row
    except Exception as error:  # the boundary: arrow, pandas, httpx, the library itself
        raise _unreadable(place, error, number + 1) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the libraries' own messages off the screen: what went wrong is said once, by us."""
    loggers = [logging.getLogger(name) for name in ("datasets", "huggingface_hub")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def _translated(place: Place, call: Callable[[], T]) -> T:
    """Run ``call``; the library's errors become ours, each with a next step."""
    try:
        return call()
    except KojudgeError:
        raise
    except ImportError as error:
        raise UnavailableError(
            said(f"{place.given}: 읽는 데 필요한 datasets가 없습니다.",
                 f"{place.given}: reading it needs datasets, not installed here."),
            said('`pip install "kojudge[local]"`로 설치하세요.',
                 'Install with `pip install "kojudge[local]"`.'),
        ) from error  # fmt: skip
    except Exception as error:  # the boundary, as in _numbered
        raise _unreadable(place, error, None) from error


def _unreadable(place: Place, error: Exception, record: int | None) -> KojudgeError:
    reason = _reason(error)
    if place.local:
        problem = said(f"읽지 못했습니다. 원인: {reason}", f"cannot be read: {reason}.")
        hint = said("파일이 온전한지, UTF-8인지, 행마다 열이 같은지 확인하세요.",
                    "See that the file is whole, in UTF-8, and has the same columns in every row.")  # fmt: skip
        if record is not None:
            return problem_at(place.given, record, LineError("", problem, hint))
        return InputError(
            said(f"{place.given}: {problem.ko}", f"{place.given}: {problem.en}"), hint
        )
    if _is_gated(error):
        return UnavailableError(
            said(f"{place.path}은(는) 사용 조건에 동의해야 읽을 수 있는 데이터셋입니다.",
                 f"{place.path} is gated: its terms must be accepted first."),
            said(f"허브의 {place.path} 페이지에서 조건에 동의한 뒤 `hf auth login`으로 로그인하고 다시 실행하세요.",
                 f"Accept them on the dataset's page of {place.path}, log in with `hf auth login`, "
                 "and run it again."),
        )  # fmt: skip
    if _is_missing(error):
        named = f"{place.path}@{place.revision}" if place.revision else place.path
        return UnavailableError(
            said(f"허브에 데이터셋 {named}이(가) 없거나 비공개입니다.",
                 f"The hub has no dataset {named}, or it is private."),
            said("이름과 리비전을 확인하세요. 비공개라면 `hf auth login`으로 로그인하세요. 이 컴퓨터의 파일을 "
                 "뜻했다면 그런 파일이 없습니다.",
                 "Check name and revision; if it is private, log in with `hf auth login`. If you meant "
                 "a file on this machine: there is none of that name."),
        )  # fmt: skip
    return UnavailableError(
        said(f"허브에서 데이터셋 {place.given}을(를) 읽지 못했습니다: {reason}",
             f"Could not read the dataset {place.given} from the hub: {reason}."),
        said("인터넷 연결과 프록시, HF_HUB_OFFLINE 설정을 확인하고 다시 실행하거나, 데이터셋을 내려받아 그 폴더를 주세요.",
             "Check the network, the proxy and HF_HUB_OFFLINE and run it again, or download the "
             "dataset elsewhere and give its folder."),
    )  # fmt: skip


def _is_gated(error: BaseException) -> bool:
    """Say so of the hub's own error, and of the library's, which tells it in words alone."""
    return any(
        type(one).__name__ == "GatedRepoError" or "is a gated dataset" in str(one)
        for one in _chain(error)
    )


def _is_missing(error: BaseException) -> bool:
    """Say whether the hub has no such dataset, or none that this token may see."""
    return any(
        type(one).__name__ == "DatasetNotFoundError"
        or getattr(getattr(one, "response", None), "status_code", None) in (401, 403, 404)
        for one in _chain(error)
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _reason(error: Exception) -> str:
    line = " ".join(str(error).split()) or type(error).__name__
    return line[:_LONGEST_REASON].rstrip(". ")
