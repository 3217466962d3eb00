"""The files of other tools that docs/bridges.md takes in, as small as their formats allow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Line = dict[str, Any]
ASKED = "동네 빵집을 두 문장으로 소개해 주세요."
ANSWER = "골목 끝 빵집은 새벽 다섯 시면 불을 켜요. 단팥빵이 특히 맛있어요."
DATE = "2026-11-22T13-11-25.432899"


def write_peer_files(root: Path) -> None:
    """Write one file of each format under ``root``, by the names that the page uses."""
    _lm_eval(root)
    _logickor(root)
    _mt_bench(root)
    _alpaca_eval(root)
    (root / "answers.csv").write_text(
        f'category,prompt,text\nblog,"{ASKED}","{ANSWER}"\n', encoding="utf-8"
    )


def _lm_eval(root: Path) -> None:
    metadata = {"version": 1.0, "scales": {"fluency": [1, 5]}}
    results = {"model_name": "org/model", "configs": {"ko_talk": {"metadata": metadata}}}
    (root / f"results_{DATE}.json").write_text(json.dumps(results), encoding="utf-8")
    arguments = {"gen_args_0": {"arg_0": ASKED, "arg_1": {"until": []}}}
    _lines(root / f"samples_ko_talk_{DATE}.jsonl", {
        "doc_id": 0, "doc": {"question": ASKED}, "target": "", "arguments": arguments,
        "resps": [[ANSWER]], "filtered_resps": [[ANSWER]], "filter": "none",
        "metrics": ["fluency"], "fluency": 3.5,
        "doc_hash": "a" * 64, "prompt_hash": "b" * 64, "target_hash": "c" * 64,
    })  # fmt: skip


def _logickor(root: Path) -> None:
    asked = {"id": 1, "category": "글쓰기(Writing)", "questions": [ASKED, "더 짧게 줄여 줘."],
             "references": [None, None]}  # fmt: skip
    _lines(root / "questions.jsonl", asked)
    judged = {"judge_message": "7점을 줄 만하다.", "judge_score": 7.0}
    answered = asked | {"outputs": [ANSWER, "단팥빵이 맛있어요."]}
    _lines(
        root / "evaluated" / "maker" / "model" / "default.jsonl",
        answered | {"query_single": judged, "query_multi": judged},
    )


def _mt_bench(root: Path) -> None:
    _lines(root / "question.jsonl", {"question_id": 81, "category": "writing", "turns": [ASKED]})
    choices = [{"index": 0, "turns": [ANSWER]}]
    _lines(
        root / "model_answer" / "mine.jsonl",
        {
            "question_id": 81,
            "answer_id": "a",
            "model_id": "mine",
            "choices": choices,
            "tstamp": 1.0,
        },
    )
    told = {"user_prompt": "p", "judgment": "Rating: [[7]]", "score": 7, "turn": 1, "tstamp": 2.0}
    _lines(
        root / "model_judgment" / "gpt-4_single.jsonl",
        {"question_id": 81, "model": "mine", "judge": ["gpt-4", "single-v1"]} | told,
    )
    games = [{"user_prompt": "p", "judgment": f"[[{v}]]", "score": v} for v in ("A>B", "B>A")]
    _lines(
        root / "model_judgment" / "ensemble" / "mine.jsonl",
        {"question_id": "q1", "model": "mine", "judge": "ensemble", "games": games},
    )
    _lines(
        root / "mtbench_human.jsonl",
        {"judge": "expert_7", "model_a": "mine", "model_b": "base", "question_id": 81, "turn": 1,
         "winner": "model_a"},
    )  # fmt: skip


def _alpaca_eval(root: Path) -> None:
    def output(model: str) -> list[Line]:
        return [{"instruction": ASKED, "output": f"{model}: {ANSWER}", "generator": model}]

    _array(root / "model_outputs.json", output("mine"))
    _array(root / "reference_outputs.json", output("base"))
    annotation = {
        "instruction": ASKED, "output_1": f"base: {ANSWER}", "generator_1": "base",
        "output_2": f"mine: {ANSWER}", "generator_2": "mine", "annotator": "weighted_gpt4",
        "preference": 1.8,
    }  # fmt: skip
    _array(root / "annotations.json", [annotation])


def _lines(path: Path, *records: Line) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")


def _array(path: Path, records: list[Line]) -> None:
    path.write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
