"""The Hugging Face hub as publishing uses it, and its errors as ours.

The token is the hub library's own business (environment or login) and is never read here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from kojudge.errors import KojudgeError, Said, UnavailableError, said

__all__ = ["README", "SCHEME", "Repository", "fetch", "open_api", "translated"]

SCHEME = "hf://"
README = "README.md"
_XET_STATUS = re.compile(r"HTTP status [a-z ]*error \((\d{3})\b")
_LONGEST_REASON = 300

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Repository:
    """What is published to: ``name`` is ``ORG/NAME``, ``option`` takes a folder in its place."""

    name: str
    kind: Literal["space", "dataset"]
    option: str


def open_api() -> Any:
    """Return the hub library's client; raises ImportError where there is no library."""
    from huggingface_hub import HfApi

    return HfApi(library_name="kojudge")


def fetch(
    api: Any, repository: Repository, revision: str, folder: Path, patterns: Sequence[str]
) -> None:
    """Download the files of ``patterns`` as they are at ``revision``, without a bar."""
    from huggingface_hub.utils import tqdm

    class Silent(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})

    api.snapshot_download(
        repository.name,
        repo_type=repository.kind,
        revision=revision,
        local_dir=folder,
        allow_patterns=list(patterns),
        tqdm_class=Silent,
    )


def translated(repository: Repository, call: Callable[[], T]) -> T:
    """Run ``call``; the hub library's errors become ours, each with a next step.

    Raises:
        UnavailableError: no library, no right to it, no network, or another upload came first.
    """
    try:
        return call()
    except KojudgeError:
        raise
    except ImportError as error:
        name, option = repository.name, repository.option
        raise UnavailableError(
            said(f"{name}에 올리는 데 필요한 huggingface_hub가 없습니다.",
                 f"Publishing to {name} needs huggingface_hub, not installed here."),
            said(f'`pip install "kojudge[local]"`로 설치하거나 {option}에 폴더를 주세요.',
                 f'Install with `pip install "kojudge[local]"`, or give {option} a folder.'),
        ) from error  # fmt: skip
    except Exception as error:  # the boundary: httpx, xet and the library itself all raise here
        message, hint = _explained(repository, error)
        raise UnavailableError(message, hint) from error


def _explained(repository: Repository, error: Exception) -> tuple[Said, Said]:
    name, option = repository.name, repository.option
    status, reason = _status(error), _reason(error)
    login = said(
        "쓰기 권한이 있는 토큰을 HF_TOKEN에 두거나 `hf auth login`으로 로그인하고, "
        f"{name}에 쓸 수 있는지 확인하세요.",
        "Put a token that may write into HF_TOKEN or log in with `hf auth login`, and check that "
        f"it may write to {name}.",
    )
    if status in (401, 403, 404) or type(error).__name__ == "LocalTokenNotFoundError":
        return said(f"허브가 {name}에 올리는 것을 허락하지 않았습니다: {reason}",
                    f"The hub does not let you publish to {name}: {reason}."), login  # fmt: skip
    if status in (409, 412):
        return (
            said(f"그사이 다른 곳에서 {name}이(가) 바뀌었습니다. 올리지 않았습니다.",
                 f"{name} changed meanwhile; nothing was uploaded."),
            said("같은 명령을 다시 실행하세요.", "Run the same command again."),
        )  # fmt: skip
    return (
        said(f"허브의 {name}에 올리지 못했습니다: {reason}",
             f"Could not publish to {name} on the hub: {reason}."),
        said(f"인터넷 연결과 프록시, HF_HUB_OFFLINE 설정을 확인하고 다시 실행하거나, {option}에 폴더를 주어 "
             "만든 것을 직접 올리세요.",
             f"Check the network, the proxy and HF_HUB_OFFLINE and run it again, or give {option} a "
             "folder and upload that yourself."),
    )  # fmt: skip


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and what caused it: a large file's refusal comes wrapped."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _status(error: Exception) -> int | None:
    """Return the HTTP status that ended it; xet tells it in words alone."""
    for one in _chain(error):
        status = getattr(getattr(one, "response", None), "status_code", None)
        if isinstance(status, int):
            return status
    told = _XET_STATUS.search(str(error))
    return int(told[1]) if told else None


def _reason(error: Exception) -> str:
    """Return what happened in one line: of a wrapped refusal both, of a server its own words."""
    told = []
    for one in _chain(error):
        server = getattr(one, "server_message", None)
        told.append(str(server or one) or type(one).__name__)
        if server:
            break
    line = " ".join(" ".join(dict.fromkeys(told)).split())
    return line[:_LONGEST_REASON].rstrip(". ")
