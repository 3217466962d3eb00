"""A static Hugging Face Space: fetch what it lists, add runs, send what changed.

The token is the hub library's own business (environment or login) and is never read here.
Earlier runs are not fetched but for ``run.json`` and ``results.json``, of which the index is
made; their pages stay as they are. What is large goes into the hub's storage first; then one
commit makes all of it visible, or nothing where anything failed before. The commit names the
revision it was made from, so that of two calls at once the second fails instead of undoing
the first.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kojudge.errors import ConfigError, KojudgeError, Language, Said, UnavailableError, said
from kojudge.publish.entry import ABOUT, Source
from kojudge.publish.feeds import ATOM, FEED
from kojudge.publish.site import INDEX, Published, publish_to_folder
from kojudge.publish.words import WORDS
from kojudge.report.results_file import RESULTS

__all__ = ["SCHEME", "publish_to_space", "space_of"]

SCHEME = "hf://"
_TARGET = re.compile(r"hf://spaces/([\w.-]+/[\w.-]+)/?")
_README = "README.md"
_FETCHED = [_README, INDEX, f"runs/*/{ABOUT}", f"runs/*/{RESULTS}"]
_TEMPLATE_PAGE = "Welcome to your static Space"
"""What the hub puts into a new static Space, and we replace."""
_XET_STATUS = re.compile(r"HTTP status [a-z ]*error \((\d{3})\b")
_LONGEST_REASON = 300

T = TypeVar("T")


def space_of(target: str) -> str:
    """Return ``ORG/NAME`` of ``hf://spaces/ORG/NAME``.

    Raises:
        ConfigError: ``target`` has another form.
    """
    found = _TARGET.fullmatch(target)
    if found is None:
        raise ConfigError(
            said(f"--to {target}: 올릴 수 있는 곳이 아닙니다.",
                 f"--to {target}: cannot publish there."),
            said("폴더 이름이나 hf://spaces/조직/이름 꼴로 적으세요.",
                 "Give a folder, or hf://spaces/ORG/NAME."),
        )  # fmt: skip
    return found[1]


def publish_to_space(
    space: str,
    sources: Sequence[Source],
    templates: Path,
    language: Language,
    *,
    private: bool = False,
) -> Published:
    """Add ``sources`` to the static Space ``space`` (``ORG/NAME``), made if missing.

    ``private`` is how a new Space is made; one that exists stays as it is.

    Raises:
        ConfigError: the Space is of another kind, or holds somebody else's page.
        UnavailableError: no library, no right to it, no network, or another upload came first.
    """
    api = _translated(space, _api)
    _translated(
        space,
        lambda: api.create_repo(
            space, repo_type="space", space_sdk="static", private=private, exist_ok=True
        ),
    )
    info = _translated(space, lambda: api.repo_info(space, repo_type="space"))
    _refuse_other_kind(space, getattr(info, "sdk", None))
    with tempfile.TemporaryDirectory(prefix="kojudge-space-") as folder:
        site = Path(folder)
        _translated(space, lambda: _fetch(api, space, info.sha, site))
        _drop_template_page(site)
        done = publish_to_folder(site, sources, templates, language)
        sent = [INDEX, "index.*.html", FEED, ATOM]
        sent += [f"runs/{slug}/*" for slug in (*done.added, *done.replaced)]
        if done.runs <= len(done.added):  # the first time; later the page is its owners'
            (site / _README).write_text(_readme(language), encoding="utf-8")
            sent.append(_README)
        _translated(
            space,
            lambda: api.upload_folder(
                repo_id=space,
                repo_type="space",
                folder_path=site,
                allow_patterns=sent,
                commit_message=_message(sources),
                parent_commit=info.sha,
            ),
        )
    return done


def _api() -> Any:
    from huggingface_hub import HfApi

    return HfApi(library_name="kojudge")


def _fetch(api: Any, space: str, revision: str, site: Path) -> None:
    from huggingface_hub.utils import tqdm

    class Silent(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})

    api.snapshot_download(
        space,
        repo_type="space",
        revision=revision,
        local_dir=site,
        allow_patterns=_FETCHED,
        tqdm_class=Silent,
    )


def _drop_template_page(site: Path) -> None:
    page = site / INDEX
    if page.is_file() and _TEMPLATE_PAGE in page.read_text(encoding="utf-8", errors="replace"):
        page.unlink()


def _readme(language: Language) -> str:
    """Return the Space's card: what the hub reads, then a line for people."""
    title = WORDS["title"].in_(language)
    head = {
        "title": title,
        "emoji": "✍️",
        "colorFrom": "indigo",
        "colorTo": "green",
        "sdk": "static",
        "app_file": INDEX,
        "pinned": False,
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()]
    lead = said("kojudge로 낸 한국어 글쓰기 평가 보고서를 모아 둔 곳입니다.",
                "Reports on how well language models write Korean, made with kojudge.")  # fmt: skip
    return "\n".join(["---", *lines, "---", "", f"# {title}", "", lead.in_(language), ""])


