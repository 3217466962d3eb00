"""A run as a Hugging Face dataset: a folder that ``datasets.load_dataset`` reads, or one on the hub.

    DIR/texts/train-00000-of-00001.parquet   judgments/…   labels/…   evidence/…   (a config each)
    DIR/results.json                         as ``kojudge report`` left it
    DIR/README.md                            the dataset's card, written last

A config without rows has no file. What is published again replaces what was there, in one
commit on the hub; a folder or repository that kojudge did not make is left as it is.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from kojudge.errors import ConfigError, said
from kojudge.publish import hub
from kojudge.publish.dataset_card import MARK, CardFacts, dataset_card
from kojudge.publish.dataset_tables import CONFIGS, SCHEMAS, Config, Row, rows
from kojudge.publish.hub import README, Repository, fetch, translated
from kojudge.report.results_file import RESULTS, parse_results
from kojudge.store import manifest
from kojudge.store.run import Run
from kojudge.store.storage import Directory, open_directory

__all__ = ["Written", "dataset_of", "push_dataset", "write_dataset"]

OPTION = "--hf"
_TARGET = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)/?")
_FILE = "train-00000-of-00001.parquet"
_CHUNK_ROWS = 5_000
_FROM_THE_HUB = frozenset({README, ".gitattributes"})
"""What a repository may hold that was made by hand and has no data yet."""


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows each config has, and how many failed texts and judgments were left out."""

    rows: Mapping[str, int]
    failed: int


