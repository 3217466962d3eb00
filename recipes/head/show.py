"""What the shipped head's kind of training is worth, on texts it did not learn from.

    python -m recipes.head.show --shared FOLDER --states FILE.npz

FILE is the one that `recipes.head.train --states` wrote. Every figure is about prompts left out
of training; what else is left out stands with it. 95 % intervals draw whole prompts again. The
same is shown for trivial features (length, Hangul share, markdown, repetition), learnt from the
same texts. Prints the tables of docs/head.md.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from kojudge.audit.kinds import LABELS
from kojudge.audit.shortcuts import FEATURES
from kojudge.audit.shortcuts import features as trivial_features
from kojudge.cards import CandidateCard, load_candidate
from recipes.head.figures import Bools, Floats, Study, text_of
from recipes.head.material import material
from recipes.head.origins import CORPORA, KOREAN, origins
from recipes.head.reading import SPACE, states
from recipes.head.train import BASE, ROOT, SEED
from recipes.head.versions import WORSE, versions

CORPUS_NAMES = tuple(CORPORA)
TURNED = 120
"""Texts that are read below another request."""


def separation(study: Study) -> None:
    """Each degradation learnt from and not learnt from."""
    print("## 배우지 않은 종류의 망가뜨린 글 · degradations never seen in training\n")
    print(
        "| 종류 · kind | 배움 · learnt | 배우지 않음 · never seen | 겉모습만 · trivial, never seen |"
    )
    print("|---|---|---|---|")
    everything = study.everything
    whole = study.predict("naturalness", everything)
    rows = []
    for kind in WORSE:
        without = np.array([one.kind.split("+")[0] != kind for one in study.made])
        unseen = study.predict("naturalness", without)
        plain = study.predict("naturalness", without, trivial=True)
        figures = [study.seen(level, (kind,), CORPUS_NAMES) for level in (whole, unseen, plain)]
        rows.append([one.value for one in figures])
        print(f"| {LABELS[kind].ko} · {LABELS[kind].en} | "
              + " | ".join(text_of(one) for one in figures) + " |", flush=True)  # fmt: skip
    means = np.array(rows, dtype=np.float64).mean(axis=0)
    print("| **평균 · mean** | " + " | ".join(f"**{one:.2f}**" for one in means) + " |\n")


def transfer(study: Study) -> None:
    """One corpus left out, one corpus alone, and degradations without anyone's scores."""
    print("## 다른 자료로 옮김 · transfer\n")
    print("| 배운 것 · learnt from | 시험한 것 · tested on | 헤드 · head | 겉모습만 · trivial |")
    print("|---|---|---|---|")
    arena = study.mask(lambda one: one.origin.corpus == "arena")
    others = tuple(name for name in CORPORA if name != "arena")
    for words, train, tested in (
        ("ko-arena-hard를 뺀 모두 · all but ko-arena-hard", ~arena, ("arena",)),
        ("ko-arena-hard만 · ko-arena-hard alone", arena, others),
    ):
        levels = [
            study.predict("naturalness", train, trivial=t, apart=False) for t in (False, True)
        ]
        told = " | ".join(_mean_seen(study, level, tested) for level in levels)
        print(f"| {words} | {', '.join(tested)}: 망가뜨린 글 · degraded | {told} |", flush=True)
    _scores(study)


def _mean_seen(study: Study, level: Floats, corpora: tuple[str, ...]) -> str:
    """Detection over all degradations together, by prompt."""
    return text_of(study.seen(level, WORSE, corpora))


def _scores(study: Study) -> None:
    """ChatGPT's scores, by a head that saw none of them and none of komt-eval."""
    scored = study.mask(lambda one: one.origin.score is not None and one.kind == "original")
    korean = scored & study.mask(lambda one: trivial_features(one.text)[1] >= KOREAN)
    truth = np.array([one.origin.score or 0.0 for one in study.made])
    others = study.mask(lambda one: one.origin.corpus != "komt")
    levels = [study.predict("naturalness", others, trivial=t, apart=False) for t in (False, True)]
    for words, rows in (("모두 · all", scored), ("온전히 한국어 · Korean throughout", korean)):
        told = " | ".join("r " + text_of(study.agreement(one, truth, rows)) for one in levels)
        print(f"| 망가뜨린 글만(점수 없이) · degradations alone, no scores | komt-eval의 ChatGPT 점수"
              f" · ChatGPT's scores, {words}, n = {int(rows.sum())} | {told} |")  # fmt: skip
    whole = [study.predict("naturalness", study.everything, trivial=t) for t in (False, True)]
    told = " | ".join("r " + text_of(study.agreement(one, truth, korean)) for one in whole)
    print(f"| 모두(그 프롬프트만 빼고) · everything but the prompt | 같은 것, 온전히 한국어 · the same, "
          f"Korean throughout | {told} |\n")  # fmt: skip


