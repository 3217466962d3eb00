"""Ask one candidate for its pending texts and store each batch as it comes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kojudge.engines import Completion, CompletionRequest, Engine
from kojudge.records import Text
from kojudge.selection import WantedText
from kojudge.store.flush import Flusher
from kojudge.store.run import Run


@dataclass(frozen=True, slots=True)
class GenerateCount:
    """What became of the texts asked for; ``tokens`` are completion tokens."""

    done: int = 0
    failed: int = 0
    empty: int = 0
    truncated: int = 0
    tokens: int = 0

    def after(self, text: Text) -> GenerateCount:
        """Return the count with one more text."""
        if text.status == "failed":
            return GenerateCount(
                self.done, self.failed + 1, self.empty, self.truncated, self.tokens
            )
        return GenerateCount(
            self.done + 1,
            self.failed,
            self.empty + (not text.text.strip()),
            self.truncated + (text.finish_reason == "length"),
            self.tokens + (text.completion_tokens or 0),
        )

    def plus(self, other: GenerateCount) -> GenerateCount:
        """Return the sum of two counts."""
        return GenerateCount(
            self.done + other.done,
            self.failed + other.failed,
            self.empty + other.empty,
            self.truncated + other.truncated,
            self.tokens + other.tokens,
        )


def generate(
    run: Run,
    wanted: Sequence[WantedText],
    engine: Engine,
    on_count: Callable[[GenerateCount], None],
    *,
    flush_every: int,
) -> GenerateCount:
    """Write the texts in ``wanted`` with ``engine``.

    Finished texts reach the disk every ``flush_every`` texts or ten seconds, and on the way
    out, whatever ends the loop; a kill loses at most those in memory, which stay pending.
    """
    by_key = {item.text_id: item for item in wanted}
    requests = (
        CompletionRequest(item.text_id, item.prompt.messages, item.sampling, item.seed)
        for item in wanted
    )
    count = GenerateCount()
    with Flusher(run.append_texts, flush_every) as flusher:
        for completion in engine.complete(requests):
            text = to_text(by_key[completion.key], completion)
            flusher.add(text)
            count = count.after(text)
            on_count(count)
    return count


def to_text(wanted: WantedText, completion: Completion) -> Text:
    """Record what came back, a failure included."""
    prompt = wanted.prompt
    history = [{"role": m.role, "content": m.content} for m in prompt.history]
    return Text(
        text_id=wanted.text_id,
        prompt_id=prompt.prompt_id,
        category=prompt.category,
        prompt=prompt.request,
        candidate=wanted.candidate,
        sample=wanted.sample,
        text=completion.text,
        candidate_id=wanted.candidate_id,
        prompt_name=prompt.name,
        history=json.dumps(history, ensure_ascii=False),
        finish_reason=completion.finish_reason,
        prompt_tokens=completion.prompt_tokens,
        completion_tokens=completion.completion_tokens,
        seconds=completion.seconds,
        seed=wanted.seed,
        status="failed" if completion.error else "ok",
        reason=completion.error,
    )
