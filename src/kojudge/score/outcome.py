"""From the probabilities of the legal answers to a score, or to the reason for none."""

from __future__ import annotations

import math

from kojudge.engines import Choice
from kojudge.records import Outcome, Scored, Unscored
from kojudge.rubrics import Rubric

TIE = "C"


def outcome_of(choice: Choice, rubric: Rubric, order: str | None, mass_floor: float) -> Outcome:
    """Return the judgment a ``choice`` amounts to.

    Pointwise: the expected level Σ k·p(k). Pairwise: the probability that the candidate
    wins, half of a tie counted. Below ``mass_floor`` the judge did not answer the
    question, and there is no score.
    """
    if choice.error:
        return Unscored(f"engine:{choice.error}", final=choice.error == "prompt_too_long")
    labels = rubric.labels
    if not math.isfinite(max(choice.logprobs)):
        return Unscored("no_legal_answer", mass=choice.mass, options=labels)
    probabilities = choice.probabilities
    if choice.mass < mass_floor:
        return Unscored("low_mass", True, choice.mass, labels, probabilities)
    by_label = dict(zip(labels, probabilities, strict=True))
    if rubric.mode == "pointwise":
        value = math.fsum(float(label) * p for label, p in by_label.items())
    else:
        winner = "A" if order == "AB" else "B"
        value = by_label[winner] + 0.5 * by_label.get(TIE, 0.0)
    low, high = rubric.scale
    return Scored(min(high, max(low, value)), choice.method, choice.mass, labels, probabilities)
