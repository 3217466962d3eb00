"""Train a head: validate the whole procedure on texts left out, then learn from all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from kojudge.audit.figures import as_json
from kojudge.engines.head.features import Passage, Reader
from kojudge.engines.head.file import Head, Line
from kojudge.errors import ConfigError, Said, UnavailableError, said
from kojudge.heads.data import Lesson, Material, pairs_of_scores
from kojudge.heads.domain import STRAYED, fit_domain
from kojudge.heads.fit import CHOSEN, Features, Groups, Learnt, Ruling, Space, learn
from kojudge.heads.folds import Folds
from kojudge.heads.ridge import require_scikit_learn
from kojudge.heads.validate import LineValidation, validate
from kojudge.records import Json, identity
from kojudge.rubrics import neutralise

__all__ = [
    "FEWEST_LABELS",
    "FEWEST_PROMPTS",
    "Trained",
    "check_enough",
    "material_hash",
    "read_features",
    "spaces_of",
    "train_head",
    "with_pairs",
]

FEWEST_LABELS = 50
FEWEST_PROMPTS = 5
VERSION = 1
"""Of the training procedure; part of a head's facts."""
Tick = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Trained:
    """A head, and what cross-validation found of each of its lines.

    ``writers_left_out``: False where there were too few writers to leave any out, so that a
    writer's style may pass for quality in every figure.
    """

    head: Head
    validation: tuple[LineValidation, ...]
    writers_left_out: bool


def spaces_of(layers: int) -> tuple[Space, ...]:
    """Return where states are read: about ¼, ½ and ¾ of ``layers``, mean and last token."""
    chosen = dict.fromkeys(max(1, round(layers * share)) for share in (0.25, 0.5, 0.75))
    return tuple((layer, pooling) for layer in chosen for pooling in ("mean", "last"))


def read_features(
    reader: Reader,
    material: Material,
    tick: Tick | None = None,
    *,
    spaces: Sequence[Space] | None = None,
) -> Features:
    """Return the states of all examples in ``spaces``, markers of the chat format neutralised.

    By default the spaces are those that a head chooses among (:func:`spaces_of`).

    Raises:
        UnavailableError: a text could not be read (memory, or a prompt beyond the context).
    """
    specials = reader.special_tokens()
    passages = [
        Passage(
            tuple(replace(turn, content=neutralise(turn.content, specials)) for turn in one.before),
            neutralise(one.text, specials),
        )
        for one in material.examples
    ]
    spaces = spaces_of(reader.layers) if spaces is None else spaces
    made = {s: np.full((len(passages), reader.width), np.nan, np.float32) for s in spaces}
    errors: dict[str, int] = {}
    for done, (at, state) in enumerate(reader.states(passages, spaces), start=1):
        if state.error:
            errors[state.error] = errors.get(state.error, 0) + 1
        for space, vector in state.vectors.items():
            made[space][at] = vector
        if tick is not None:
            tick(done, len(passages))
    if errors:
        told = ", ".join(f"{name} {number}" for name, number in sorted(errors.items()))
        raise UnavailableError(
            said(f"학습할 글을 다 읽지 못했습니다: {told}.", f"Not all texts could be read: {told}."),
            said("[workspace]의 batch_size를 줄이거나 문맥이 더 긴 기반 모델을 쓰세요.",
                 "Lower batch_size in kojudge.toml, or use a base model with a longer context."),
        )  # fmt: skip
    return made


def with_pairs(material: Material, rng: np.random.Generator, ties: bool = True) -> Material:
    """Add, for every criterion that has scores and no pairs, the pairs that the scores imply."""
    paired = {one.criterion for one in material.lessons if one.mode == "pairwise"}
    made = [
        pairs_of_scores(one, material.prompts, rng, 3 if ties else 2)
        for one in material.lessons
        if one.mode == "pointwise" and one.criterion not in paired
    ]
    useful = [lesson for lesson in made if len(lesson.first) >= FEWEST_LABELS]
    return replace(material, lessons=(*material.lessons, *useful))


def check_enough(material: Material) -> None:
    """Refuse what no honest validation can be made of.

    Raises:
        ConfigError: nothing to learn, fewer than 50 labels or 5 prompts, or all labels alike.
    """
    if not material.lessons:
        raise _refused(said("배울 판정이나 라벨이 없습니다.", "There is nothing to learn from."))
    for one in material.lessons:
        name = f"{one.criterion}, {one.mode}"
        prompts = len({material.examples[at].prompt for at in one.first.tolist()})
        if len(one.first) < FEWEST_LABELS:
            raise _refused(said(
                f"{name}: 라벨이 {len(one.first)}건뿐입니다. {FEWEST_LABELS}건은 있어야 합니다.",
                f"{name}: {len(one.first)} labels; at least {FEWEST_LABELS} are needed."))  # fmt: skip
        if prompts < FEWEST_PROMPTS:
            raise _refused(said(
                f"{name}: 프롬프트가 {prompts}개뿐입니다. {FEWEST_PROMPTS}개는 있어야 번갈아 빼고 검증합니다.",
                f"{name}: {prompts} prompts; validation leaves them out in turn and needs "
                f"{FEWEST_PROMPTS}."))  # fmt: skip
        if np.ptp(one.truth) == 0:
            raise _refused(said(f"{name}: 라벨이 모두 같습니다.", f"{name}: all labels are alike."))


