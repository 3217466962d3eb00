"""A static Hugging Face Space: fetch what it lists, add runs, send what changed.

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
from collections.abc import Sequence
from pathlib import Path

from kojudge.errors import ConfigError, Language, said
from kojudge.publish import hub
from kojudge.publish.entry import ABOUT, Source
from kojudge.publish.feeds import ATOM, FEED
from kojudge.publish.hub import README, SCHEME, Repository, fetch, translated
from kojudge.publish.site import INDEX, Published, publish_to_folder
from kojudge.publish.words import WORDS
from kojudge.report.results_file import RESULTS

__all__ = ["SCHEME", "publish_to_space", "space_of"]

_TARGET = re.compile(r"hf://spaces/([\w.-]+/[\w.-]+)/?")
_FETCHED = [README, INDEX, f"runs/*/{ABOUT}", f"runs/*/{RESULTS}"]
_TEMPLATE_PAGE = "Welcome to your static Space"
"""What the hub puts into a new static Space, and we replace."""


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
    there = Repository(space, "space", "--to")
    api = translated(there, hub.open_api)
    translated(
        there,
        lambda: api.create_repo(
            space, repo_type="space", space_sdk="static", private=private, exist_ok=True
        ),
    )
    info = translated(there, lambda: api.repo_info(space, repo_type="space"))
    _refuse_other_kind(space, getattr(info, "sdk", None))
    with tempfile.TemporaryDirectory(prefix="kojudge-space-") as folder:
        site = Path(folder)
        translated(there, lambda: fetch(api, there, info.sha, site, _FETCHED))
        _drop_template_page(site)
        done = publish_to_folder(site, sources, templates, language)
        sent = [INDEX, "index.*.html", FEED, ATOM]
        sent += [f"runs/{slug}/*" for slug in (*done.added, *done.replaced)]
        if done.runs <= len(done.added):  # the first time; later the page is its owners'
            (site / README).write_text(_readme(language), encoding="utf-8")
            sent.append(README)
        translated(
            there,
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
