"""Engines for the workers of a test. Shipped to them by value: workers know no test folder."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping

from kojudge.engines import Choice, ChoiceRequest, Completion, CompletionRequest
from kojudge.records import Json


def whereabouts() -> str:
    """Return ``process@node`` on a Ray worker, the process elsewhere."""
    import ray

    where = ray.get_runtime_context().get_node_id() if ray.is_initialized() else ""
    return f"{os.getpid()}@{where}"


class Held:
    """Answers every request with where it runs; subclasses misbehave."""

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        here = whereabouts()
        for request in requests:
            yield Completion(request.key, here, "stop", 1, 1, 0.0)

    def choose(self, requests: Iterable[ChoiceRequest]) -> Iterator[Choice]:
        raise NotImplementedError

    def special_tokens(self) -> frozenset[str]:
        return frozenset()

    def describe(self) -> Mapping[str, Json]:
        return {"engine": "held"}

    def close(self) -> None:
        pass


class Slow(Held):
    """Takes 20 ms an item."""

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        for done in super().complete(requests):
            time.sleep(0.02)
            yield done


class Deadly(Held):
    """Ends its process at the first request."""

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        os._exit(1)


class Breaking(Held):
    """Raises midway."""

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        for done in super().complete(requests):
            if done.key.endswith("7"):
                raise ZeroDivisionError("seven")
            yield done


class Sloppy(Held):
    """Answers some requests twice and keys that end in 3 never."""

    def complete(self, requests: Iterable[CompletionRequest]) -> Iterator[Completion]:
        for done in super().complete(requests):
            if not done.key.endswith("3"):
                yield done
            if done.key.endswith("4"):
                yield done
