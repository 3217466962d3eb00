"""What ``kojudge publish`` does, between the flags and the site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kojudge.cli.session import Session, language_of
from kojudge.errors import said
from kojudge.publish import Published, Source, publish_to_folder, read_source
from kojudge.publish.entry import Criteria
from kojudge.publish.page import STYLE_SHEET, TEMPLATE
from kojudge.publish.space import publish_to_space, space_of
from kojudge.workspace import starter_root

SCHEMA = "kojudge.publish/1"


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """The flags of one call."""

    runs: tuple[str, ...]
    to: str
    lang: str | None = None
    private: bool = False


def run_publish(session: Session, request: PublishRequest) -> dict[str, Any]:
    """Add the runs to the site and tell what became of them; return it for ``--json``.

    Raises:
        ConfigError: the target is no folder or Space that can be published to.
        StoreError: a run has no report, or the folder cannot be written.
        UnavailableError: the hub cannot be reached or does not allow it.
    """
    space = space_of(request.to) if "://" in request.to else None
    criteria = _criteria(session)
    sources = _sources(session, request.runs or (session.run_path(None),), criteria)
    language, templates = language_of(request.lang or session.language), _templates(session)
    if space is None:
        done = publish_to_folder(Path(request.to), sources, templates, language)
        where = str(Path(request.to) / "index.html")
    else:
        done = publish_to_space(space, sources, templates, language, private=request.private)
        where = request.to
    _tell(session, sources, done, where)
    return {
        "schema": SCHEMA,
        "to": request.to,
        "added": list(done.added),
        "replaced": list(done.replaced),
        "runs": done.runs,
        "warnings": [warning.in_(session.language) for warning in done.warnings],
    }


def _sources(session: Session, paths: Sequence[str], criteria: Criteria) -> list[Source]:
    sources = []
    for path in paths:
        source = read_source(session.open_run(path).path, criteria)
        if source.older:
            session.say(said(
                f"⚠ {path}: report.html이 results.json보다 오래되었습니다. `kojudge report --run {path}`로 "
                "다시 만드세요.",
                f"⚠ {path}: report.html is older than results.json. Make it again with "
                f"`kojudge report --run {path}`.",
            ))  # fmt: skip
        sources.append(source)
    return sources


def _criteria(session: Session) -> dict[str, tuple[str, str]]:
    """Return the names of the workspace's criteria; others are shown by their id."""
    from kojudge.rubrics import load_rubric, rubric_names

    folder = session.workspace_or_starter().rubrics
    rubrics = [load_rubric(folder, name) for name in rubric_names(folder)]
    return {one.criterion: (one.name_ko, one.name_en) for one in rubrics}


def _templates(session: Session) -> Path:
    """Return the workspace's templates; one made before there was a site uses the starter's."""
    own = session.workspace_or_starter().reports
    whole = all((own / name).is_file() for name in (TEMPLATE, STYLE_SHEET))
    return own if whole else starter_root() / "reports"


def _tell(session: Session, sources: Sequence[Source], done: Published, where: str) -> None:
    for source in {source.slug: source for source in sources}.values():
        if source.slug in done.replaced:
            session.say(said(f"{source.name}: 이미 있던 것을 새로 바꿨습니다(runs/{source.slug}).",
                             f"{source.name}: replaced (runs/{source.slug})."))  # fmt: skip
        else:
            session.say(said(f"{source.name}: 더했습니다(runs/{source.slug}).",
                             f"{source.name}: added (runs/{source.slug})."))  # fmt: skip
    for warning in done.warnings:
        session.say(said(f"⚠ {warning.ko}", f"⚠ {warning.en}"))
    noun = "run" if done.runs == 1 else "runs"
    session.say(said(f"{where} · 실행 {done.runs}개", f"{where} · {done.runs} {noun}"))
