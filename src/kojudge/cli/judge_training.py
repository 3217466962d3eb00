"""What ``kojudge judge train`` does, between the flags and the new card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kojudge.cards import CandidateCard, JudgeCard, load_candidates, load_judges, to_spec
from kojudge.cards.sources import WITHOUT_WEIGHTS, pull, pull_adapter
from kojudge.cli.judge_card_file import card_of, paths_of, refuse_overwriting, write_card
from kojudge.cli.judge_sources import Sources, gather
from kojudge.cli.judge_table import tell_training
from kojudge.cli.progress import Bar
from kojudge.cli.session import Session
from kojudge.engines.head.features import Reader
from kojudge.engines.head.file import write_head
from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.heads.data import Material
from kojudge.heads.fit import Features
from kojudge.heads.ridge import require_scikit_learn
from kojudge.heads.train import FEWEST_LABELS, check_enough, read_features, train_head, with_pairs
from kojudge.models.heads import base_of
from kojudge.workspace import Workspace

__all__ = ["TrainRequest", "run_training"]

Base = CandidateCard | JudgeCard


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """The flags of one call."""

    name: str
    base: str
    criteria: tuple[str, ...]
    sources: tuple[str, ...]
    teacher: str | None = None
    run_path: str | None = None
    with_evidence: bool = False
    licence: str | None = None
    out: Path | None = None
    force: bool = False
    dry_run: bool = False


def run_training(session: Session, request: TrainRequest) -> dict[str, Any]:
    """Gather, read, validate, learn; write head and card. Return the JSON object of ``--json``.

    Raises:
        ConfigError: a name is wrong or taken, or there is too little to learn from.
        UnavailableError: a library, or the base model's weights, are missing.
    """
    require_scikit_learn()
    workspace = session.workspace()
    places = paths_of(request.out or workspace.judge, request.name)
    if not request.force:
        refuse_overwriting(places, request.name)
    base = _base(workspace, request.base)
    asked, _ = session.ask(None, {}, {})
    rng = np.random.default_rng(asked.settings.seed)
    sources = Sources(request.sources, request.run_path, request.teacher, request.criteria,
                      _licence(workspace, request))  # fmt: skip
    gathered = gather(session, asked, sources, evidence=request.with_evidence)
    material = with_pairs(_worth_learning(session, gathered), rng)
    check_enough(material)
    _announce(session, material)
    if request.dry_run:
        return _content(request, material)
    features, named = _features(session, base, material, asked.settings.batch_size)
    facts = {"base_card": base.name, "recipe": _recipe(request)}
    with Bar(said("교차 검증", "validating").in_(session.language), 1, "cells") as bar:
        trained = train_head(
            request.name, material, features, named, rng, facts=facts,
            tick=lambda done, total: bar.show(done, total=total),
        )  # fmt: skip
    write_head(places.head, trained.head)
    write_card(places.card, card_of(request.name, base, trained.head, f"heads/{request.name}"))
    tell_training(session, trained.head)
    session.say(said(
        f"카드: {places.card}\n다음: kojudge audit --judge {request.name}",
        f"Card: {places.card}\nNext: kojudge audit --judge {request.name}",
    ))  # fmt: skip
    return _content(request, material) | {
        "card": str(places.card),
        "head": str(places.head),
        "facts": dict(trained.head.facts),
    }


def _worth_learning(session: Session, material: Material) -> Material:
    """Leave out what is too little, where the same criterion can be learnt in the other mode."""
    rich = {one.criterion for one in material.lessons if len(one.first) >= FEWEST_LABELS}
    kept = tuple(
        one
        for one in material.lessons
        if len(one.first) >= FEWEST_LABELS or one.criterion not in rich
    )
    for one in material.lessons:
        if one not in kept:
            session.say(said(
                f"  {one.criterion} · {one.mode}: {len(one.first)}건뿐이라 이 방식은 따로 배우지 않습니다.",
                f"  {one.criterion} · {one.mode}: only {len(one.first)} answers; not learnt from those.",
            ))  # fmt: skip
    return replace(material, lessons=kept)


def _base(workspace: Workspace, name: str) -> Base:
    """Return the card of the base model: a judge's, else a candidate's, with weights to load."""
    cards: dict[str, Base] = {
        **load_candidates(workspace.candidates),
        **load_judges(workspace.judge),
    }
    if name not in cards:
        raise ConfigError(
            said(f"기반 모델 '{name}'의 카드가 없습니다.", f"There is no card '{name}' for the base."),
            did_you_mean(name, cards),
        )  # fmt: skip
    card = cards[name]
    if card.engine in {*WITHOUT_WEIGHTS, "fake", "head"}:
        raise ConfigError(
            said(f"카드 '{name}'(engine: {card.engine})은(는) 헤드의 기반이 될 수 없습니다. 헤드는 모델 안의 "
                 "상태를 읽으므로 가중치가 이 컴퓨터에 있어야 합니다.",
                 f"The card '{name}' (engine: {card.engine}) cannot be the base of a head, which "
                 "reads the model's states and so needs its weights here."),
            said("작은 로컬 모델의 카드를 고르세요. `kojudge models list`에 나옵니다.",
                 "Choose the card of a small local model; see `kojudge models list`."),
        )  # fmt: skip
    return card


def _licence(workspace: Workspace, request: TrainRequest) -> str:
    """Return the licence of the labels: as given, else that of the teaching judge's model."""
    if request.licence is not None:
        return request.licence
    cards: Mapping[str, JudgeCard] = load_judges(workspace.judge)
    card = cards.get(request.teacher or "")
    return card.license if card else ""


