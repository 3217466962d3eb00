"""Small runs of texts whose quality is written in them, so that a simulated rater can read it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from kojudge.errors import Language, said
from kojudge.label import Api, Pair, Question, RaterFiles, Sitting, pairs_of, plan, sampled
from kojudge.label.naming import names_of
from kojudge.label.view import View
from kojudge.label.words import criterion_words
from kojudge.records import Json, Judgment, Scored, Text, identity
from kojudge.store.run import Run

BASELINE = "gemma-2-2b-it"
CANDIDATES = ("zeta-writer-7b", "omega-lite")
JUDGE = "gavel-70b"
CRITERIA = ("naturalness", "friendliness")
SECRETS = (BASELINE, *CANDIDATES, JUDGE, "gemma", "zeta", "omega", "gavel", "text_id", "candidate")
"""What no page may hear of."""
QUALITY = re.compile(r"(\d+)점짜리")
SEED = 7


def text(
    candidate: str, prompt: int, content: str | None = None, category: str = "blog", **more: object
) -> Text:
    """A candidate's text on one of the prompts p0, p1, …"""
    quality = random.Random(f"{candidate}/{prompt}").randrange(100)
    return Text(
        text_id=identity([candidate, prompt, content, *sorted(more.items())]),
        prompt_id=f"p{prompt}",
        category=category,
        prompt=f"{prompt}번 부탁: 가을 산책 이야기를 써 주세요.",
        candidate=candidate,
        sample=0,
        text=f"{prompt}번 글이고 {quality}점짜리입니다." if content is None else content,
        origin="imported",
        **more,  # type: ignore[arg-type]
    )


def texts(prompts: int = 20, special: Mapping[tuple[str, int], str] | None = None) -> list[Text]:
    """All models on all prompts, half of them blog posts; ``special`` texts say something else."""
    return [
        text(name, at, (special or {}).get((name, at)), ("blog", "emotional")[at % 2])
        for name in (BASELINE, *CANDIDATES)
        for at in range(prompts)
    ]


def make_run(path: Path, found: list[Text]) -> Run:
    """A run that holds these texts."""
    run = Run.open(path, create=True)
    run.append_texts(found)
    return run


def judge(run: Run, criterion: str = "naturalness", judge: str = JUDGE) -> None:
    """Let a judge prefer, in both orders, the text with the higher number."""
    found = []
    for pair in pairs_of(list(run.texts()), BASELINE):
        win = 0.9 if quality(pair.text.text) > quality(pair.baseline.text) else 0.1
        for order in ("AB", "BA"):
            found.append(
                Judgment(
                    judgment_id=identity([pair.key, criterion, judge, order]),
                    text_id=pair.text.text_id,
                    baseline_text_id=pair.baseline.text_id,
                    prompt_id=pair.text.prompt_id,
                    category=pair.text.category,
                    candidate=pair.text.candidate,
                    baseline=BASELINE,
                    sample=0,
                    criterion=criterion,
                    rubric=f"{criterion}-pairwise",
                    judge=judge,
                    mode="pairwise",
                    order=order,  # type: ignore[arg-type]
                    outcome=Scored(win, "imported"),
                    scale=(0.0, 1.0),
                    origin="imported",
                )
            )
    run.append_judgments(found)


def quality(content: str) -> int:
    """The number that a text says it is worth; 0 where it says none."""
    found = QUALITY.search(content)
    return int(found[1]) if found else 0


def choice_of(left: str, right: str) -> int:
    """What a rater chooses (1–5) who goes by the numbers."""
    gap = quality(left) - quality(right)
    return 3 if abs(gap) < 10 else (1 if gap > 40 else 2) if gap > 0 else (5 if gap < -40 else 4)


def pairs(prompts: int = 20) -> list[Pair]:
    """All pairs of :func:`texts`."""
    return pairs_of(texts(prompts), BASELINE)


def questions(
    found: list[Pair],
    rater: str = "kim",
    limit: int | None = None,
    criteria: tuple[str, ...] = CRITERIA,
) -> tuple[Question, ...]:
    """The questions of a rater about these pairs."""
    return plan(sampled(found, SEED, limit), criteria, SEED, rater)


def sit(run: Run, rater: str = "kim", limit: int | None = None) -> Sitting:
    """Sit down before the run's pairs; nobody is kept out."""
    found = pairs_of(list(run.texts()), BASELINE)
    (Path(run.path) / "labels").mkdir(exist_ok=True)
    return Sitting(RaterFiles(run, rater), questions(found, rater, limit))


def sides(question: Question) -> tuple[str, str]:
    """The texts of a question as they stand: left and right."""
    own, other = question.pair.text.text, question.pair.baseline.text
    return (own, other) if question.candidate_left else (other, own)


def go_on(sitting: Sitting, answers: int | None = None) -> int:
    """Answer by the numbers, all that is open or so many; return how many were answered."""
    given = 0
    while (question := sitting.current) is not None and given != answers:
        sitting.answer(question, choice_of(*sides(question)))
        given += 1
    return given


def view(language: Language = "ko") -> View:
    """How the tests' pages show questions."""
    words = {name: criterion_words(name, said(name, name)) for name in CRITERIA}
    return View(
        language, words, names_of([(BASELINE, "gemma-2", "google/gemma-2-2b-it"), *zip(CANDIDATES)])
    )


def api(
    sitting: Sitting, language: Language = "ko", results: Callable[[], list[Json]] = lambda: ["끝"]
) -> Api:
    """The page's API on a sitting, with one line of results; trouble is kept quiet."""
    return Api(sitting, view(language), results, language, lambda error: None)
