"""What a head on a small model learns of ChatGPT's scores, beyond length and script.

    python benchmarks/head_validation.py [--shared FOLDER] [--base CARD] [--states FILE.npz]

komt-eval: answers of 14 models to 37 prompts with ChatGPT's scores (0–5). The answers "no
answer" (58 of 518) are no texts and are left out. The scores go through what `kojudge judge
train` does: nested cross-validation that leaves out prompts and models together, and the same
for trivial features alone. FOLDER is the one that holds `data/`; without it KOJUDGE_SHARED is
read, then ../shared. With --states the model's states are kept in FILE and not read twice.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from kojudge.cards import load_candidate, to_spec
from kojudge.cards.sources import pull
from kojudge.engines.head.features import Reader
from kojudge.heads.data import Example, Lesson, Material, spread_over_levels
from kojudge.heads.fit import Features
from kojudge.heads.train import read_features, with_pairs
from kojudge.heads.validate import LineValidation, validate
from kojudge.records import Message
from real_judges import shared_folder

ROOT = Path(__file__).resolve().parents[1]
BASE = "qwen2.5-coder-0.5b-instruct"
LEVELS = tuple("012345")
SEED = 20261122


def material(shared: Path) -> Material:
    """Return the answers and ChatGPT's scores of them."""
    examples, scores = [], []
    for path in sorted((shared / "data/komt-eval/eval_results").glob("score_result_*.jsonl")):
        model = path.stem.removeprefix("score_result_")
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["answer"].strip() != "no answer":
                asked = (Message("user", row["instruction"].strip()),)
                key = f"{model}/{row['id']}"
                examples.append(Example(key, str(row["id"]), model, asked, row["answer"]))
                scores.append(spread_over_levels(float(row["score"]), LEVELS))
    lesson = Lesson("answer", "pointwise", LEVELS, np.arange(len(examples)), np.array(scores))
    return Material(tuple(examples), (lesson,), "ChatGPT", "Apache-2.0")


def states(base: str, learnt: Material, kept: Path | None) -> Features:
    """Return the base model's states of all texts, read once or taken from ``kept``."""
    if kept is not None and kept.is_file():
        with np.load(kept) as file:
            return {(int(n.split("/")[0]), n.split("/")[1]): file[n] for n in file.files}
    card = load_candidate(ROOT / "candidates", base)
    started = time.perf_counter()
    reader = Reader(to_spec(card, pull(card)), batch_size=8)
    loaded = time.perf_counter()
    features = read_features(reader, learnt)
    spent = time.perf_counter() - loaded
    texts = len(learnt.examples)
    print(f"loaded in {loaded - started:.0f} s; {texts} texts read in {spent:.0f} s "
          f"({texts / spent:.1f} texts/s)\n")  # fmt: skip
    reader.close()
    if kept is not None:
        np.savez(kept, **{f"{layer}/{pooling}": x for (layer, pooling), x in features.items()})
    return features


def figure(value: Any) -> str:
    if value is None or value.value is None:
        return "—"
    if value.low is None:
        return f"{value.value:.2f}"
    return f"{value.value:.2f} ({value.low:.2f}–{value.high:.2f})"


def show(line: LineValidation) -> None:
    kind = "pairs made of the scores" if line.made else "texts"
    print(f"## {line.criterion}, {line.mode}: {line.texts} {kind}, {line.prompts} prompts, "
          f"{line.candidates} models; left out together: {' and '.join(line.grouped)}\n")  # fmt: skip
    print("| measure | on | n | head | trivial features | what the head adds |")
    print("|---|---|---|---|---|---|")
    for row in line.agreement.rows:
        print(f"| {row.measure} | {row.slice.replace('_', ' ')} | {row.n} | {figure(row.head)} "
              f"| {figure(row.trivial)} | {figure(row.gain)} |")  # fmt: skip
    print(f"\nr with the trivial features held fixed: {figure(line.agreement.beyond)}")
    print("\n| labels | r | AUC | r of trivial features |\n|---|---|---|---|")
    for point in line.curve:
        print(f"| {point.labels} | {figure(point.r)} | {figure(point.auc)} "
              f"| {figure(point.trivial_r)} |")  # fmt: skip
    print(f"\nECE {line.reliability.ece:.3f}; predicted → observed: ", end="")
    print(
        ", ".join(
            f"{b.predicted:.2f} → {b.observed:.2f} ({b.events})" for b in line.reliability.bins
        )
    )
    print(f"layers and poolings chosen: {line.spaces}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", help="folder that holds data/ (default: ../shared)")
    parser.add_argument("--base", default=BASE, help="card of the base model")
    parser.add_argument("--states", type=Path, help="keep the states here")
    options = parser.parse_args()
    shared = shared_folder(options.shared)
    if not (shared / "data").is_dir():
        print(f"Skipped: the real judgments are not in {shared / 'data'}; kojudge carries none.")
        return
    rng = np.random.default_rng(SEED)
    learnt = with_pairs(material(shared), rng)
    features = states(options.base, learnt, options.states)
    started = time.perf_counter()
    found, _ = validate(learnt, features, rng)
    for line in found:
        show(line)
    print(f"validated in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
