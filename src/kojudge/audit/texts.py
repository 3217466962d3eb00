"""Read the audit texts: originals that read well, and rewrites of known direction.

``judge/audit/*.jsonl``, one JSON object a line: ``id``, ``source_id``, ``category``,
``kind`` and ``text``; ``prompt`` and ``note`` may stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from kojudge.audit.kinds import ORIGINAL, WRITTEN
from kojudge.errors import ConfigError, InputError, Said, did_you_mean, said
from kojudge.records import identity
from kojudge.workspace.explain import explain, rule
from kojudge.workspace.jsonl import read_lines

__all__ = ["Gap", "Source", "audit_hash", "gaps", "is_training", "load_sources", "require", "split"]

_KINDS = (ORIGINAL, *WRITTEN)
_README = said(
    "judge/audit/README.md의 형식을 보고 고치세요.", "See judge/audit/README.md for the format."
)


@dataclass(frozen=True, slots=True)
class Source:
    """An ``original`` text with its ``rewrites`` by kind, and the ``prompt`` it answers.

    ``place`` is the file and line of the original, for messages.
    """

    source_id: str
    category: str
    original: str
    rewrites: Mapping[str, str]
    prompt: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A written kind that a source lacks."""

    source_id: str
    kind: str
    place: str


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=1)
    source_id: str = Field(min_length=1)
    category: str = Field(min_length=1)
    kind: str
    text: str
    prompt: str = ""
    note: str = ""

    @field_validator("kind")
    @classmethod
    def _is_known(cls, kind: str) -> str:
        if kind not in _KINDS:
            known = ", ".join(_KINDS)
            raise rule(
                f"쓸 수 있는 값은 {known}입니다(받은 값: {kind!r}).",
                f"must be one of {known} (given: {kind!r}).",
            )
        return kind

    @field_validator("text")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not text.strip():
            raise rule("비어 있으면 안 됩니다.", "must not be empty.")
        return text


@dataclass(frozen=True, slots=True)
class _Placed:
    place: str
    line: _Line


def load_sources(folder: Path) -> tuple[Source, ...]:
    """Return the sources of all ``*.jsonl`` in ``folder``, sorted by id.

    Sources that lack a rewrite are returned too: see :func:`gaps` and :func:`require`.

    Raises:
        ConfigError: the folder holds no audit text.
        InputError: a line is wrong or does not fit the others; names file, line and field.
    """
    placed = [line for path in sorted(folder.glob("*.jsonl")) for line in _lines(path)]
    if not placed:
        raise ConfigError(
            said(f"{folder}에 검증용 글이 없습니다.", f"There is no audit text in {folder}."),
            said(
                "judge/audit/README.md를 보고 *.jsonl 파일을 넣으세요.",
                "Add *.jsonl files as judge/audit/README.md says.",
            ),
        )
    _unique_ids(placed)
    grouped: dict[str, dict[str, _Placed]] = {}
    for found in placed:
        kinds = grouped.setdefault(found.line.source_id, {})
        if found.line.kind in kinds:
            earlier = kinds[found.line.kind].place
            raise _wrong(found.place, "kind", said(
                f"같은 source_id의 {found.line.kind}이(가) 이미 {earlier}에 있습니다.",
                f"{earlier} already is the {found.line.kind} of this source_id.",
            ))  # fmt: skip
        kinds[found.line.kind] = found
    return tuple(_source(name, grouped[name]) for name in sorted(grouped))


def gaps(sources: Sequence[Source]) -> tuple[Gap, ...]:
    """Return every written kind that is missing, in the order of ``sources``."""
    return tuple(
        Gap(source.source_id, kind, source.place)
        for source in sources
        for kind in WRITTEN
        if kind not in source.rewrites
    )


