"""The memory estimate of ``kojudge plan`` beside what a real model takes on this CPU.

``python benchmarks/memory_resident.py [CARD …]`` (three small candidates where none is named).
Each model is loaded by the transformers engine in bfloat16 in a process of its own, answers
one short prompt, and then reads a batch of long ones. Its weights are mapped from the file:
they count once every one was touched, and the estimate is of as many as were loaded (a
mirror may hold an output head that the card's model shares with its embeddings). What the
process has besides after the short prompt (Python, libraries, tokenizer) is not the model's
and is taken off the peak.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from common import describe_machine, open_candidate, prompts
from kojudge.cards import load_candidate
from kojudge.engines import CompletionRequest
from kojudge.models.memory import kv_bytes_per_token, weight_bytes, working_bytes
from kojudge.records import Message, Sampling

ROOT = Path(__file__).resolve().parents[1]
CARDS = ("gemma-3-270m", "qwen2.5-coder-0.5b-instruct", "qwen2.5-coder-1.5b-instruct")
BATCH, NEW_TOKENS, REPEATED = 16, 8, 8


def resident(*, weights: bool = False) -> int:
    """Return the bytes of this process that are in memory; ``weights``: of mapped weights alone."""
    total, own = 0, True
    for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
        if re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            own = line.endswith(".safetensors") or not weights
        elif line.startswith("Rss:") and own:
            total += 1024 * int(line.split()[1])
    return total


class Peak(threading.Thread):
    """Watches resident memory ten times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most, self.on = 0, True

    def run(self) -> None:
        """Watch until told to stop."""
        while self.on:
            self.most = max(self.most, resident())
            time.sleep(0.1)


def measure(name: str, out: Path) -> None:
    """Load ``name``, let it read a batch, write what it took to ``out``."""
    _, engine = open_candidate(name, BATCH)
    list(engine.complete([request(0, "안녕하세요?", 1)]))
    count = 0
    for parameter in engine.loaded.model.parameters():
        parameter.sum()
        count += parameter.numel()
    loaded = resident(weights=True)
    besides = resident() - loaded
    peak = Peak()
    peak.start()
    long = ["\n".join([prompt.request] * REPEATED) for prompt in prompts(BATCH)]
    done = list(engine.complete([request(at, text, NEW_TOKENS) for at, text in enumerate(long)]))
    peak.on = False
    peak.join()
    longest = max(text.prompt_tokens + text.completion_tokens for text in done)
    found = {
        "parameters": count,
        "loaded": loaded,
        "most": peak.most - besides,
        "tokens": BATCH * longest,
    }
    out.write_text(json.dumps(found), encoding="utf-8")


def request(at: int, text: str, tokens: int) -> CompletionRequest:
    """Return a request for ``tokens`` tokens."""
    sampling = Sampling(temperature=0.0, max_tokens=tokens)
    return CompletionRequest(str(at), (Message("user", text),), sampling, 0)


def row(name: str) -> str:
    """Measure ``name`` in a process of its own; return a line of the table."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        subprocess.run([sys.executable, __file__, "--one", name, str(out)], check=True)
        found = json.loads(out.read_text(encoding="utf-8"))
    card = load_candidate(ROOT / "candidates", name)
    tokens, parameters = found["tokens"], found["parameters"]
    per_token = kv_bytes_per_token(card) or 0
    weights = weight_bytes(parameters, "fp16")
    whole = weights + per_token * tokens + working_bytes(parameters, tokens)
    return (
        f"| {name} | {(card.parameters or 0) / 1e9:.2f} | {parameters / 1e9:.2f} | {weights / 1e9:.2f} | {found['loaded'] / 1e9:.2f} | "
        f"{weights / found['loaded']:.2f} | {tokens:,} | {whole / 1e9:.2f} | "
        f"{found['most'] / 1e9:.2f} | {whole / found['most']:.2f} |"
    )


def main(names: list[str]) -> None:
    print(f"bfloat16, batch {BATCH}, {NEW_TOKENS} new tokens; GB")
    print(describe_machine())
    print()
    print(
        "| model | billions, card | billions, loaded | weights, estimated | loaded | ratio "
        "| tokens at once | in all, estimated | most | ratio |"
    )
    print(f"|{'---|' * 10}")
    for name in names or CARDS:
        print(row(name), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(sys.argv[2], Path(sys.argv[3]))
    else:
        main(sys.argv[1:])
