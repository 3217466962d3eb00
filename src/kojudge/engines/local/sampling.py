"""Draw the next token so that a text depends on its own seed alone.

Sampling is by the Gumbel-max trick (Gumbel 1954; Maddison et al. 2014): adding Gumbel
noise to log-probabilities and taking the largest draws from the distribution. The noise
is a hash of (seed, step, token), so that neither the batch nor its order enters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kojudge.records import Sampling

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDTH = 256
"""Most likely tokens looked at first; the whole vocabulary only where top_p needs it."""


def gumbel_noise(seed: int, step: int, tokens: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return standard Gumbel noise, shape of ``tokens``, a function of its arguments alone.

    The hash is SplitMix64's finaliser (Steele, Lea & Flood 2014).
    """
    with np.errstate(over="ignore"):
        state = _mix(np.uint64(seed % 2**64) + np.uint64(0x9E3779B97F4A7C15))
        state = _mix(state + np.uint64(step) * np.uint64(0xD1342543DE82EF95))
        bits = _mix(state + tokens.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    # 52 bits and a half: never 0 or 1, where the noise would be infinite.
    uniform = ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
    return -np.log(-np.log(uniform))


def _mix(z: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    z = np.asarray(z, dtype=np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def pick_token(logits: NDArray[np.float32], sampling: Sampling, seed: int, step: int) -> int:
    """Return the next token for one row of ``logits`` (shape [vocabulary]).

    Temperature 0 is greedy.

    Raises:
        FloatingPointError: the logits are not numbers.
    """
    best = logits.max()
    if not np.isfinite(best):
        raise FloatingPointError("the model's logits are not numbers")
    if sampling.temperature == 0.0:
        return int(logits.argmax())
    scaled = (logits.astype(np.float64) - best) / sampling.temperature
    weights = np.exp(scaled)
    tokens = nucleus(weights / weights.sum(), sampling.top_p)
    noisy = scaled[tokens] + gumbel_noise(seed, step, tokens)
    return int(tokens[int(noisy.argmax())])


def nucleus(probabilities: NDArray[np.float64], top_p: float) -> NDArray[np.int64]:
    """Return the smallest set of most likely tokens whose probability reaches ``top_p``.

    Most likely first (Holtzman et al. 2020); at 1 and above it is every token, in order.
    """
    size = probabilities.size
    if top_p >= 1.0:
        return np.arange(size)
    tokens = np.arange(size)
    if size > _WIDTH:
        likely = np.argpartition(probabilities, -_WIDTH)[-_WIDTH:]
        if probabilities[likely].sum() >= top_p:
            tokens = likely
    tokens = tokens[np.argsort(-probabilities[tokens])]
    reached = int(np.searchsorted(np.cumsum(probabilities[tokens]), top_p))
    return tokens[: reached + 1]


def penalise(
    logits: NDArray[np.float32], seen: Sequence[int], penalty: float
) -> NDArray[np.float32]:
    """Return ``logits`` with the tokens in ``seen`` made less likely (Keskar et al. 2019).

    Positive logits are divided by ``penalty``. Negative ones are multiplied, as in every
    implementation in use: dividing them would make the token more likely.
    """
    if penalty == 1.0:
        return logits
    changed = logits.copy()
    values = logits[seen]
    changed[seen] = np.where(values > 0, values / penalty, values * penalty)
    return changed
