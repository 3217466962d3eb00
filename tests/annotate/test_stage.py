"""The texts of a run are measured once, and what a kill interrupts goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.annotate import annotate, pending_texts
from kojudge.korean.annotation import annotation
from kojudge.korean.diagnose import diagnose
from kojudge.records import Text
from kojudge.selection import evidence_of
from kojudge.store.run import Run
from kojudge.store.schema import EVIDENCE_NUMBERS

WORDS = [
    "오늘은 동네 빵집에 다녀왔어요. 갓 구운 빵 냄새가 골목까지 퍼지더라고요!",
    "이 가게는 사장님에 의해 운영되어지고 있다. 결론적으로 맛있다고 할 수 있습니다.",
    "I would love to tell you about the bakery in my neighbourhood, it is great.",
    "",
    "\ud800 깨진 글자와 \u202e뒤집힌 글",
]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


def texts(run: Run) -> list[Text]:
    made = [
        Text(f"t{at}", f"p{at}", "blog", "동네 빵집 이야기를 써 줘", "x", 0, words)
        for at, words in enumerate(WORDS)
    ]
    run.append_texts(made)
    return list(run.texts())


def nothing(done: int) -> None:
    del done


def test_every_text_is_measured_once(run: Run) -> None:
    of = texts(run)
    seen: list[int] = []
    annotate(run, pending_texts(run, of), seen.append)
    assert seen == [1, 2, 3, 4, 5]
    assert pending_texts(run, of) == []
    assert set(evidence_of(run, of)) == {text.text_id for text in of}


def test_what_is_stored_is_what_the_text_shows(run: Run) -> None:
    of = texts(run)
    annotate(run, of, nothing)
    found = evidence_of(run, of)
    numbers = diagnose(of[1].text, prompt=of[1].prompt, genre="blog").to_json()
    assert found["t1"].numbers["translationese.per_100"] == numbers["translationese"]["per_100"]  # type: ignore[call-overload, index]
    assert "doubled_passive" in found["t1"].hits
    assert (found["t2"].language, found["t2"].gates) == ("other", ("wrong_language",))
    assert (found["t3"].language, found["t3"].gates) == ("empty", ("empty",))


def test_an_interruption_keeps_what_was_measured(run: Run) -> None:
    of = texts(run)

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        annotate(run, of, stop)
    assert [text.text_id for text in pending_texts(run, of)] == ["t2", "t3", "t4"]


def test_another_version_of_the_signals_measures_again(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = texts(run)
    annotate(run, of, nothing)
    monkeypatch.setattr("kojudge.selection.flags.version", lambda: "next")
    assert len(pending_texts(run, of)) == len(of)


def test_the_columns_are_the_numbers_of_a_diagnosis() -> None:
    found = annotation(Text("t", "p", "blog", "써 줘", "x", 0, WORDS[0]), "e")
    assert tuple(found.numbers) == EVIDENCE_NUMBERS


def test_measuring_survives_compaction(run: Run) -> None:
    of = texts(run)
    annotate(run, of[:2], nothing)
    annotate(run, of[2:], nothing)
    before = evidence_of(run, of)
    run.compact()
    assert evidence_of(run, of) == before
