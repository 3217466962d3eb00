"""From the probabilities of the legal answers to a score, or to the reason for none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from kojudge.engines import Choice
from kojudge.records import Order, Outcome, Scored, Unscored
from kojudge.rubrics import Rubric

__all__ = ["decomposed_outcome", "outcome_of"]

TIE = "C"
Prior = Sequence[float]
"""Probability of each answer where there is nothing to judge; they sum to 1."""


def outcome_of(
    choice: Choice,
    rubric: Rubric,
    order: Order | None,
    mass_floor: float,
    prior: Prior | None = None,
) -> Outcome:
    """Return the judgment a ``choice`` amounts to.

    Pointwise: the expected level Σ k·p(k). Pairwise: the probability that the candidate
    wins, half of a tie counted. Below ``mass_floor`` the judge did not answer the
    question, and there is no score; a mass that nobody measured is not held against it.
    ``prior`` is divided out of the answers.
    """
    labels = rubric.labels
    probabilities = _answers(choice, labels, mass_floor, prior)
    if isinstance(probabilities, Unscored):
        return probabilities
    by_label = dict(zip(labels, probabilities, strict=True))
    if rubric.mode == "pointwise":
        value = math.fsum(float(label) * p for label, p in by_label.items())
    else:
        winner = "A" if order == "AB" else "B"
        value = by_label[winner] + 0.5 * by_label.get(TIE, 0.0)
    return _scored(value, rubric, choice.method, choice.mass, labels, probabilities)


def decomposed_outcome(
    choices: Sequence[Choice],
    rubric: Rubric,
    mass_floor: float,
    priors: Sequence[Prior] | None = None,
) -> Outcome:
    """Return the judgment that the answers to the rubric's questions amount to, in their order.

    Each choice is (yes, no); the score is lo + (hi − lo) · mean P(yes). The least mass of
    all counts. One question without an answer leaves the whole without a score.
    """
    yes, labels = [], rubric.questions
    for at, choice in enumerate(choices):
        found = _answers(choice, labels, mass_floor, priors[at] if priors else None)
        if isinstance(found, Unscored):
            return found
        yes.append(found[0])
    low, high = rubric.scale
    value = low + (high - low) * math.fsum(yes) / len(yes)
    masses = [choice.mass for choice in choices if choice.mass is not None]
    mass = min(masses) if len(masses) == len(choices) else None
    return _scored(value, rubric, choices[0].method, mass, labels, yes)


def _scored(
    value: float,
    rubric: Rubric,
    method: str,
    mass: float | None,
    labels: Sequence[str],
    probabilities: Sequence[float],
) -> Scored:
    low, high = rubric.scale
    held = min(high, max(low, value))
    return Scored(held, method, mass, tuple(labels), tuple(probabilities))


def _answers(
    choice: Choice, labels: Sequence[str], mass_floor: float, prior: Prior | None
) -> tuple[float, ...] | Unscored:
    """Return the probabilities of the legal answers, or why they do not count."""
    if choice.error:
        return Unscored(f"engine:{choice.error}", final=choice.error == "prompt_too_long")
    if not math.isfinite(max(choice.logprobs)):
        return Unscored("no_legal_answer", mass=choice.mass, options=tuple(labels))
    probabilities = choice.probabilities
    if choice.mass is not None and choice.mass < mass_floor:
        known = tuple(labels) if len(labels) == len(probabilities) else ()
        return Unscored("low_mass", True, choice.mass, known, probabilities if known else ())
    return probabilities if prior is None else _calibrated(probabilities, prior)


def _calibrated(probabilities: Sequence[float], prior: Prior) -> tuple[float, ...]:
    """Divide the prior out (contextual calibration, Zhao et al. 2021, arXiv:2102.09690)."""
    weights = [p / q for p, q in zip(probabilities, prior, strict=True)]
    total = math.fsum(weights)
    return tuple(weight / total for weight in weights)
