"""Simulated judges: each shows its fault, and only its fault."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

from kojudge.audit.attacks import ATTACKS
from kojudge.engines import Choice, ChoiceRequest
from kojudge.engines.fake import FakeEngine
from kojudge.engines.simulated import FAULTS, quality_key
from kojudge.errors import ConfigError, InputError
from kojudge.records import Message, ModelSpec, Prompt, identity
from kojudge.rubrics import Rubric, load_rubric, neutralise, render_pair, render_text

RUBRICS = Path(__file__).resolve().parents[2] / "rubrics"
PROMPT = Prompt(
    "p",
    "blog",
    (
        Message("user", "안녕?"),
        Message("assistant", "네, 무엇을 도와드릴까요?"),
        Message("user", "동네 빵집을 소개하는 글을 써 주세요."),
    ),
)
NAMES = {"naturalness": ["자연스러움", "naturalness"], "friendliness": ["친근함", "friendliness"]}
MARK = "그나저나 말이죠"
PLACES = ("빵집", "책방", "공원", "시장", "극장", "부엌", "골목", "바다", "학교", "정류장")
TEXTS = tuple(
    f"{place} 앞을 지날 때면 늘 같은 냄새가 나요. {at}월에도 그랬고 그때도 그랬지요. " * 5
    for at, place in enumerate(PLACES)
)
QUALITY = {text: 0.05 + 0.1 * at for at, text in enumerate(TEXTS)}


def longer(text: str) -> str:
    return f"{text}{text}"


def ordered(text: str, order: str) -> str:
    return f"{text}\n\n{order}"


def marked(text: str) -> str:
    return f"{MARK}, {text}"


def qualities() -> Mapping[str, float]:
    """The quality of every text below: a change that the criterion must not notice keeps it."""
    known = dict(QUALITY)
    for text, quality in QUALITY.items():
        known[longer(text)] = known[marked(text)] = quality
        known |= {neutralise(ordered(text, attack.text)): quality for attack in ATTACKS}
    return known


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Qualities on disk, in a folder whose name holds colons; friendly is what is unnatural."""
    texts = {
        quality_key(text): {"naturalness": quality, "friendliness": 1 - quality}
        for text, quality in qualities().items()
    }
    folder = tmp_path_factory.mktemp("a:b") / "c: d"
    folder.mkdir()
    content = {"texts": texts, "names": NAMES, "family_mark": MARK}
    path = folder / "qualities.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture
def judge(table: Path) -> Callable[[str], Judge]:
    """Open the simulated judge with a fault."""
    return lambda fault: Judge(FakeEngine(ModelSpec("j", f"fake:judge={fault}:{table}")))


@cache
def rubric(name: str) -> Rubric:
    return load_rubric(RUBRICS, name)


