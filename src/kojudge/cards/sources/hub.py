"""Weights from the Hugging Face hub, in the hub library's own cache."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from kojudge.cards.schema import Adapter, Source
from kojudge.cards.sources.cache import STORAGE_ERRNOS, missing_files
from kojudge.cards.sources.progress import Progress, silent
from kojudge.errors import UnavailableError, said

__all__ = ["find_file", "find_snapshot", "pull_adapter", "pull_file", "pull_snapshot"]

WANTED = ["*.safetensors", "*.json", "*.txt", "*.model", "*.jinja"]
"""Never ``.bin`` or ``.pt``: pickles run code when they are loaded."""
UNWANTED = ["original/*", "onnx/*", "consolidated*"]
"""Second copies of the weights that some repositories carry."""

T = TypeVar("T")


def find_snapshot(source: Source, *, code: bool) -> Path | None:
    """Return the repository's files if they are all on this machine."""
    try:
        folder = Path(_snapshot(source, code=code, local_files_only=True, progress=silent))
    except (ImportError, OSError):
        return None
    has_tokenizer = any(folder.glob("tokenizer*")) or any(folder.glob("vocab*"))
    return folder if has_tokenizer and missing_files(folder) is None else None


def find_file(source: Source) -> Path | None:
    """Return the repository's GGUF if it is on this machine."""
    try:
        return Path(_file(source, local_files_only=True, progress=silent))
    except (ImportError, OSError):
        return None


def pull_snapshot(source: Source, *, code: bool, progress: Progress) -> Path:
    """Download the repository's safetensors, tokenizer and configuration.

    ``code`` fetches the repository's Python files too (a card with trust_remote_code).

    Raises:
        UnavailableError: no such repository, no right to it, no network, no safetensors.

    """

    def download() -> str:
        return _snapshot(source, code=code, local_files_only=False, progress=progress)

    folder = Path(_translated(source, download))
    missing = missing_files(folder)
    if missing is None:
        return folder
    raise UnavailableError(
        said(
            f"허브의 {source.hub} 저장소를 쓸 수 없습니다: {missing.ko}.",
            f"The hub repository {source.hub} cannot be used: {missing.en}.",
        ),
        said(
            "저장소에 safetensors로 변환한 갈래(예: refs/pr/1)가 있으면 카드의 revision에"
            " 적으세요. 없으면 직접 변환해 path로 지정하세요.",
            "If it has a revision with safetensors (such as refs/pr/1), name it as revision on"
            " the card; else convert the weights yourself and give their path.",
        ),
    )


def pull_file(source: Source, progress: Progress) -> Path:
    """Download the repository's GGUF; raises as :func:`pull_snapshot` does."""

    def download() -> str:
        return _file(source, local_files_only=False, progress=progress)

    return Path(_translated(source, download))


def pull_adapter(adapter: Adapter, progress: Progress) -> Path:
    """Download the repository's LoRA weights; raises as :func:`pull_snapshot` does."""
    source = Source(hub=adapter.hub, revision=adapter.revision)

    def download() -> str:
        return _snapshot(source, code=False, local_files_only=False, progress=progress)

    return Path(_translated(source, download))


def _snapshot(source: Source, *, code: bool, local_files_only: bool, progress: Progress) -> str:
    from huggingface_hub import snapshot_download

    path: str = snapshot_download(
        source.hub,
        revision=source.revision,
        allow_patterns=[*WANTED, "*.py"] if code else WANTED,
        ignore_patterns=UNWANTED,
        local_files_only=local_files_only,
        tqdm_class=_reporter(progress),
    )
    return path


def _file(source: Source, *, local_files_only: bool, progress: Progress) -> str:
    from huggingface_hub import hf_hub_download

    path: str = hf_hub_download(
        source.hub,
        source.gguf,
        revision=source.revision,
        local_files_only=local_files_only,
        tqdm_class=_reporter(progress),
    )
    return path


