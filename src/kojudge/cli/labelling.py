"""What ``kojudge label`` does, between the flags and the page."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import click

from kojudge.cli.session import Session
from kojudge.errors import Said, said
from kojudge.label import (
    Api,
    LabelServer,
    Pair,
    RaterFiles,
    Sitting,
    pairs_of,
    plan,
    rater_name,
    sampled,
)
from kojudge.label.naming import Names, names_itself, names_of
from kojudge.label.page import label_page
from kojudge.label.results import results_of
from kojudge.label.told import as_json, told
from kojudge.label.view import View
from kojudge.label.words import Criterion, criterion_words
from kojudge.records import Text
from kojudge.selection import Asked, current_texts, wanted_texts
from kojudge.store.run import Run


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """The flags of one call."""

    run_path: str | None = None
    rater: str | None = None
    baseline: str | None = None
    limit: int | None = None
    open_browser: bool = False


def run_labelling(session: Session, request: LabelRequest) -> None:
    """Serve the page until Ctrl-C; that is an interruption only while questions are open."""
    rater = rater_name(request.rater)
    run = session.open_run(request.run_path)
    asked, _ = session.ask(run, {"baseline": request.baseline}, {}, starter_serves=True)
    texts = current_texts(run, {item.text_id for item in wanted_texts(asked)})
    names = _names(asked, texts)
    rounds = [
        tuple(_flagged(pair, names) for pair in one)
        for one in sampled(
            pairs_of(texts, asked.settings.baseline), asked.settings.seed, request.limit
        )
    ]
    criteria = _criteria(asked)
    questions = plan(rounds, list(criteria), asked.settings.seed, rater)
    with RaterFiles(run, rater) as files:
        sitting = Sitting(files, questions)
        named = sum(pair.named for one in rounds for pair in one)

        def results() -> list[Said]:
            found = results_of(run, questions, sitting.repeated(), asked.settings.seed)
            return told(found, sitting.progress, named, criteria)

        api = Api(
            sitting,
            View(session.language, criteria, names),
            lambda: as_json(results(), session.language),
            session.language,
            lambda error: session.say(error.message),
        )
        with LabelServer(api, label_page(session.language, rater), session.language) as server:
            _announce(session, sitting, run, server.url, request)
            _serve(session, sitting, server)
        for sentence in results():
            session.say(sentence)


def _names(asked: Asked, texts: Sequence[Text]) -> Names:
    """Return the names of every model of the run: what its card says, or its bare name."""
    cards = {card.name: card for card in asked.candidates}
    models = []
    for name in sorted({text.candidate for text in texts}):
        card = cards.get(name)
        models.append((name, card.family, card.source.hub or "") if card else (name,))
    return names_of(models)


def _flagged(pair: Pair, names: Names) -> Pair:
    return replace(pair, named=any(names_itself(t.text, names) for t in (pair.text, pair.baseline)))


def _criteria(asked: Asked) -> Mapping[str, Criterion]:
    return {
        rubric.criterion: criterion_words(rubric.criterion, said(rubric.name_ko, rubric.name_en))
        for rubric in asked.rubrics
    }


def _announce(
    session: Session, sitting: Sitting, run: Run, url: str, request: LabelRequest
) -> None:
    progress, rater = sitting.progress, sitting.files.rater
    session.say(said(
        f"{run.path}: 평가자 {rater}, {progress.total}문항 가운데 {progress.settled}개를 마쳤습니다. "
        "아래 주소를 브라우저에서 여세요. Ctrl-C로 끝냅니다(답은 그때그때 저장됩니다).",
        f"{run.path}: rater {rater}, {progress.settled} of {progress.total} questions done. "
        "Open this address in a browser; Ctrl-C ends (each answer is saved at once).",
    ))  # fmt: skip
    click.echo(url)
    sys.stdout.flush()
    if request.open_browser:
        _open(session, url)


def _open(session: Session, url: str) -> None:
    """Open the browser, but only for someone who sits at a terminal."""
    import webbrowser

    if not (sys.stdout.isatty() and webbrowser.open(url)):
        session.say(said("브라우저를 열지 못했습니다. 위 주소를 직접 여세요.",
                         "No browser was opened: open the address above."))  # fmt: skip


def _serve(session: Session, sitting: Sitting, server: LabelServer) -> None:
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        with sitting.lock:  # an answer on its way reaches the disk first
            finished = sitting.current is None
        if not finished:
            progress = sitting.progress
            session.say(said(
                f"{progress.total}문항 가운데 {progress.settled}개를 마쳤습니다.",
                f"{progress.settled} of {progress.total} questions done.",
            ))  # fmt: skip
            raise
