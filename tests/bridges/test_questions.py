"""Question files become prompts: first turns only, and what is left out is said loudly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kojudge.bridges.questions import prompt_lines
from kojudge.errors import ConfigError, InputError
from kojudge.prompts import load_prompts
from kojudge.store.lines import json_line

from .peers import SHARED, array_file, lines_file, with_data

Line = dict[str, Any]
LOGICKOR = [
    {"id": 1, "category": "글쓰기(Writing)", "questions": ["첫눈을 두 줄로 써 줘.", "더 슬프게."]},
    {"id": 2, "category": "문법(Grammar)", "questions": ["'되'와 '돼'를 구별해 줘."],
     "references": ["하/해를 넣어 본다."]},
]  # fmt: skip
MT_BENCH = [
    {"question_id": 81, "category": "writing", "turns": ["여행기를 써 줘.", "세 줄로."]},
    {"question_id": "a", "turns": [{"content": "동화를 써 줘."}], "reference": ["x", "y"]},
]


def test_the_first_turn_of_each_question_is_a_prompt(tmp_path: Path) -> None:
    prompts = prompt_lines("logickor", [lines_file(tmp_path / "q.jsonl", LOGICKOR)])
    assert prompts.lines == [
        {"id": "logickor-1", "category": "글쓰기(Writing)",
         "messages": [{"role": "user", "content": "첫눈을 두 줄로 써 줘."}]},
        {"id": "logickor-2", "category": "문법(Grammar)",
         "messages": [{"role": "user", "content": "'되'와 '돼'를 구별해 줘."}]},
    ]  # fmt: skip
    assert [str(told) for told in prompts.left_out] == [
        "Note: of 1 questions only the first turn is taken. A later turn can be asked only after "
        "the model's own answer.",
        "Turns left out: 1",
        "Reference answers left out: 1; a prompt has no place for them",
    ]
    assert prompts.left_out[0].ko.startswith("주의: 질문 1개는 첫 차례만")


def test_mt_bench_and_alpaca_eval_likewise(tmp_path: Path) -> None:
    made = prompt_lines("mt-bench", [lines_file(tmp_path / "q.jsonl", MT_BENCH)])
    assert [(line["id"], line["category"]) for line in made.lines] == [
        ("mt-bench-81", "writing"), ("mt-bench-a", "all"),
    ]  # fmt: skip
    instructions = [
        {"instruction": "시를 써 줘.", "dataset": "card"},
        {"instruction": "편지를 써 줘."},
    ]
    made = prompt_lines("alpaca-eval", [array_file(tmp_path / "e.json", instructions)])
    assert [(line["id"], line["category"]) for line in made.lines] == [
        ("alpaca-eval-1", "card"), ("alpaca-eval-2", "all"),
    ]  # fmt: skip


def test_the_prompt_loader_takes_the_lines(tmp_path: Path) -> None:
    made = prompt_lines("logickor", [lines_file(tmp_path / "q.jsonl", LOGICKOR)])
    (tmp_path / "set.jsonl").write_bytes(b"".join(json_line(line) for line in made.lines))
    assert [prompt.name for prompt in load_prompts(tmp_path, ["set"])] == [
        "logickor-1",
        "logickor-2",
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"id": 1}, r"q\.jsonl:2:id: this id stands there twice"),
        ({"questions": []}, r"q\.jsonl:2:questions: is empty"),
        ({"questions": [" "]}, r"q\.jsonl:2: the first question is empty"),
        ({"questions": [3]}, r"q\.jsonl:2:questions\.0: must be a string"),
        ({"category": ""}, r"q\.jsonl:2:category: must not be empty"),
        (LOGICKOR[0] | {"id": 3}, r"q\.jsonl:2: repeats an earlier question"),
    ],
)
def test_a_wrong_question_is_named(tmp_path: Path, change: Line, place: str) -> None:
    file = lines_file(tmp_path / "q.jsonl", [LOGICKOR[0], LOGICKOR[1] | change])
    with pytest.raises(InputError, match=place):
        prompt_lines("logickor", [file])


def test_a_format_without_question_files_is_refused() -> None:
    with pytest.raises(ConfigError, match="logickor, mt-bench, alpaca-eval"):
        prompt_lines("lm-eval", ["q.jsonl"])


@with_data
def test_ko_arena_hards_questions_are_prompts(tmp_path: Path) -> None:
    file = SHARED / "data/ko-arena-hard/data/ko-arena-hard-v0.1/question.jsonl"
    made = prompt_lines("mt-bench", [str(file)])
    assert (len(made.lines), made.left_out) == (500, [])
    (tmp_path / "arena.jsonl").write_bytes(b"".join(json_line(line) for line in made.lines))
    assert len(load_prompts(tmp_path, ["arena"])) == 500