def require(sources: Sequence[Source]) -> None:
    """Refuse sources that lack a written kind.

    Raises:
        ConfigError: something is missing; names the first gap and how many there are.
    """
    missing = gaps(sources)
    if missing:
        first = missing[0]
        raise ConfigError(
            said(
                f"{first.place}: 원문 '{first.source_id}'의 고쳐 쓴 글 '{first.kind}'이(가) 없습니다"
                f"(빠진 글 모두 {len(missing)}편).",
                f"{first.place}: source '{first.source_id}' has no rewrite '{first.kind}' "
                f"({len(missing)} missing in all).",
            ),
            said(
                "모든 원문에는 " + ", ".join(WRITTEN) + "이(가) 하나씩 있어야 합니다.",
                "Each source needs one each of " + ", ".join(WRITTEN) + ".",
            ),
        )


def audit_hash(sources: Sequence[Source]) -> str:
    """Return an id of what the judge will read; order, files and notes do not change it."""
    content = sorted(
        [s.source_id, s.category, s.prompt, s.original, sorted(s.rewrites.items())] for s in sources
    )
    return identity(["audit-set", content])


def is_training(source_id: str) -> bool:
    """Tell whether a source may serve as a few-shot anchor: about one third, by hash of its id.

    Adding sources never moves another one to the other side.
    """
    return int(identity(["audit-split", source_id])[:8], 16) % 3 == 0


def split(sources: Sequence[Source]) -> tuple[tuple[Source, ...], tuple[Source, ...]]:
    """Return the training and the test sources; no source is in both."""
    training = tuple(s for s in sources if is_training(s.source_id))
    return training, tuple(s for s in sources if not is_training(s.source_id))


def _source(source_id: str, kinds: Mapping[str, _Placed]) -> Source:
    first = next(iter(kinds.values()))
    if ORIGINAL not in kinds:
        raise _wrong(first.place, "source_id", said(
            f"원문(kind: original)이 없는 source_id입니다: {source_id}",
            f"no line of this source_id has kind original: {source_id}",
        ))  # fmt: skip
    original = kinds[ORIGINAL]
    for kind, found in kinds.items():
        _same_in_both(original, found, "category")
        _same_in_both(original, found, "prompt")
        if kind != ORIGINAL and found.line.text == original.line.text:
            raise _wrong(found.place, "text", said(
                f"원문({original.place})과 똑같습니다.", f"is the original's ({original.place}).",
            ))  # fmt: skip
    rewrites = {kind: kinds[kind].line.text for kind in WRITTEN if kind in kinds}
    line = original.line
    return Source(
        source_id,
        line.category,
        line.text,
        MappingProxyType(rewrites),
        line.prompt,
        original.place,
    )


def _same_in_both(original: _Placed, found: _Placed, field: str) -> None:
    """What a rewrite answers is what the original answers."""
    expected, given = getattr(original.line, field), getattr(found.line, field)
    if expected != given:
        raise _wrong(found.place, field, said(
            f"원문({original.place})의 값과 다릅니다: {given!r}",
            f"differs from the original's ({original.place}): {given!r}",
        ))  # fmt: skip


def _unique_ids(placed: Sequence[_Placed]) -> None:
    seen: dict[str, str] = {}
    for found in placed:
        if found.line.id in seen:
            raise _wrong(found.place, "id", said(
                f"{seen[found.line.id]}에 이미 있는 값입니다({found.line.id}).",
                f"repeats that of {seen[found.line.id]} ({found.line.id}).",
            ))  # fmt: skip
        seen[found.line.id] = found.place


def _lines(path: Path) -> Iterator[_Placed]:
    for place, raw in read_lines(path):
        try:
            yield _Placed(place, _Line.model_validate_json(raw))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"]) or "json"
            unknown = first["type"] == "extra_forbidden"
            hint = did_you_mean(field, _Line.model_fields) if unknown else _README
            raise _wrong(place, field, explain(first), hint) from None


def _wrong(place: str, field: str, why: Said, hint: Said = _README) -> InputError:
    return InputError(
        said(f"{place}: '{field}' 항목: {why.ko}", f"{place}: field '{field}': {why.en}"), hint
    )