def dataset_of(target: str) -> str:
    """Return ``ORG/NAME`` of ``hf://datasets/ORG/NAME``.

    Raises:
        ConfigError: ``target`` has another form.
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        raise ConfigError(
            said(f"{OPTION} {target}: 올릴 수 있는 곳이 아닙니다.",
                 f"{OPTION} {target}: cannot publish there."),
            said("폴더 이름이나 hf://datasets/조직/이름 꼴로 적으세요.",
                 "Give a folder, or hf://datasets/ORG/NAME."),
        )  # fmt: skip
    return found[1]


def write_dataset(run: Run, path: Path, repository: str | None = None) -> Written:
    """Write ``run`` as a dataset into the folder ``path``; ``repository`` is its name on the hub.

    Raises:
        ConfigError: the folder holds what kojudge did not make, or the run holds nothing.
        StoreError: the run cannot be read, or the folder not written.
    """
    folder = open_directory(path)
    there = [name for name in folder.names() if not name.startswith(".")]
    _refuse_foreign(there, folder.read(README), str(path))
    written = _write_configs(run, folder)
    results = run.directory.read(RESULTS)
    if results is None:
        folder.remove(RESULTS)
    else:
        _write(folder, RESULTS, results)
    facts = CardFacts(
        name=repository or _run_name(run),
        repository=repository,
        rows=written.rows,
        failed=written.failed,
        manifest=manifest.read(run.path),
        results=None if results is None else parse_results(results, run.directory.url(RESULTS)),
        candidates=_counted(run, "texts", "candidate", "status = 'ok'"),
        judges=_counted(run, "judgments", "judge", "status <> 'failed'"),
    )
    _write(folder, README, dataset_card(facts).encode())
    return written


def push_dataset(run: Run, repository: str, *, private: bool = False) -> Written:
    """Put ``run`` as the dataset ``repository`` (``ORG/NAME``) on the hub, made if missing.

    ``private`` is how a new one is made; one that exists stays as it is.

    Raises:
        ConfigError: it holds what kojudge did not make, or the run holds nothing.
        StoreError: the run cannot be read.
        UnavailableError: no library, no right to it, no network, or another upload came first.
    """
    there = Repository(repository, "dataset", OPTION)
    api = translated(there, hub.open_api)
    with tempfile.TemporaryDirectory(prefix="kojudge-dataset-") as made:
        written = write_dataset(run, Path(made), repository)
        translated(
            there,
            lambda: api.create_repo(
                repository, repo_type="dataset", private=private, exist_ok=True
            ),
        )
        info = translated(there, lambda: api.repo_info(repository, repo_type="dataset"))
        _refuse_foreign_repository(api, there, info)
        translated(
            there,
            lambda: api.upload_folder(
                repo_id=repository,
                repo_type="dataset",
                folder_path=made,
                delete_patterns=[f"{config}/*.parquet" for config in CONFIGS] + [RESULTS],
                commit_message=f"Publish {_run_name(run)}",
                parent_commit=info.sha,
            ),
        )
    return written


def _write_configs(run: Run, folder: Directory) -> Written:
    counted: dict[str, int] = {}
    failed: list[None] = []
    for config in CONFIGS:
        found = rows(run, config, lambda: failed.append(None))
        first = list(islice(found, _CHUNK_ROWS))
        if first:
            counted[config] = _write_rows(folder.child(config), config, first, found)
    if not counted:
        raise ConfigError(
            said(f"{run.path}: 데이터셋으로 만들 글도 판정도 라벨도 없습니다.",
                 f"{run.path}: it has no text, judgment or label to make a dataset of."),
            said("`kojudge generate`나 `kojudge import`를 먼저 실행하세요.",
                 "Run `kojudge generate` or `kojudge import` first."),
        )  # fmt: skip
    for config in CONFIGS:
        if config not in counted:
            folder.child(config).remove(_FILE)  # left by an earlier export
    return Written(counted, len(failed))


def _write_rows(folder: Directory, config: Config, first: list[Row], more: Iterator[Row]) -> int:
    import pyarrow.parquet as pq

    schema = SCHEMAS[config]
    folder.create()
    count = 0
    with (
        folder.writing(_FILE) as file,
        pq.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        for chunk in _chunks(first, more):
            writer.write_table(pa.Table.from_pylist(chunk, schema))
            count += len(chunk)
    return count


def _chunks(first: list[Row], more: Iterator[Row]) -> Iterable[list[Row]]:
    chunk = first
    while chunk:
        yield chunk
        chunk = list(islice(more, _CHUNK_ROWS))


def _write(folder: Directory, name: str, data: bytes) -> None:
    folder.create()
    with folder.writing(name) as file:
        file.write(data)


def _run_name(run: Run) -> str:
    return run.path.rstrip("/").rsplit("/", 1)[-1] or "run"


def _counted(run: Run, kind: str, column: str, where: str) -> dict[str, int]:
    counted = f"SELECT {column} AS name, count(*) AS rows FROM {kind}"  # noqa: S608  our own names
    sql = f"{counted} WHERE {where} GROUP BY ALL ORDER BY name"
    return {row["name"]: row["rows"] for row in run.query(sql).to_pylist()}


def _refuse_foreign_repository(api: Any, there: Repository, info: Any) -> None:
    names = [one.rfilename for one in getattr(info, "siblings", None) or ()]
    if not set(names) - _FROM_THE_HUB:
        return
    with tempfile.TemporaryDirectory(prefix="kojudge-dataset-") as folder:
        if README in names:
            translated(there, lambda: fetch(api, there, info.sha, Path(folder), [README]))
        card = open_directory(folder).read(README)
    _refuse_foreign(names, card, there.name)


def _refuse_foreign(names: list[str], card: bytes | None, where: str) -> None:
    """Raise ConfigError where there are files, and no card of ours beside them."""
    if not names or (card is not None and MARK.encode() in card):
        return
    raise ConfigError(
        said(f"{where}: kojudge가 만들지 않은 것이 들어 있어 덮어쓰지 않았습니다.",
             f"{where}: holds what kojudge did not make; left as it is."),
        said(f"{OPTION}로 비어 있거나 없는 곳을 고르세요.",
             f"Choose an empty or a new place with {OPTION}."),
    )  # fmt: skip