def shortcuts(study: Study) -> None:
    """What the head's levels go with that is not quality."""
    print("## 지름길 · shortcuts\n")
    level = study.predict("naturalness", study.everything)
    truth = np.array([one.naturalness or 0.0 for one in study.made])
    original = study.mask(lambda one: one.kind == "original" and one.origin.corpus != "audit")
    plain = np.array([trivial_features(one.text) for one in study.made])
    print(
        "| 무엇 · what | 헤드와의 r · r with the head | 정답과의 r · r with the truth |\n|---|---|---|"
    )
    for at, name in enumerate(FEATURES):
        print(f"| {name} | {text_of(study.agreement(level, plain[:, at], original))} "
              f"| {text_of(study.agreement(truth, plain[:, at], original))} |")  # fmt: skip
    rest = level - _explained(plain, level, original)
    left = truth - _explained(plain, truth, original)
    share = 1 - float(np.var(rest[original]) / np.var(level[original]))
    print(
        f"\n- 네 가지가 설명하는 헤드의 분산 · share of the head's variance that the four explain: {share:.2f}"
    )
    print("- 네 가지를 고정하고 정답과의 r · r with the truth, the four held fixed: "
          f"{text_of(study.agreement(rest, left, original))}")  # fmt: skip
    _identity(study, level - truth, original)


def _explained(plain: Floats, y: Floats, rows: Bools) -> Floats:
    x = np.column_stack([plain, plain**2, np.ones(len(plain))])
    fitted: Floats = x @ np.linalg.lstsq(x[rows], y[rows], rcond=None)[0]
    return fitted


def _identity(study: Study, error: Floats, rows: Bools) -> None:
    """Whether the head's errors go with who wrote: η² against shuffled writers."""
    komt = rows & study.mask(lambda one: one.origin.corpus == "komt")
    writers = np.array([one.origin.writer for one in study.made])[komt]
    own = error[komt]
    rng = np.random.default_rng(study.seed)
    seen = _eta(own, writers)
    drawn = [_eta(own, rng.permutation(writers)) for _ in range(1000)]
    print(f"- 모델을 알면 줄어드는 오차(komt-eval, η²) · share of the errors that goes with the model: "
          f"{seen:.2f} (뒤섞으면 · shuffled {np.mean(drawn):.2f}, p = "
          f"{(1 + sum(one >= seen for one in drawn)) / 1001:.3f})\n")  # fmt: skip


def _eta(values: Floats, names: np.ndarray) -> float:
    means = {name: values[names == name].mean() for name in np.unique(names)}
    fitted = np.array([means[name] for name in names])
    return float(np.var(fitted) / np.var(values))


def leakage(study: Study, card: CandidateCard) -> None:
    """What the same texts get as answers to another request: they are as natural as before."""
    found = [at for at, one in enumerate(study.made) if one.kind == "original" and one.origin.sound]
    taken = np.random.default_rng(study.seed).permutation(found)[:TURNED].tolist()
    examples = [study.learnt.examples[at] for at in taken]
    others = [examples[at - 1].before for at in range(len(examples))]
    turned = [replace(one, before=other) for one, other in zip(examples, others, strict=True)]
    features, _ = states(card, replace(study.learnt, examples=tuple(turned)), (SPACE,))
    own = study.features[SPACE][taken]
    level = study.read("naturalness", {SPACE: np.vstack([own, features[SPACE]])})
    moved = level[len(taken) :] - level[: len(taken)]
    print(f"- 다른 부탁에 붙인 같은 글 {len(taken)}편의 점수가 움직이는 폭 · what another request moves the "
          f"same texts by: {np.mean(moved):+.2f} ± {np.std(moved):.2f} "
          f"(글 사이의 표준편차 · SD between texts {np.std(level[: len(taken)]):.2f})\n")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--states", type=Path, help="the states that recipes.head.train kept")
    options = parser.parse_args()
    made = [one for origin in origins(ROOT, options.shared) for one in versions(origin)]
    learnt = material(made, np.random.default_rng(SEED))
    card = load_candidate(ROOT / "candidates", BASE)
    features, _ = states(card, learnt, (SPACE,), options.states)
    study = Study.of(made, learnt, features, SEED)
    separation(study)
    transfer(study)
    shortcuts(study)
    leakage(study, card)


if __name__ == "__main__":
    main()
