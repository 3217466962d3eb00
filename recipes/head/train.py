"""Train the shipped head anew, from a workspace and a folder like ../shared.

    python -m recipes.head.train --shared FOLDER [--states FILE.npz] [--out DIR]

FOLDER holds `data/korean-student-writing`, `data/komt-eval` and `data/ko-arena-hard`; the audit
texts are this repository's, and of them only the training split is read. The base model is
fetched like any other (`kojudge models pull`). Writes judge/NAME.yaml and judge/heads/NAME/.
On 2 cores reading and validating take some twenty minutes; --states keeps what was read.
Run it from the repository's root.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np

from kojudge.cards import load_candidate
from kojudge.cli.judge_card_file import card_of, paths_of, write_card
from kojudge.engines.head.file import write_head
from kojudge.heads.train import train_head
from kojudge.models.heads import AUDIT_SOURCES
from kojudge.records import Json
from recipes.head.material import RULING, material
from recipes.head.origins import CORPORA, origins
from recipes.head.reading import SPACE, states
from recipes.head.versions import Version, versions

ROOT = Path(__file__).resolve().parents[2]
NAME = "head-qwen2.5-coder-0.5b"
BASE = "qwen2.5-coder-0.5b-instruct"
SEED = 20261122
NEEDS = "메모리 2GB쯤, GPU는 없어도 된다"
NOTES = (
    "kojudge에 실린 헤드다. 점수를 매기는 말을 배운 것이 아니라, 일부러 망가뜨린 글과 그 원문, 말씨를 바꾼 글, "
    "komt-eval의 ChatGPT 점수에서 배웠다. 무엇을 알아보고 무엇을 못 알아보는지는 docs/head.md와 검증서에 있다."
)


def facts(made: list[Version]) -> dict[str, Json]:
    """Return what the card's reader should know of the training texts."""
    texts = Counter(one.origin.corpus for one in made)
    sources = sorted({one.origin.prompt.removeprefix("audit/") for one in made
                      if one.origin.corpus == "audit"})  # fmt: skip
    return {
        "recipe": "python -m recipes.head.train",
        "base_card": BASE,
        "corpora": {name: {"texts": texts[name], "licence": CORPORA[name]} for name in CORPORA},
        "kinds": dict(sorted(Counter(one.kind.split("+")[0] for one in made).items())),
        AUDIT_SOURCES: list(sources),
        "domain": "한국어로 쓴 블로그 글, 짧은 글, 에세이와 모델의 답변. 500자쯤까지.",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, required=True, help="folder that holds data/")
    parser.add_argument("--states", type=Path, help="keep the base model's states here")
    parser.add_argument("--out", type=Path, default=ROOT / "judge", help="where the card goes")
    options = parser.parse_args()
    made = [one for origin in origins(ROOT, options.shared) for one in versions(origin)]
    rng = np.random.default_rng(SEED)
    learnt = material(made, rng)
    card = load_candidate(ROOT / "candidates", BASE)
    features, base = states(card, learnt, (SPACE,), options.states)
    started = time.perf_counter()
    trained = train_head(
        NAME, learnt, features, base, rng, facts=facts(made), curve=False, tick=_tick, ruling=RULING
    )
    print(f"\rvalidated and trained in {time.perf_counter() - started:.0f} s")
    places = paths_of(options.out, NAME)
    write_head(places.head, trained.head)
    content = card_of(NAME, card, trained.head, f"heads/{NAME}")
    write_card(places.card, content | {"needs": NEEDS, "notes": NOTES})
    size = sum(path.stat().st_size for path in places.head.iterdir())
    print(f"{places.head}: {size / 1e6:.2f} MB\n{places.card}")


def _tick(done: int, total: int) -> None:
    print(f"\rvalidating {done}/{total}", end="", flush=True)


if __name__ == "__main__":
    main()