def _translated(source: Source, download: Callable[[], T]) -> T:
    """Run ``download``; the hub library's errors become ours, each with a next step."""
    try:
        with _quiet():
            return download()
    except Exception as error:  # the boundary: httpx, xet and the library itself all raise here
        if isinstance(error, OSError) and error.errno in STORAGE_ERRNOS:
            raise
        raise _explained(source, error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's retry messages off the screen: a bar is drawn there, by others."""
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


def _explained(source: Source, error: Exception) -> UnavailableError:
    name = f"{source.hub}@{source.revision}" if source.revision else str(source.hub)
    try:
        from huggingface_hub import errors
    except ImportError:
        return _no_library(name)
    if isinstance(error, errors.GatedRepoError):  # a kind of RepositoryNotFoundError
        return _gated(str(source.hub))
    if isinstance(error, errors.RepositoryNotFoundError):
        return _no_repository(str(source.hub))
    if isinstance(error, (errors.RevisionNotFoundError, errors.RemoteEntryNotFoundError)):
        return _no_revision(name)
    return _unreachable(name, error)


def _no_library(name: str) -> UnavailableError:
    return UnavailableError(
        said(
            f"허브에서 {name}을(를) 받는 데 필요한 huggingface_hub가 없습니다.",
            f"Fetching {name} from the hub needs huggingface_hub, not installed here.",
        ),
        said(
            '`pip install "kojudge[local]"`로 설치하세요.',
            'Install with `pip install "kojudge[local]"`.',
        ),
    )


def _gated(repository: str) -> UnavailableError:
    return UnavailableError(
        said(
            f"{repository}은(는) 사용 조건에 동의해야 받을 수 있는 모델입니다.",
            f"{repository} is gated: its licence must be accepted first.",
        ),
        said(
            f"허브의 {repository} 페이지에서 라이선스에 동의한 뒤 `hf auth login`으로"
            " 로그인하고 다시 실행하세요.",
            f"Accept the licence on the model page of {repository}, log in with"
            " `hf auth login`, and run it again.",
        ),
    )


def _no_repository(repository: str) -> UnavailableError:
    return UnavailableError(
        said(
            f"허브에 {repository} 저장소가 없거나 비공개입니다.",
            f"The hub has no repository {repository}, or it is private.",
        ),
        said(
            "카드의 source.hub를 확인하세요. 비공개라면 `hf auth login`으로 로그인하세요.",
            "Check source.hub on the card; if it is private, log in with `hf auth login`.",
        ),
    )


def _no_revision(name: str) -> UnavailableError:
    return UnavailableError(
        said(
            f"허브의 {name}에 카드가 적은 리비전이나 파일이 없습니다.",
            f"The hub's {name} has no such revision or file.",
        ),
        said(
            "카드의 source.revision과 source.gguf를 확인하세요.",
            "Check source.revision and source.gguf on the card.",
        ),
    )


def _unreachable(name: str, error: Exception) -> UnavailableError:
    lines = str(error).splitlines()
    reason = lines[0] if lines else type(error).__name__
    return UnavailableError(
        said(
            f"허브에서 {name}을(를) 받지 못했습니다: {reason}",
            f"Could not fetch {name} from the hub: {reason}",
        ),
        said(
            "인터넷 연결과 프록시, HF_HUB_OFFLINE 설정을 확인하고 다시 실행하세요."
            " 받던 파일은 이어받습니다. 연결할 수 없는 곳이라면 모델을 복사해 path로 지정하세요.",
            "Check the network, the proxy and HF_HUB_OFFLINE, then run it again: the download"
            " goes on where it stopped. Without a network, copy the model and give its path.",
        ),
    )


def _reporter(progress: Progress) -> type[Any]:
    """Return a bar class for the hub library that draws nothing and tells ``progress``."""
    from huggingface_hub.utils import tqdm

    class Reporter(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            # Of the library's bars (bytes over the wire, bytes on disk, files) only the
            # bytes on disk count: resumed and already cached bytes are in them.
            name = kwargs.get("name")
            self.counts = kwargs.get("unit") == "B" and not str(name).endswith(".transfer")
            kwargs["disable"] = True
            super().__init__(*args, **kwargs)

        def update(self, n: float | None = 1) -> bool | None:
            if self.counts:
                self.n += n or 0
                progress("download", int(self.n), int(self.total or 0))
            return None

    return Reporter
