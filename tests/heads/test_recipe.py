"""The recipe of the shipped head: what it may read, and what it says of it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kojudge.audit.attacks import ATTACKS
from kojudge.audit.kinds import WRITTEN
from kojudge.audit.texts import is_training
from kojudge.korean.degrade import PROGRAMS
from recipes.head.material import LEVELS, material
from recipes.head.orders import ORDERS
from recipes.head.origins import CORPORA, KOREAN, LONGEST, Origin, opening, origins
from recipes.head.versions import SAME, WORSE, Version, versions

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("KOJUDGE_SHARED", ROOT.parent / "shared"))
needs_shared = pytest.mark.skipif(
    not (SHARED / "data" / "komt-eval").is_dir(),
    reason="the real texts are not beside this checkout (../shared/data or KOJUDGE_SHARED)",
)
TEXT = (
    "오늘은 오랜만에 시장에 다녀왔습니다. 사과 한 봉지를 샀더니 주인아저씨가 귤을 두 개 얹어 주셨습니다. "
    "집에 오는 길에 하나를 까먹었는데 무척 달았습니다. 내일은 친구에게 나머지를 나누어 줄 생각입니다. "
    "겨울이 오면 이런 작은 친절이 더 따뜻하게 느껴집니다."
)


def origin(corpus: str = "arena", score: float | None = None, *, sound: bool = True) -> Origin:
    return Origin(corpus, f"{corpus}/1", "w", "answer", "글을 써 주세요.", TEXT, score, sound)


@pytest.fixture(scope="module")
def all_origins() -> list[Origin]:
    return origins(ROOT, SHARED)


@needs_shared
class TestOrigins:
    def test_no_audit_text_outside_the_training_split(self, all_origins: list[Origin]) -> None:
        read = [o.prompt.removeprefix("audit/") for o in all_origins if o.corpus == "audit"]
        assert read
        assert all(is_training(source) for source in read)

    def test_every_corpus_has_its_licence(self, all_origins: list[Origin]) -> None:
        assert {o.corpus for o in all_origins} == set(CORPORA)

    def test_what_is_made_worse_is_korean_and_short_enough(self, all_origins: list[Origin]) -> None:
        from kojudge.audit.shortcuts import features

        made = [o for o in all_origins if o.sound and o.corpus != "audit"]
        assert all(features(o.text)[1] >= KOREAN and len(o.text) <= LONGEST for o in made)

    def test_the_same_texts_in_the_same_order_every_time(self, all_origins: list[Origin]) -> None:
        assert origins(ROOT, SHARED) == all_origins
        assert len({o.key for o in all_origins}) == len(all_origins)


class TestOpening:
    def test_it_ends_with_a_sentence(self) -> None:
        short = opening(TEXT * 9)
        assert len(short) <= LONGEST
        assert short.endswith("다.")

    def test_a_short_text_stays_whole(self) -> None:
        assert opening(f" {TEXT} ") == TEXT


class TestVersions:
    def test_programs_lower_naturalness_and_nothing_raises_it(self) -> None:
        made = list(versions(origin()))
        whole = made[0].naturalness
        assert made[0].kind == "original"
        assert whole is not None
        kinds = {one.kind for one in made[1:]}
        assert kinds & set(WORSE)
        for one in made[1:]:
            assert one.naturalness is not None
            if one.kind in WORSE:
                assert one.naturalness < whole
            else:
                assert one.naturalness <= whole

    def test_what_is_the_same_keeps_its_level(self) -> None:
        made = {one.kind: one for one in versions(origin())}
        for kind in SAME:
            if kind in made:
                assert made[kind].naturalness == made["original"].naturalness

    def test_every_dress_comes_sound_and_damaged(self) -> None:
        made = [
            one
            for number in range(40)
            for one in versions(replace(origin(), prompt=f"arena/{number}"))
        ]
        for dress in ("", "markdown", "shortened", "haeyo", "plain_endings"):
            own = [one for one in made if one.dress == dress]
            assert {one.kind for one in own} & set(WORSE)
        assert {one.sound_key for one in made} <= {one.key for one in made}

    def test_speech_levels_order_friendliness(self) -> None:
        made = {one.kind: one.friendliness for one in versions(origin())}
        haeyo, plain = made["haeyo"], made["plain_endings"]
        assert haeyo is not None
        assert plain is not None
        assert haeyo > plain

    def test_a_scored_answer_starts_from_its_score(self) -> None:
        assert next(versions(origin("komt", 5.0))).naturalness == 5.0
        assert next(versions(origin("komt", 0.0))).naturalness == 1.0

    def test_what_is_not_sound_stays_as_it_is(self) -> None:
        assert [one.kind for one in versions(origin(sound=False))] == ["original"]

    def test_no_text_comes_twice_and_all_is_repeatable(self) -> None:
        made = list(versions(origin()))
        assert len({one.key for one in made}) == len(made)
        assert len({one.text for one in made}) == len(made)
        assert list(versions(origin())) == made

    def test_every_kind_is_a_known_one(self) -> None:
        assert set(WORSE) <= set(PROGRAMS)
        assert not set(WORSE) & set(WRITTEN)


def test_the_orders_learnt_from_are_none_of_the_audits() -> None:
    asked = {" ".join(attack.text.split()) for attack in ATTACKS}
    for order in ORDERS:
        assert " ".join(order.split()) not in asked


class TestMaterial:
    def made(self) -> list[Version]:
        texts = [
            Origin("komt", f"komt/{p}", f"w{w}", "answer", "요청", f"{TEXT} 글 {p}-{w}.", score)
            for p in range(3)
            for w, score in enumerate((1.0, 3.0, 5.0))
        ]
        return [version for text in texts for version in versions(text)]

    def test_both_criteria_alone_and_in_pairs(self) -> None:
        made = self.made()
        learnt = material(made, np.random.default_rng(1))
        assert [(one.criterion, one.mode) for one in learnt.lessons] == [
            ("naturalness", "pointwise"),
            ("naturalness", "pairwise"),
            ("friendliness", "pointwise"),
            ("friendliness", "pairwise"),
        ]
        assert learnt.lessons[0].labels == LEVELS
        alone = learnt.lessons[0]
        levels = [made[at].naturalness for at in alone.first.tolist()]
        assert alone.truth == pytest.approx(levels)
        assert set(alone.first.tolist()) == set(range(len(made)))

    def test_pairs_are_of_one_text_or_of_one_request(self) -> None:
        made = self.made()
        pairs = material(made, np.random.default_rng(1)).lessons[1]
        assert pairs.second is not None
        across = 0
        for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
            assert made[one].origin.prompt == made[other].origin.prompt
            if made[one].origin != made[other].origin:
                across += 1
                assert made[one].kind == made[other].kind == "original"
        assert across

    def test_the_better_text_is_preferred_whatever_its_place(self) -> None:
        made = self.made()
        pairs = material(made, np.random.default_rng(1)).lessons[1]
        assert pairs.second is not None
        for row, (one, other) in enumerate(
            zip(pairs.first.tolist(), pairs.second.tolist(), strict=True)
        ):
            a, b = made[one].naturalness, made[other].naturalness
            assert a is not None
            assert b is not None
            if abs(a - b) > 1:
                assert (pairs.truth[row] > 0.5) == (a > b)