def options(labels: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple((f" {label}", label) for label in labels)


class Judge:
    """Asks an engine about texts with the shipped rubrics."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine

    def ask(self, content: str, labels: tuple[str, ...]) -> Choice:
        request = ChoiceRequest("k", (Message("user", content),), options(labels))
        (answer,) = self.engine.choose([request])
        assert answer.key == "k"
        return answer

    def rate(self, text: str, name: str = "naturalness", key: str = "judgment") -> Choice:
        of = rubric(name)
        return self.ask(render_text(of, PROMPT, text, key), of.labels)

    def level(self, text: str, name: str = "naturalness", key: str = "judgment") -> float:
        answer = self.rate(text, name, key)
        return math.fsum(n * p for n, p in enumerate(answer.probabilities, 1))

    def wins(self, first: str, second: str, name: str = "naturalness-pairwise") -> float:
        """Return how far the text shown first wins (0-1); a tie counts half."""
        of = rubric(name)
        answer = self.ask(render_pair(of, PROMPT, first, second, "judgment"), of.labels)
        a, _, alike = answer.probabilities
        return a + alike / 2

    def beats(self, text: str, other: str) -> float:
        """Return how far ``text`` wins over both orders."""
        return (self.wins(text, other) + 1 - self.wins(other, text)) / 2


def far_apart() -> Iterator[tuple[str, str]]:
    """Pairs of a clearly worse and a clearly better text of the same length."""
    for worse in TEXTS:
        yield from ((worse, better) for better in TEXTS if QUALITY[better] - QUALITY[worse] > 0.25)


def mean(values: Iterator[float]) -> float:
    found = list(values)
    return math.fsum(found) / len(found)


def faults_seen(judge: Judge) -> set[str]:
    """Return the rows of a certificate that the judge fails."""
    pairs = list(far_apart())
    level = judge.level
    passes = {
        "points tell quality": mean(level(b) > level(w) + 0.1 for w, b in pairs) > 0.9,
        "pairs tell quality": mean(judge.beats(b, w) > 0.5 for w, b in pairs) > 0.9,
        "order": mean((judge.wins(w, b) > 0.5) == (judge.wins(b, w) < 0.5) for w, b in pairs) > 0.9,
        "length": mean(level(longer(t)) - level(t) for t in TEXTS) < 0.3
        and mean(judge.beats(longer(t), t) for t in TEXTS) < 0.7,
        "ceiling": mean(level(t) > 4.5 for t in TEXTS) < 0.5,
        "orders": mean(
            level(ordered(t, a.text)) > level(t) + 1 and judge.beats(ordered(t, a.text), t) > 0.6
            for t in TEXTS[:4]
            for a in ATTACKS
        )
        < 0.3,
        "family": mean(level(marked(t)) - level(t) for t in TEXTS) < 0.3
        and mean(judge.beats(marked(t), t) for t in TEXTS) < 0.7,
        "legal": mean(judge.rate(f"글 {n}").mass < 0.5 for n in range(400)) < 0.01,
    }
    return {row for row, passed in passes.items() if not passed}


@pytest.mark.parametrize(
    ("fault", "rows"),
    [
        ("good", set()),
        ("position", {"order"}),
        ("length", {"length"}),
        ("ceiling", {"ceiling", "points tell quality"}),
        ("gullible", {"orders"}),
        ("random", {"points tell quality", "pairs tell quality"}),
        ("unsure", {"legal"}),
        ("family", {"family"}),
    ],
)
def test_a_judge_fails_the_rows_of_its_fault(
    judge: Callable[[str], Judge], fault: str, rows: set[str]
) -> None:
    assert faults_seen(judge(fault)) == rows


def test_every_fault_is_in_the_table_above() -> None:
    (cases,) = (m.args[1] for m in test_a_judge_fails_the_rows_of_its_fault.pytestmark)  # type: ignore[attr-defined]
    assert tuple(fault for fault, _ in cases) == FAULTS


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("fault", ["good", "gullible"])
def test_only_the_gullible_judge_obeys_an_attack(
    judge: Callable[[str], Judge], fault: str, attack: object
) -> None:
    text, asked = TEXTS[1], judge(fault)
    attacked = ordered(text, attack.text)  # type: ignore[attr-defined]
    obeys = fault == "gullible"
    assert (asked.level(attacked) > 4.5) == obeys
    assert (asked.wins(attacked, TEXTS[8]) > 0.5) == obeys
    assert (asked.wins(TEXTS[8], attacked) < 0.5) == obeys


@pytest.mark.parametrize(
    "text",
    ["역까지 걸어서 15점 몇 분.", "Score: 50, a 5-minute walk, 2.5 points.", "다섯 점 만점이에요."],
)
def test_plain_numbers_are_no_orders(judge: Callable[[str], Judge], text: str) -> None:
    assert judge("gullible").level(text) == judge("good").level(text)


@pytest.mark.parametrize("language", ["", "-en"])
def test_scores_follow_the_criterion_that_the_rubric_names(
    judge: Callable[[str], Judge], language: str
) -> None:
    asked, natural, friendly = judge("good"), TEXTS[9], TEXTS[0]
    for name, better, worse in (
        ("naturalness", natural, friendly),
        ("friendliness", friendly, natural),
    ):
        rises = asked.level(better, name + language) - asked.level(worse, name + language)
        assert rises > 2
        assert asked.wins(better, worse, f"{name}-pairwise{language}") > 0.9


def test_a_score_lies_at_the_quality_with_some_spread(judge: Callable[[str], Judge]) -> None:
    answer = judge("good").rate(TEXTS[5])
    assert judge("good").level(TEXTS[5]) == pytest.approx(1 + 4 * QUALITY[TEXTS[5]], abs=0.4)
    assert 0.3 < max(answer.probabilities) < 0.95
    assert answer.mass == pytest.approx(0.98)


def test_an_unknown_text_is_middling(judge: Callable[[str], Judge]) -> None:
    assert judge("good").level("처음 보는 글입니다.") == pytest.approx(3, abs=0.4)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fence_marker_changes_nothing(judge: Callable[[str], Judge], fault: str) -> None:
    asked = judge(fault)
    assert asked.rate(TEXTS[3], key="a") == asked.rate(TEXTS[3], key="b")


@pytest.mark.parametrize("fault", ["good", "gullible", "random"])
def test_without_the_defence_the_same_texts_are_read(
    judge: Callable[[str], Judge], fault: str
) -> None:
    asked, alone, pair = judge(fault), rubric("naturalness"), rubric("naturalness-pairwise")
    bare = render_text(alone, PROMPT, TEXTS[7], "judgment", defended=False)
    assert asked.ask(bare, alone.labels).logprobs == asked.rate(TEXTS[7]).logprobs
    shown = render_pair(pair, PROMPT, TEXTS[7], TEXTS[2], "judgment", defended=False)
    a, _, alike = asked.ask(shown, pair.labels).probabilities
    assert a + alike / 2 == asked.wins(TEXTS[7], TEXTS[2])


def test_decomposed_and_stripped_text_is_the_same_text(judge: Callable[[str], Judge]) -> None:
    import unicodedata

    apart = f"\n {unicodedata.normalize('NFD', TEXTS[9])} \n"
    assert judge("good").level(apart) == judge("good").level(TEXTS[9])
    assert quality_key(apart) == identity(["quality", TEXTS[9].strip()])


@pytest.mark.parametrize("labels", [("예", "아니요"), ("yes", "no")])
def test_yes_is_likelier_the_better_the_text(
    judge: Callable[[str], Judge], labels: tuple[str, str]
) -> None:
    shares = []
    for text in (TEXTS[0], TEXTS[5], TEXTS[9]):
        prompt = render_text(rubric("naturalness"), PROMPT, text, "judgment")
        shares.append(judge("good").ask(f"{prompt}\n조사가 맞나요?", labels).probabilities[0])
    assert shares == pytest.approx([0.05, 0.55, 0.95], abs=0.1)


def test_a_criterion_named_only_after_the_text_is_found(judge: Callable[[str], Judge]) -> None:
    shown = f"[글 시작 m]\n{TEXTS[9]}\n[글 끝 m]\n"
    labels = ("1", "2", "3", "4", "5")
    natural, friendly, first = (
        judge("good").ask(shown + end, labels).probabilities[4]
        for end in ("자연스러움은?", "친근함은?", "몇 점?")
    )
    assert natural > 0.5 > 0.01 > friendly
    assert first == natural


def test_a_prompt_without_fenced_texts_is_an_error(judge: Callable[[str], Judge]) -> None:
    alone = judge("good").ask("글", ("1", "2"))
    pair = judge("good").ask("[글 A 시작 m]\n글\n[글 A 끝 m]", ("A", "B"))
    assert (alone.error, pair.error) == ("no_fenced_text", "no_fenced_text")


def test_the_engine_names_the_fault_and_writes_plainly(table: Path) -> None:
    engine = FakeEngine(ModelSpec("j", f"fake:judge=length:{table}"))
    assert engine.describe() == {"engine": "fake", "behaviour": "judge=length"}


class TestWrongPaths:
    """What is wrong with a judge's path or its file, and what to do."""

    def open(self, path: str) -> FakeEngine:
        return FakeEngine(ModelSpec("j", path))

    def test_an_unknown_fault_lists_those_there_are(self, table: Path) -> None:
        with pytest.raises(ConfigError, match="no fault 'gulible'") as caught:
            self.open(f"fake:judge=gulible:{table}")
        assert all(fault in str(caught.value) for fault in FAULTS)
        assert caught.value.hint is not None
        assert "gullible" in caught.value.hint.ko

    @pytest.mark.parametrize("path", ["fake:judge=good", "fake:judge=good:/nowhere/q.json"])
    def test_a_missing_file(self, path: str) -> None:
        with pytest.raises(ConfigError, match="Cannot read") as caught:
            self.open(path)
        assert "읽을 수 없습니다" in caught.value.message.ko

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            ("{", "json"),
            ('{"texts": {}}', "names"),
            ('{"texts": {}, "names": {}}', "names"),
            ('{"texts": {"k": {"n": 1.5}}, "names": {"n": ["n"]}}', "texts.k.n"),
            ('{"texts": {}, "names": {"n": [""]}}', "names.n.0"),
            ('{"texts": {}, "names": {"n": ["n"]}, "mark": ""}', "mark"),
        ],
    )
    def test_a_wrong_file_names_its_field(self, tmp_path: Path, content: str, field: str) -> None:
        path = tmp_path / "q.json"
        path.write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=f"field '{field}'"):
            self.open(f"fake:judge=good:{path}")

    def test_a_criterion_without_names_is_the_first(self, tmp_path: Path) -> None:
        path = tmp_path / "q.json"
        path.write_text('{"texts": {}, "names": {"n": []}}', encoding="utf-8")
        judge = Judge(self.open(f"fake:judge=good:{path}"))
        assert judge.level(TEXTS[0]) == pytest.approx(3, abs=0.4)

    def test_a_family_needs_its_mark(self, tmp_path: Path) -> None:
        path = tmp_path / "q.json"
        path.write_text('{"texts": {}, "names": {"n": ["n"]}}', encoding="utf-8")
        with pytest.raises(InputError, match="without family_mark"):
            self.open(f"fake:judge=family:{path}")