def _message(sources: Sequence[Source]) -> str:
    return "Publish " + ", ".join(source.slug for source in sources)


def _refuse_other_kind(space: str, sdk: str | None) -> None:
    if sdk in (None, "static"):
        return
    raise ConfigError(
        said(f"{space}: 정적 Space가 아닙니다(sdk: {sdk}).",
             f"{space}: this Space is not static (sdk: {sdk})."),
        said("다른 이름으로 새 Space를 만드세요: --to hf://spaces/조직/새이름",
             "Publish to a new Space: --to hf://spaces/ORG/NEW-NAME"),
    )  # fmt: skip


def _translated(space: str, call: Callable[[], T]) -> T:
    """Run ``call``; the hub library's errors become ours, each with a next step."""
    try:
        return call()
    except KojudgeError:
        raise
    except ImportError as error:
        raise UnavailableError(
            said(f"{space}에 올리는 데 필요한 huggingface_hub가 없습니다.",
                 f"Publishing to {space} needs huggingface_hub, not installed here."),
            said('`pip install "kojudge[local]"`로 설치하거나 --to에 폴더를 주세요.',
                 'Install with `pip install "kojudge[local]"`, or give --to a folder.'),
        ) from error  # fmt: skip
    except Exception as error:  # the boundary: httpx, xet and the library itself all raise here
        message, hint = _explained(space, error)
        raise UnavailableError(message, hint) from error


def _explained(space: str, error: Exception) -> tuple[Said, Said]:
    status, reason = _status(error), _reason(error)
    login = said(
        "쓰기 권한이 있는 토큰을 HF_TOKEN에 두거나 `hf auth login`으로 로그인하고, "
        f"{space}에 쓸 수 있는지 확인하세요.",
        "Put a token that may write into HF_TOKEN or log in with `hf auth login`, and check that "
        f"it may write to {space}.",
    )
    if status in (401, 403, 404) or type(error).__name__ == "LocalTokenNotFoundError":
        return said(f"허브가 {space}에 올리는 것을 허락하지 않았습니다: {reason}",
                    f"The hub does not let you publish to {space}: {reason}."), login  # fmt: skip
    if status in (409, 412):
        return (
            said(f"그사이 다른 곳에서 {space}이(가) 바뀌었습니다. 올리지 않았습니다.",
                 f"{space} changed meanwhile; nothing was uploaded."),
            said("같은 명령을 다시 실행하세요.", "Run the same command again."),
        )  # fmt: skip
    return (
        said(f"허브의 {space}에 올리지 못했습니다: {reason}",
             f"Could not publish to {space} on the hub: {reason}."),
        said("인터넷 연결과 프록시, HF_HUB_OFFLINE 설정을 확인하고 다시 실행하거나, --to에 폴더를 주어 "
             "만든 것을 직접 올리세요.",
             "Check the network, the proxy and HF_HUB_OFFLINE and run it again, or give --to a "
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
