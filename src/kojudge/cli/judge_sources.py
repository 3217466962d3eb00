"""What ``--from`` names: runs with judgments or labels, and files of labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kojudge.cli.rubric_rated import read_labels
from kojudge.cli.session import Session
from kojudge.errors import ConfigError, Said, did_you_mean, said
from kojudge.heads.data import Material
from kojudge.heads.gather import PEOPLE, Gathered, from_judgments, from_labels, merged, teachers_of
from kojudge.prompts import load_prompts
from kojudge.rubrics import Rubric, load_rubric
from kojudge.rubrics.load import rubric_names
from kojudge.selection import Asked, held_out
from kojudge.store.run import Run

__all__ = ["Sources", "gather"]

_LEFT = {
    "held_out": said("holdout 프롬프트의 글이라 읽지 않음", "of held-out prompts, not read"),
    "no_text": said("글이 없거나 대조용으로 망가뜨린 글", "without their text, or of controls"),
    "unscored": said("점수 없음", "without a score"),
    "stale": said("루브릭의 다른 판으로 매김", "by another version of the rubric"),
    "one_order": said("한 순서만 판정됨", "pairs judged in one order only"),
}


@dataclass(frozen=True, slots=True)
class Sources:
    """What the flags name."""

    places: tuple[str, ...]
    run_path: str | None
    teacher: str | None
    criteria: tuple[str, ...]
    licence: str


def gather(session: Session, asked: Asked, sources: Sources, *, evidence: bool = False) -> Material:
    """Return what there is to learn from; tell what is left aside, and why.

    Raises:
        ConfigError: no such teacher, several to choose from, or nothing to learn.
    """
    rubrics = _rubrics(session, asked, sources.criteria)
    hidden = _hidden(session, asked)
    found: list[Gathered] = []
    teachers: set[str] = set()
    for place in sources.places:
        if Path(place).is_file():
            run = session.open_run(sources.run_path)
            found.append(from_labels(run, read_labels(Path(place)), rubrics, hidden))
            teachers.add(PEOPLE)
            continue
        run = session.open_run(place)
        teacher = sources.teacher or _only_teacher(run)
        _check_teacher(run, teacher)
        teachers.add(teacher)
        if teacher == PEOPLE:
            found.append(from_labels(run, run.labels().labels, rubrics, hidden))
        else:
            found.append(from_judgments(run, teacher, rubrics, hidden))
    _tell_left(session, found)
    teacher = " + ".join(sorted(teachers))
    material = merged(found, rubrics, teacher, licence=sources.licence, evidence=evidence)
    _check_criteria(material, sources.criteria, teacher)
    return material


def _hidden(session: Session, asked: Asked) -> frozenset[str]:
    """Return the prompts held out, of every set in the workspace: a run may have others' texts."""
    folder = session.workspace().prompts
    names = tuple(sorted(path.stem for path in folder.glob("*.jsonl")))
    every = load_prompts(folder, names) if names else []
    return held_out(asked) | {prompt.prompt_id for prompt in every if prompt.holdout}


def _rubrics(session: Session, asked: Asked, criteria: Sequence[str]) -> list[Rubric]:
    """Return a rubric a criterion and mode: the workspace's, else any there is for a named one."""
    chosen: dict[tuple[str, str], Rubric] = {}
    for rubric in asked.rubrics:
        if not rubric.questions:
            chosen.setdefault((rubric.criterion, rubric.mode), rubric)
    lacking = set(criteria) - {criterion for criterion, _ in chosen}
    if lacking:
        folder = session.workspace().rubrics
        for rubric in (load_rubric(folder, name) for name in rubric_names(folder)):
            if rubric.criterion in lacking and not rubric.questions:
                chosen.setdefault((rubric.criterion, rubric.mode), rubric)
    unknown = sorted(set(criteria) - {criterion for criterion, _ in chosen})
    if unknown:
        raise ConfigError(
            said(f"평가 항목 '{unknown[0]}'의 루브릭이 없습니다.",
                 f"There is no rubric for the criterion '{unknown[0]}'."),
            did_you_mean(unknown[0], {criterion for criterion, _ in chosen}),
        )  # fmt: skip
    return [r for r in chosen.values() if not criteria or r.criterion in criteria]


def _only_teacher(run: Run) -> str:
    there = teachers_of(run)
    if len(there) == 1:
        return there[0]
    listed = ", ".join(there)
    if not there:
        raise ConfigError(
            said(f"{run.path}에 점수가 나온 판정도, 사람의 라벨도 없습니다.",
                 f"{run.path} holds neither scored judgments nor labels."),
            said("`kojudge score`로 심사하거나, `kojudge label`로 라벨을 모으거나, `kojudge import`로 "
                 "들여오세요.",
                 "Judge it with `kojudge score`, gather labels with `kojudge label`, or bring them "
                 "with `kojudge import`."),
        )  # fmt: skip
    raise ConfigError(
        said(f"{run.path}에는 배울 데가 여럿입니다: {listed}.",
             f"{run.path} holds several teachers: {listed}."),
        said(f"`--teacher {there[0]}`처럼 하나를 고르세요(사람은 people).",
             f"Choose one, say `--teacher {there[0]}` (people: the labels)."),
    )  # fmt: skip


def _check_teacher(run: Run, teacher: str) -> None:
    there = teachers_of(run)
    if teacher not in there:
        raise ConfigError(
            said(f"{run.path}에 '{teacher}'의 판정이나 라벨이 없습니다.",
                 f"{run.path} holds nothing by '{teacher}'."),
            did_you_mean(teacher, there),
        )  # fmt: skip


def _check_criteria(material: Material, criteria: Sequence[str], teacher: str) -> None:
    taught = {lesson.criterion for lesson in material.lessons}
    lacking = sorted(set(criteria) - taught)
    if lacking or not taught:
        named = ", ".join(lacking) or "—"
        raise ConfigError(
            said(f"'{teacher}'에게서 배울 것이 없습니다(항목: {named}).",
                 f"There is nothing to learn from '{teacher}' (criteria: {named})."),
            said("판정의 criterion이 kojudge.toml의 루브릭과 같은지, 글이 실행에 함께 있는지 확인하세요.",
                 "See whether the judgments' criterion is that of a rubric in kojudge.toml, and "
                 "whether the run holds their texts."),
        )  # fmt: skip


def _tell_left(session: Session, found: Iterable[Gathered]) -> None:
    left: Counter[str] = sum((one.left for one in found), Counter())
    for reason, number in sorted(left.items()):
        why: Said = _LEFT[reason]
        session.say(said(f"  {number}건은 배우지 않습니다: {why.ko}.",
                         f"  {number} answers are left aside: {why.en}."))  # fmt: skip
