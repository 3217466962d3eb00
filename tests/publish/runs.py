"""Made-up runs on disk, with the files that publishing reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kojudge.records import Text, identity
from kojudge.store.run import Run

TEMPLATES = Path(__file__).resolve().parents[2] / "reports"
BASE = "gemma-2-2b-it"
CRITERIA = {
    "naturalness": ("자연스러움", "Naturalness"),
    "friendliness": ("친근함", "Friendliness"),
}


def comparison(candidate: str = "mine", **given: Any) -> dict[str, Any]:
    plain = {
        "candidate": candidate, "criterion": "naturalness", "mode": "pairwise", "judge": "judge-a",
        "slice": "overall", "primary": True, "n_prompts": 300, "n_samples": 600, "delta": 0.1,
        "se": 0.02, "ci_low": 0.06, "ci_high": 0.14, "ci_kind": "simultaneous", "p_value": 0.001,
        "p_adjusted": 0.004, "effect_size": 0.3, "margin": 0.1, "verdict": "better",
        "similar_or_better": True, "withheld": False, "reasons": ["judge_provisional"],
    }  # fmt: skip
    return plain | given


def results(*rows: dict[str, Any], **given: Any) -> dict[str, Any]:
    found = rows or (comparison(),)
    plain = {
        "schema": "kojudge.results/1", "baseline": BASE, "scale": [1.0, 5.0], "alpha": 0.05,
        "primary_mode": "pairwise", "comparisons": list(found), "panel": None, "missing": [],
        "labels": None,
        "judges": [{"name": "judge-a", "grade": "provisional", "too_small": False,
                    "parameters": 32_000_000_000, "grades": [
            {"criterion": criterion, "mode": "pairwise", "grade": "provisional"}
            for criterion in CRITERIA]}],
        "leaderboard": [{"candidate": BASE, "baseline": True},
                        *({"candidate": r["candidate"], "baseline": False} for r in found)],
    }  # fmt: skip
    return plain | given


def make_run(
    folder: Path, name: str, day: int, *rows: dict[str, Any], month: int = 11, **given: Any
) -> Path:
    """Write a run begun on that day of 2026, as ``kojudge report`` leaves it."""
    run = folder / name
    run.mkdir(parents=True)
    started = f"2026-{month:02}-{day:02}T09:00:00.000+00:00"
    manifest = {
        "schema": "kojudge.run/1", "commands": [{"command": "generate", "started": started}]
    }  # fmt: skip
    for file, content in (("manifest.json", manifest), ("results.json", results(*rows, **given))):
        (run / file).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    (run / "report.html").write_text(f"<!doctype html><p>{name}</p>", encoding="utf-8")
    return run


def text(candidate: str, prompt: int) -> Text:
    """A text that was brought along."""
    return Text(
        text_id=identity([candidate, prompt]), prompt_id=f"p{prompt}", category="blog",
        prompt="가을 산책 이야기를 써 주세요.", candidate=candidate, sample=0,
        text=f"{prompt}번 글입니다.", origin="imported",
    )  # fmt: skip


def make_imported(folder: Path, name: str) -> Path:
    """Write a run of imported texts, which has a report and records no command."""
    run = Run.open(folder / name, create=True)
    run.append_texts([text(BASE, 0), text("mine", 0)])
    path = Path(run.path)
    (path / "results.json").write_text(json.dumps(results()), encoding="utf-8")
    (path / "report.html").write_text(f"<!doctype html><p>{name}</p>", encoding="utf-8")
    return path
