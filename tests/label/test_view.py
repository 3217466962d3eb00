"""What leaves for the page: the texts as they are, made visible, and nothing about their authors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import Language, StoreError, said
from kojudge.label import Api
from kojudge.records import Json

from .samples import (
    BASELINE,
    CANDIDATES,
    SECRETS,
    api,
    go_on,
    make_run,
    sides,
    sit,
    text,
    texts,
    view,
)


def test_no_answer_of_the_api_names_a_model_a_score_or_an_id(tmp_path: Path) -> None:
    sitting = sit(make_run(tmp_path / "run", texts()))
    page = api(sitting)
    sent = []
    while (question := sitting.current) is not None:
        sent.append(page.get())
        status, reply = page.post(
            "answer", json.dumps({"id": sitting.id_of(question), "choice": 3}).encode()
        )
        assert status == 200
        sent.append(reply)
    everything = json.dumps(sent, ensure_ascii=False).lower()
    for secret in (*SECRETS, *(one.text_id for one in sitting.files.run.texts()), '"p1'):
        assert secret not in everything, secret


def test_the_texts_stand_on_the_sides_that_answers_are_decoded_by(tmp_path: Path) -> None:
    sitting = sit(make_run(tmp_path / "run", texts()))
    for question in sitting.questions:
        shown = view().question(question, "x")["texts"]
        assert [one["text"] for one in shown] == list(sides(question))  # type: ignore[index,union-attr]
        assert [one["label"] for one in shown] == ["가", "나"]  # type: ignore[index,union-attr]


@pytest.mark.parametrize(
    ("language", "wide", "narrow"),
    [
        ("ko",
         ["왼쪽 글(가)이 훨씬 자연스럽다", "왼쪽 글(가)이 조금 더 자연스럽다", "비슷하다",
          "오른쪽 글(나)이 조금 더 자연스럽다", "오른쪽 글(나)이 훨씬 자연스럽다"],
         ["위 글(가)이 훨씬 자연스럽다", "위 글(가)이 조금 더 자연스럽다", "비슷하다",
          "아래 글(나)이 조금 더 자연스럽다", "아래 글(나)이 훨씬 자연스럽다"]),
        ("en",
         ["The left text (가) is much more natural", "The left text (가) is a little more natural",
          "They are about alike", "The right text (나) is a little more natural",
          "The right text (나) is much more natural"],
         ["The upper text (가) is much more natural",
          "The upper text (가) is a little more natural", "They are about alike",
          "The lower text (나) is a little more natural",
          "The lower text (나) is much more natural"]),
    ],
)  # fmt: skip
def test_five_steps_lead_from_the_left_text_to_the_right(
    language: Language, wide: list[str], narrow: list[str], tmp_path: Path
) -> None:
    sitting = sit(make_run(tmp_path / "run", texts(1)))
    natural = next(q for q in sitting.questions if q.criterion == "naturalness")
    choices: Any = view(language).question(natural, "x")["choices"]
    assert [one["value"] for one in choices] == [1, 2, 3, 4, 5]
    assert [one["wide"] for one in choices] == wide
    assert [one["narrow"] for one in choices] == narrow


def test_hidden_characters_are_shown_and_a_blank_text_is_empty(tmp_path: Path) -> None:
    found = [text(BASELINE, 0, " \n "), text(CANDIDATES[0], 0, "가\u202e나</script>")]
    [question, _] = sit(make_run(tmp_path / "run", found)).questions
    shown = {one["text"] for one in view().question(question, "x")["texts"]}  # type: ignore[index,union-attr]
    assert shown == {"", "가⟦U+202E⟧나</script>"}


def test_a_text_that_names_itself_is_marked_and_the_other_is_not(tmp_path: Path) -> None:
    found = [text(BASELINE, 0, "저는 Gemma예요."), text(CANDIDATES[0], 0, "저는 사람이에요.")]
    [question, _] = sit(make_run(tmp_path / "run", found)).questions
    marked = {one["text"]: one["named"] for one in view().question(question, "x")["texts"]}  # type: ignore[index,union-attr]
    assert marked == {"저는 Gemma예요.": True, "저는 사람이에요.": False}


def test_an_earlier_talk_is_shown_once_where_shared_and_beside_each_text_where_not(
    tmp_path: Path,
) -> None:
    def talk(reply: str) -> str:
        turns = [{"role": "user", "content": "첫 물음"}, {"role": "assistant", "content": reply}]
        return json.dumps(turns, ensure_ascii=False)

    found = [
        text(BASELINE, 0, history=talk("같은 답")),
        text(CANDIDATES[0], 0, history=talk("같은 답")),
        text(BASELINE, 1, history=talk("하나")),
        text(CANDIDATES[0], 1, history=talk("둘")),
    ]
    shown = {
        q.pair.text.prompt_id: view().question(q, "x")
        for q in sit(make_run(tmp_path / "run", found)).questions
    }
    assert [turn["text"] for turn in shown["p0"]["turns"]] == ["첫 물음", "같은 답"]  # type: ignore[index,union-attr]
    assert [side["turns"] for side in shown["p0"]["texts"]] == [[], []]  # type: ignore[index,union-attr]
    assert shown["p1"]["turns"] == []
    replies = {side["turns"][1]["text"] for side in shown["p1"]["texts"]}  # type: ignore[index,union-attr]
    assert replies == {"하나", "둘"}


def test_results_stay_hidden_until_the_last_question(tmp_path: Path) -> None:
    sitting = sit(make_run(tmp_path / "run", texts(2)))
    page = api(sitting)
    while sitting.current is not None:
        assert page.get()["results"] is None
        go_on(sitting, 1)
    assert page.get()["results"] == ["끝"]


def test_results_that_cannot_be_read_do_not_pass_for_an_answer_lost(tmp_path: Path) -> None:
    sitting = sit(make_run(tmp_path / "gemma-run", texts(1)))
    told: list[StoreError] = []

    def results() -> list[Json]:
        raise StoreError(said("gemma-run이 깨졌습니다.", "gemma-run is broken."))

    page = Api(sitting, view(), results, "ko", told.append)
    go_on(sitting, len(sitting.questions) - 1)
    assert sitting.current is not None
    body = json.dumps({"id": sitting.id_of(sitting.current), "choice": 3}).encode()
    status, reply = page.post("answer", body)
    assert (status, reply["saved"]) == (200, True)
    assert "gemma-run" not in str(reply["results"])
    assert len(told) == 1
