"""Between kojudge's records and vLLM's: what to ask for, and what came back. No vLLM here."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from kojudge.engines.base import CompletionRequest
from kojudge.engines.local.trie import AnswerTrie, Tokens

MOST_IDS = 128
"""Token ids that one vLLM request gives log-probabilities for (``MAX_LOGPROB_TOKEN_IDS``)."""


def text_arguments(
    request: CompletionRequest, stop: Sequence[str], end_ids: Collection[int]
) -> dict[str, Any]:
    """Return the arguments of ``SamplingParams`` that write the text of ``request``.

    Everything that decides a token is named, so that no default of the model's own files
    enters. vLLM detokenises only where it must look for ``stop``.
    """
    sampling = request.sampling
    return {
        "temperature": sampling.temperature,
        "top_p": min(sampling.top_p, 1.0),
        "top_k": 0,
        "min_p": 0.0,
        "repetition_penalty": sampling.repetition_penalty,
        "max_tokens": sampling.max_tokens,
        "seed": request.seed % 2**63,  # -1 would mean "no seed" to vLLM
        "stop": list(stop),
        "stop_token_ids": sorted(end_ids),
        "detokenize": bool(stop),
    }


def answer_arguments(tokens: Sequence[int]) -> dict[str, Any]:
    """Return the arguments of ``SamplingParams`` that read the probabilities of ``tokens``.

    One token is written and thrown away: what counts is read before it is drawn.
    """
    return {
        "temperature": 0.0,
        "max_tokens": 1,
        "logprob_token_ids": list(tokens),
        "detokenize": False,
    }


def answer_parts(trie: AnswerTrie) -> Iterator[tuple[Tokens, Tokens]]:
    """Yield (answer tokens already read, tokens wanted next), the empty beginning first.

    Each part is one vLLM request: at most :data:`MOST_IDS` tokens wanted.
    """
    needed = trie.needed()
    for read in sorted(needed, key=len):
        for start in range(0, len(needed[read]), MOST_IDS):
            yield read, needed[read][start : start + MOST_IDS]


def written_text(
    decode: Callable[..., str],
    tokens: Sequence[int],
    finish_reason: str,
    stop: Sequence[str],
    end_ids: Collection[int],
) -> str:
    """Return the text of the ``tokens`` vLLM wrote, as the transformers engine would."""
    kept = list(tokens[:-1]) if tokens and tokens[-1] in end_ids else list(tokens)
    text = decode(kept, skip_special_tokens=True)
    ends = [text.find(s) for s in stop if s in text]
    if ends:
        return text[: min(ends)]
    # The limit may fall inside a character; half of one is not part of the text.
    return text.rstrip("\ufffd") if finish_reason == "length" else text


def read_logprobs(position: Mapping[int, Any], wanted: Sequence[int]) -> dict[int, float]:
    """Return the natural-log probability of each ``wanted`` token at one position.

    Raises:
        ValueError: one is not a number, or missing.
    """
    found = {token: float(position[token].logprob) for token in wanted if token in position}
    if len(found) < len(set(wanted)) or any(math.isnan(value) for value in found.values()):
        raise ValueError("no probability for a wanted token")
    return found


def is_refusal(error: Exception) -> bool:
    """Say whether vLLM blames the request, not itself: by a class of its own, or a ValueError."""
    own = any(kind.__name__ == "VLLMClientError" for kind in type(error).__mro__)
    return own or isinstance(error, ValueError)
