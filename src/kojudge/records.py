"""The records that pass between stages, and the identities they are known by.

Identity is content-addressed: the same content has the same id in every run and on
every machine, so resuming, caching and rubric tuning need no bookkeeping.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

Mode = Literal["pointwise", "pairwise"]
Order = Literal["AB", "BA"]
"""Order of a pair: ``AB`` shows the candidate first, ``BA`` the baseline first."""

CONTROL = "~control"
"""Ends the candidate's name in judgments of texts that were damaged to check the judge."""


def identity(content: object) -> str:
    """Return a 32-digit id of any JSON-like ``content`` (BLAKE2b over canonical JSON)."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    data = canonical.encode("utf-8", errors="surrogatepass")
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A writing task. ``name`` is the id in its file; ``prompt_id`` is its content's.

    ``holdout``: commands that tune something do not read it, nor texts written for it.
    """

    name: str
    category: str
    messages: tuple[Message, ...]
    topic: str = ""
    audience: str = ""
    tone: str = ""
    length: str = ""
    constraints: tuple[str, ...] = ()
    language: str = "ko"
    friendly: bool | None = None
    holdout: bool = False

    @property
    def prompt_id(self) -> str:
        """Id of what the model is asked: category, messages, language, constraints."""
        messages = [[m.role, m.content] for m in self.messages]
        return identity(["prompt", self.category, messages, self.language, list(self.constraints)])

    @property
    def request(self) -> str:
        """The last user turn: what the text must answer."""
        return self.messages[-1].content

    @property
    def history(self) -> tuple[Message, ...]:
        """The turns before the last user turn."""
        return self.messages[:-1]


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a candidate draws its text."""

    temperature: float = 0.8
    top_p: float = 0.95
    max_tokens: int = 512
    repetition_penalty: float = 1.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs the model, and how to talk to it.

    ``url`` ends where the paths of the protocol begin (``http://127.0.0.1:8000/v1``); None:
    the environment's ``OPENAI_BASE_URL`` (systemone: ``SYSTEMONE_BASE_URL``). ``key_env`` names the environment variable with
    the key; the key itself is nowhere. ``timeout``: seconds without an answer; ``retries``:
    further attempts of one request; ``extra``: fields added to every request's body.
    """

    url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    concurrency: int = 8
    timeout: float = 300.0
    retries: int = 5
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What an engine needs to load and address one model; built from a card.

    ``path`` is a local directory of safetensors, or whatever the engine takes as a model.
    ``stop`` are strings that end a text. ``system`` says whether the chat format has a
    system role (``native``) or the system turn is merged into the first user turn.
    ``thinking``: ``off`` asks the chat template not to think, ``strip`` cuts what stands
    before ``</think>``. ``adapter`` is a directory with LoRA weights laid over the model's;
    ``options`` go to the vLLM engine as they are. ``head`` is a directory with a head that
    reads the model's states (:mod:`kojudge.engines.head`).
    """

    name: str
    path: str
    format: Literal["chat", "completion"] = "chat"
    chat_template: str | None = None
    completion_template: str | None = None
    system: Literal["native", "merge"] = "native"
    stop: tuple[str, ...] = ()
    dtype: str = "bfloat16"
    thinking: Literal["off", "strip"] = "off"
    trust_remote_code: bool = False
    server: Server = field(default_factory=Server)
    adapter: str | None = None
    options: Mapping[str, Json] = field(default_factory=dict)
    head: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """One text a candidate wrote (``status`` ok) or failed to write (``failed``).

    ``prompt_tokens`` and ``completion_tokens`` count tokens; ``seconds`` is its share of the
    time: from when it joined its batch until it was finished, divided by the texts in the
    batch. ``history`` is a JSON list of the turns before the last one.
    """

    text_id: str
    prompt_id: str
    category: str
    prompt: str
    candidate: str
    sample: int
    text: str
    candidate_id: str = ""
    prompt_name: str = ""
    turn: int = 1
    history: str = "[]"
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None
    seed: int | None = None
    status: Literal["ok", "failed"] = "ok"
    reason: str = ""
    origin: Literal["generated", "imported"] = "generated"
    extra: str = "{}"


@dataclass(frozen=True, slots=True)
class Scored:
    """A judgment that gave a number.

    ``score`` is on the rubric's scale (pointwise), or the probability that the candidate
    beats the baseline, 0–1 (pairwise). ``options``/``probabilities`` is the distribution
    after renormalising over the legal answers; ``mass`` (0–1) is what those answers held
    before. ``method``: expected | argmax | sampled | parsed | vote | imported.
    """

    score: float
    method: str
    mass: float | None = None
    options: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Unscored:
    """A judgment without a number.

    ``final`` says that asking again would give the same (the judge answered outside the
    levels); otherwise the item failed and the next run asks it again.
    """

    reason: str
    final: bool = True
    mass: float | None = None
    options: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()


Outcome = Scored | Unscored


@dataclass(frozen=True, slots=True)
class Judgment:
    """One judge's answer about one text, or about a pair in one order."""

    judgment_id: str
    text_id: str
    prompt_id: str
    category: str
    candidate: str
    sample: int
    criterion: str
    rubric: str
    judge: str
    mode: Mode
    outcome: Outcome
    baseline_text_id: str | None = None
    baseline: str | None = None
    order: Order | None = None
    repeat: int = 0
    rubric_id: str = ""
    judge_id: str = ""
    scale: tuple[float, float] = (1.0, 5.0)
    turn: int = 1
    rationale: str = ""
    seconds: float | None = None
    prompt_tokens: int | None = None
    origin: Literal["judged", "imported"] = "judged"
    extra: str = "{}"

    @property
    def status(self) -> Literal["scored", "unscored", "failed"]:
        """``scored``; ``unscored`` for good; ``failed`` and asked again by the next run."""
        if isinstance(self.outcome, Scored):
            return "scored"
        return "unscored" if self.outcome.final else "failed"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The Korean evidence of one text, as measured by ``version`` of the signals.

    ``language`` is the answer's: korean | mixed | other | empty. ``gates`` are the faults so
    plain that the text need not be judged for them. ``numbers`` are the signals, named
    ``group.measure``; ``hits`` a JSON list of [group, name, start, end] places in the text.
    """

    evidence_id: str
    text_id: str
    version: str
    language: str
    gates: tuple[str, ...]
    numbers: Mapping[str, float]
    hits: str = "[]"


@dataclass(frozen=True, slots=True)
class Label:
    """One person's opinion: a ``score`` on the scale, or a ``preference`` over a pair.

    ``preference`` is 1 / 0.5 / 0 for the candidate winning, tying with, losing to the
    baseline.
    """

    prompt_id: str
    candidate: str
    sample: int
    criterion: str
    rater: str
    score: float | None = None
    preference: float | None = None
    baseline: str | None = None
    category: str | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)


def text_identity(prompt_id: str, candidate_id: str, sample: int, turn: int = 1) -> str:
    """Return the id of the text that a candidate is asked for."""
    return identity(["text", prompt_id, candidate_id, sample, turn])
