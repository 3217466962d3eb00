"""Requests on their way through vLLM: handed in one by one, back as each is finished."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from kojudge.engines.vllm.adapting import is_refusal

Owner = TypeVar("Owner")

_names = count()
"""Never the same name twice: what an interrupted flight left behind is not taken for another's."""


class Refused(Exception):  # noqa: N818 - an answer, as good as any
    """VLLM does not take one request; the others go on."""


class Flight(Generic[Owner]):
    """What one call has handed to vLLM and not got back.

    ``engine`` is vLLM's ``LLMEngine``: only one flight at a time may use it. Leaving the
    ``with`` block calls back whatever is still on its way.
    """

    def __init__(
        self, engine: Any, parameters: Callable[[Mapping[str, Any]], Any], adapter: Any
    ) -> None:
        self._engine = engine
        self._parameters = parameters
        self._adapter = adapter
        self._owners: dict[str, Owner] = {}

    def __len__(self) -> int:
        return len(self._owners)

    def add(self, owner: Owner, tokens: Sequence[int], arguments: Mapping[str, Any]) -> None:
        """Hand in a prompt of token ids; what comes of it comes back with ``owner``.

        Raises:
            Refused: vLLM does not take this prompt.
        """
        name = str(next(_names))
        parameters = self._parameters(arguments)
        prompt = {"type": "token", "prompt_token_ids": list(tokens)}
        try:
            self._engine.add_request(name, prompt, parameters, lora_request=self._adapter)
        except Exception as error:
            if not is_refusal(error):
                raise
            raise Refused(str(error)) from error
        self._owners[name] = owner

    def wait(self) -> Iterator[tuple[Owner, Any, float]]:
        """Yield (owner, vLLM's output, seconds) of what is finished next.

        ``seconds`` is the time spent waiting since the last were finished, shared among these.
        """
        done: list[Any] = []
        started = time.perf_counter()
        while self._owners and not done:
            try:
                outputs = self._engine.step()
            except Exception:
                self._owners.clear()  # the engine is gone: nothing is left to be called back
                raise
            done = [o for o in outputs if o.finished and o.request_id in self._owners]
        seconds = time.perf_counter() - started
        owned = [(self._owners.pop(output.request_id), output) for output in done]
        for owner, output in owned:
            yield owner, output, seconds / len(done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._owners:
            self._engine.abort_request(list(self._owners))
            self._owners.clear()
