"""Which texts the workspace asks for, and which of a run's texts count."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge.cards import candidate_identity
from kojudge.records import Prompt, Sampling, Text, identity, text_identity
from kojudge.selection.asked import Asked, engine_for
from kojudge.store.run import Run


@dataclass(frozen=True, slots=True)
class WantedText:
    """One text to write. ``seed`` follows from the workspace's seed and the text's id."""

    text_id: str
    candidate: str
    candidate_id: str
    prompt: Prompt
    sample: int
    sampling: Sampling
    seed: int


def wanted_texts(asked: Asked) -> list[WantedText]:
    """Return every text the workspace asks for, candidate by candidate."""
    wanted = []
    for card in asked.candidates:
        candidate_id = candidate_identity(card, engine_for(card, asked.settings))
        sampling = card.sampling.to_record()
        for prompt in asked.prompts:
            for sample in range(asked.settings.samples):
                text_id = text_identity(prompt.prompt_id, candidate_id, sample)
                seed = int(identity([asked.settings.seed, text_id])[:15], 16)
                wanted.append(
                    WantedText(text_id, card.name, candidate_id, prompt, sample, sampling, seed)
                )
    return wanted


def current_texts(run: Run, wanted: set[str]) -> list[Text]:
    """Return the run's finished texts that count: those ``wanted``, and all imported ones."""
    return [
        text
        for text in run.texts()
        if text.status == "ok" and (text.origin == "imported" or text.text_id in wanted)
    ]


def imported_names(run: Run) -> set[str]:
    """Return the models whose texts or judgments were brought along: they need no card."""
    table = run.query(
        """SELECT candidate AS name FROM texts WHERE origin = 'imported'
           UNION SELECT candidate FROM judgments WHERE origin = 'imported'
           UNION SELECT baseline FROM judgments WHERE origin = 'imported'"""
    )
    return {name for name in table["name"].to_pylist() if name is not None}
