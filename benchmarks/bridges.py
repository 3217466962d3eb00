"""A run through every bridge and back: which texts and scores come back as they were.

    python benchmarks/bridges.py RUN [-C WORKSPACE]

Each format is written from the run and read into a new one, through the command line. Texts
are compared by conversation, candidate and sample, judgments by what they are about; "equal"
means the same text to the letter, the same number to the last digit, the same lack of one.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kojudge.records import Judgment, Scored, Text
from kojudge.store.run import Run

Key = tuple[object, ...]
Options = Sequence[str]


def command(*arguments: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "kojudge", "--lang", "en", *arguments], check=True, stdout=sys.stderr
    )


def texts_of(run: Run) -> dict[Key, str]:
    return {_talk(text): text.text for text in run.texts() if text.status == "ok"}


def _talk(text: Text) -> Key:
    turns = [turn["content"] for turn in json.loads(text.history) if turn["role"] != "system"]
    return (tuple(turns), text.prompt, text.candidate, text.sample)


def judgments_of(run: Run) -> dict[Key, float | None]:
    talks = {
        (t.prompt_id, t.candidate, t.sample, t.turn): (_talk(t)[0], t.prompt)
        for t in run.texts()
        if t.status == "ok"
    }
    found = {}
    for one in run.judgments():
        talk = talks.get((one.prompt_id, one.candidate, one.sample, one.turn))
        if one.status != "failed" and talk is not None and not _is_control(one):
            found[(talk, one.candidate, one.sample, one.criterion, one.mode, one.order)] = _number(
                one
            )
    return found


def _is_control(one: Judgment) -> bool:
    """Controls are about a damaged copy of a text, which no format carries."""
    return one.mode == "pairwise" and one.candidate == one.baseline


def _number(one: Judgment) -> float | None:
    return one.outcome.score if isinstance(one.outcome, Scored) else None


def own_lines(run: str, folder: Path, back: str) -> None:
    files = {kind: str(folder / f"{kind}.jsonl") for kind in ("texts", "judgments")}
    command("export", "--run", run, *_options(files))
    command("import", "--run", back, *_options(files))


def hub_dataset(run: str, folder: Path, back: str) -> None:
    command("export", "--run", run, "--hf", str(folder / "hf"))
    there = str(folder / "hf")
    command("import", "--run", back, "--format", "hf", "--texts", there, "--judgments", there)


def peer(form: str, patterns: Mapping[str, str]) -> Callable[[str, Path, str], None]:
    """Go through a peer's files; where kojudge named judge and criterion in a path, say them."""

    def through(run: str, folder: Path, back: str) -> None:
        there = folder / form
        command("export", "--run", run, f"--{form}", str(there))
        questions = [x for q in there.glob("question*.jsonl") for x in ("--prompts", str(q))]
        for kind, pattern in patterns.items():
            for path in sorted(there.glob(pattern)):
                named = _named(str(path.relative_to(there))) if kind == "judgments" else ()
                given = (f"--{kind}", str(path), *questions, *named)
                command("import", "--run", back, "--format", form, *given)

    return through


def _named(path: str) -> Options:
    """Return judge and criterion as the export writes them into a path: JUDGE.CRITERION."""
    found = re.search(r"(?:^|/)([^/]+)\.([a-z]+)(?:_single|_pair)?(?:\.jsonl$|/)", path)
    return ("--judge", found[1], "--criterion", found[2]) if found else ()


def _options(files: Mapping[str, str]) -> Iterator[str]:
    for kind, path in files.items():
        yield from (f"--{kind}", path)


def back_again(before: Mapping[Key, Any], after: Mapping[Key, Any]) -> str:
    both = before.keys() & after.keys()
    equal = sum(before[key] == after[key] for key in both)
    return f"{len(both)} of {len(before)}, equal {equal}, new {len(after.keys() - before.keys())}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    run = parser.parse_args().run
    source = Run.open(run)
    texts, judgments = texts_of(source), judgments_of(source)
    kinds = Counter((key[3], key[4]) for key in judgments)
    print(f"{len(texts)} texts, {len(judgments)} judgments {dict(kinds)}")
    print("| format | texts back | judgments back |\n|---|---|---|")
    ways: dict[str, Callable[[str, Path, str], None]] = {
        "kojudge JSONL": own_lines,
        "Hugging Face dataset": hub_dataset,
        **{
            form: peer(form, {"texts": texts_at, "judgments": judgments_at})
            for form, texts_at, judgments_at in (
                ("mt-bench", "model_answer/*.jsonl", "model_judgment/**/*.jsonl"),
                ("logickor", "generated/**/*.jsonl", "*/evaluated/**/*.jsonl"),
                ("alpaca-eval", "**/model_outputs.json", "**/annotations.json"),
            )
        },
    }
    for name, through in ways.items():
        with tempfile.TemporaryDirectory() as folder:
            back = str(Path(folder) / "back")
            through(run, Path(folder), back)
            found = Run.open(back)
            print(
                f"| {name} | {back_again(texts, texts_of(found))} | {back_again(judgments, judgments_of(found))} |"
            )


if __name__ == "__main__":
    main()