def train_head(
    name: str,
    material: Material,
    features: Features,
    base: Mapping[str, Json],
    rng: np.random.Generator,
    *,
    facts: Mapping[str, Json] | None = None,
    curve: bool = True,
    resamples: int = 1000,
    tick: Tick | None = None,
    ruling: Ruling = CHOSEN,
) -> Trained:
    """Validate, then learn from everything; the head's facts hold what the validation found.

    ``features`` are those of ``read_features``; ``base`` names the base model's weights
    (:func:`kojudge.models.heads.base_of`); ``facts`` are added to the head's own.

    Raises:
        ConfigError: too little to learn from, or too one-sided.
        UnavailableError: scikit-learn is not installed.
    """
    require_scikit_learn()
    check_enough(material)
    try:
        found, folds = validate(
            material, features, rng, curve=curve, resamples=resamples, tick=tick, ruling=ruling
        )
        learnt = learn(
            features, material.lessons, Groups(material.prompts, material.candidates), rng, ruling
        )
    except ValueError as error:
        raise _refused(said(
            "프롬프트와 글쓴이를 함께 빼고 나면 배울 것이 남지 않거나, 남은 라벨이 모두 같습니다.",
            "With prompts and writers left out together nothing is left to learn from, or all "
            f"that is left is alike ({error}).")) from error  # fmt: skip
    told = {**_facts(material, learnt, found, folds), **(facts or {})}
    head = replace(_head(name, material.lessons, learnt, features, folds, base, told),
                   evidence=material.evidence)  # fmt: skip
    return Trained(head, found, folds.candidate is not None)


def material_hash(material: Material) -> str:
    """Return the id of what was learnt from: texts, turns and answers."""
    examples = [
        [one.key, [[turn.role, turn.content] for turn in one.before], one.text]
        for one in material.examples
    ]
    lessons = [
        [one.criterion, one.mode, list(one.labels), one.first.tolist(),
         None if one.second is None else one.second.tolist(), one.answers.round(6).tolist()]
        for one in material.lessons
    ]  # fmt: skip
    return identity(["head-material", examples, lessons])


def _head(
    name: str,
    lessons: Sequence[Lesson],
    learnt: Learnt,
    features: Features,
    folds: Folds,
    base: Mapping[str, Json],
    facts: Mapping[str, Json],
) -> Head:
    lines = tuple(
        Line(
            lesson.criterion,
            lesson.mode,
            lesson.labels,
            one.weights.astype(np.float32),
            one.bias,
            one.slope,
            one.cuts if len(lesson.labels) != 2 or lesson.mode == "pointwise" else np.zeros(1),
        )
        for lesson, one in zip(lessons, learnt.lines, strict=True)
    )
    layer, pooling = learnt.space
    return Head(
        name,
        dict(base),
        layer,
        pooling,
        learnt.centre.astype(np.float32),
        learnt.scale.astype(np.float32),
        lines,
        fit_domain(learnt.standardised(features), folds),
        facts,
    )


def _facts(
    material: Material, learnt: Learnt, found: Sequence[LineValidation], folds: Folds
) -> dict[str, Json]:
    lines = {
        f"{lesson.criterion}/{lesson.mode}": {"labels": len(lesson.first), "penalty": one.penalty}
        for lesson, one in zip(material.lessons, learnt.lines, strict=True)
    }
    told = {
        "teacher": material.teacher,
        "licence_of_labels": material.licence,
        "criteria": sorted({lesson.criterion for lesson in material.lessons}),
        "texts": len(material.examples),
        "prompts": len(set(material.prompts)),
        "candidates": sorted(set(material.candidates)),
        "held_out_answers": material.held_out,
        "evidence": material.evidence,
        "lines": lines,
        "data_hash": material_hash(material),
        "writers_left_out": folds.candidate is not None,
        "strayed": STRAYED,
        "procedure": VERSION,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "validation": list(found),
    }
    return {name: as_json(value) for name, value in told.items()}


def _refused(why: Said) -> ConfigError:
    return ConfigError(
        said(f"헤드를 학습하지 않았습니다. {why.ko}", f"No head was trained. {why.en}"),
        said("같은 심사 모델의 판정이나 사람의 라벨을 더 모으세요: 프롬프트 여럿에, 모델 셋 이상의 글로.",
             "Gather more judgments of one judge, or more labels: many prompts, three models or more."),
    )  # fmt: skip
