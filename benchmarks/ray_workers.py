"""Judgments a second on Ray: two workers beside one, and one beside no Ray at all.

    python benchmarks/ray_workers.py [--part waiting|cheap|real] [--model CARD] [--repeats N]

Same questions, in turn in one process, every engine opened before the first is timed.

``waiting``: a stand-in that sleeps 20 ms a text. Its workers share nothing, as workers with a
GPU each would. ``cheap``: a stand-in that answers at once, so that what is left is the most
that one driver moves. ``real``: a model whose workers share this machine's cores; their
threads are bound, and said in the table: two workers of one thread have what one worker of
two has, so that on one machine without a GPU nothing can be gained but what one process
leaves idle.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import common
from kojudge.cards import load_candidate, to_spec
from kojudge.cards.sources import pull
from kojudge.engines import ChoiceRequest, Engine, Placement, open_engine
from kojudge.engines.ray.cluster import join
from kojudge.records import Message, ModelSpec, Prompt
from kojudge.rubrics import Rubric, load_rubric, render_text

CORES = os.cpu_count() or 1
TEXT = (
    "어제는 퇴근길에 비가 쏟아져서 편의점 처마 밑에 한참 서 있었어요. 옆에 있던 분이 우산을 같이 쓰자고 "
    "하시더라고요. 이름도 모르는 분인데, 덕분에 집까지 한 번도 안 젖고 왔답니다. "
)
WAITING, CHEAP = 400, 4000
"""Questions of the stand-ins that wait 20 ms and that answer at once."""
PARTS = ("waiting", "cheap", "real")

Way = Callable[[Sequence[ChoiceRequest]], float]
"""Asks questions in one way; returns judgments a second."""


def questions(rubric: Rubric, tasks: Sequence[Prompt], count: int) -> list[ChoiceRequest]:
    options = tuple((f" {label}", label) for label in rubric.labels)
    prefix = rubric.answer_prefix.rstrip()
    made = []
    for number in range(count):
        task = tasks[number % len(tasks)]
        reads = render_text(rubric, task, f"{TEXT}{number}번째 이야기예요.", task.name)
        made.append(ChoiceRequest(str(number), (Message("user", reads),), options, prefix))
    return made


def rate(engine: Engine, asked: Sequence[ChoiceRequest]) -> float:
    started = time.perf_counter()
    answers = list(engine.choose(asked))
    assert len({answer.key for answer in answers}) == len(asked)
    assert not any(answer.error for answer in answers)
    return len(asked) / (time.perf_counter() - started)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Bind what runs here, and the workers that are opened meanwhile, to ``number`` threads."""
    import torch

    before, told = torch.get_num_threads(), os.environ.get("OMP_NUM_THREADS")
    torch.set_num_threads(number)
    os.environ["OMP_NUM_THREADS"] = str(number)
    yield
    torch.set_num_threads(before)
    os.environ.pop("OMP_NUM_THREADS")
    if told is not None:
        os.environ["OMP_NUM_THREADS"] = told


def compare(
    title: str,
    asked: Sequence[ChoiceRequest],
    ways: dict[str, Way],
    ratios: Sequence[tuple[str, str]],
    repeats: int,
) -> None:
    """Print the rates of ``ways``, and the ratios of pairs of them, measured turn by turn."""
    measured: dict[str, list[float]] = {name: [] for name in ways}
    for run in ways.values():  # warm all up, every worker too
        run(asked[:8])
    for _ in range(repeats):
        for name, run in ways.items():
            measured[name].append(run(asked))
    print(f"\n| {title} | judgments/s |\n|---|---|")
    for name, rates in measured.items():
        print(f"| {name} | {common.spread(rates)} |")
    for upper, lower in ratios:
        pairs = zip(measured[upper], measured[lower], strict=True)
        print(f"| ratio: {upper} / {lower} | {common.spread([a / b for a, b in pairs])} |")


def real(model: str, asked: Sequence[ChoiceRequest], batch: int, repeats: int) -> None:
    card = load_candidate(common.ROOT / "candidates", model)
    spec = to_spec(card, pull(card))
    alone = open_engine("transformers", spec, batch_size=batch)

    def on_ray(workers: int, number: int) -> Way:
        with threads(number):
            engine = open_engine(
                "transformers", spec, batch_size=batch, placement=Placement(workers)
            )
        return lambda asked: rate(engine, asked)

    without, all_threads = f"no Ray, {CORES} threads", f"1 worker, {CORES} threads"
    one, two = "1 worker, 1 thread", "2 workers, 1 thread each"
    ways = {
        without: lambda asked: rate(alone, asked),
        all_threads: on_ray(1, CORES),
        one: on_ray(1, 1),
        two: on_ray(2, 1),
    }
    pairs = ((two, one), (all_threads, without), (two, without))
    title = f"{spec.name}, {len(asked)} texts, batch {batch}"
    compare(title, asked, ways, pairs, repeats)


def stand_in(
    title: str,
    behaviour: str,
    asked: Sequence[ChoiceRequest],
    places: dict[str, tuple[int, int]],
    repeats: int,
) -> None:
    """Compare no Ray with ``places``: workers and batch size by name."""
    spec = ModelSpec("stand-in", f"fake:{behaviour}")

    def opened(batch: int, placement: Placement | None) -> Way:
        engine = open_engine("fake", spec, batch_size=batch, placement=placement)
        return lambda asked: rate(engine, asked)

    ways = {"no Ray": opened(16, None)}
    ways |= {name: opened(batch, Placement(n)) for name, (n, batch) in places.items()}
    first, *others = places
    pairs = [(name, first) for name in others] + [(first, "no Ray")]
    compare(f"{title}, {len(asked)} texts", asked, ways, pairs, repeats)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--model", default="gemma-3-270m")
    parser.add_argument("--prompts", type=int, default=16)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=5)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    parts, repeats = options.part or PARTS, options.repeats
    # Ray runs its workers at a lower priority, which other work on this machine would add to.
    os.environ.setdefault("RAY_worker_niceness", "0")
    # One cluster for all, larger than any part needs: an engine that finds one leaves it be.
    cluster = join(Placement(workers=16))
    rubric = load_rubric(common.ROOT / "rubrics", "naturalness-short")
    tasks = common.prompts(options.prompts)
    print(
        f"{common.describe_machine()}, ray {cluster.ray.__version__}; rubric {rubric.name}; ",
        end="",
    )
    print(f"{repeats} repeats, median (least–most)")
    if "waiting" in parts:
        places = {"1 worker": (1, 16), "2 workers": (2, 16), "4 workers": (4, 16)}
        asked = questions(rubric, tasks, WAITING)
        stand_in("waits 20 ms a text", "slow", asked, places, repeats)
    if "cheap" in parts:
        places = {"2 workers, batch 16": (2, 16), "2 workers, batch 128": (2, 128)}
        asked = questions(rubric, tasks, CHEAP)
        stand_in("answers at once", "plain", asked, places, repeats)
    if "real" in parts:
        real(options.model, questions(rubric, tasks, len(tasks)), options.batch, repeats)
    cluster.leave()


if __name__ == "__main__":
    main()