def _features(
    session: Session, base: Base, material: Material, batch_size: int
) -> tuple[Features, dict[str, Any]]:
    progress = session.pulling(base.name)
    folder = pull(base, progress)
    reader = Reader(to_spec(base, folder, pull_adapter(base, progress)), batch_size=batch_size)
    try:
        with Bar(base.name, len(material.examples), "texts") as bar:
            features = read_features(reader, material, lambda done, _: bar.show(done))
    finally:
        reader.close()
    return features, base_of(base, folder)


def _announce(session: Session, material: Material) -> None:
    prompts, writers = len(set(material.prompts)), len(set(material.candidates))
    session.say(said(
        f"{material.teacher}에게서 배웁니다: 글 {len(material.examples)}편 · 프롬프트 {prompts}개 · "
        f"글쓴이 {writers}",
        f"Learning from {material.teacher}: {len(material.examples)} texts · {prompts} prompts · "
        f"{writers} writers",
    ))  # fmt: skip
    for one in material.lessons:
        made = (
            said(" (점수에서 만든 쌍)", " (pairs made of the scores)") if one.made else said("", "")
        )
        session.say(said(
            f"  {one.criterion} · {one.mode}: {len(one.first)}건{made.ko}",
            f"  {one.criterion} · {one.mode}: {len(one.first)} answers{made.en}",
        ))  # fmt: skip


def _content(request: TrainRequest, material: Material) -> dict[str, Any]:
    return {
        "schema": "kojudge.judge-train/1",
        "judge": request.name,
        "base": request.base,
        "teacher": material.teacher,
        "texts": len(material.examples),
        "prompts": len(set(material.prompts)),
        "writers": len(set(material.candidates)),
        "held_out_answers": material.held_out,
        "lines": [
            {"criterion": one.criterion, "mode": one.mode, "answers": len(one.first), "made": one.made}
            for one in material.lessons
        ],
    }  # fmt: skip


def _recipe(request: TrainRequest) -> str:
    """Return the command that made it, its places by name alone."""
    words = ["kojudge judge train", f"--name {request.name}", f"--base {request.base}"]
    words += [f"--criterion {one}" for one in request.criteria]
    words += [f"--from {Path(one).name}" for one in request.sources]
    if request.teacher:
        words.append(f"--teacher {request.teacher}")
    return " ".join([*words, *(["--with-evidence"] if request.with_evidence else [])])
