"""A head: linear maps on a model's pooled states, in ``head.safetensors`` and ``head.json``.

The numbers are in the safetensors, what they mean in the JSON, with the SHA-256 of the
other file. Nothing in either can run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from kojudge.engines.head.document import DomainSection, HeadDocument, LineSection
from kojudge.engines.head.tensors import Tensors, dump_tensors, load_tensors
from kojudge.errors import ConfigError, UnavailableError, said
from kojudge.records import Json, Mode
from kojudge.workspace.head_files import HEAD_JSON, HEAD_TENSORS, head_hash

__all__ = [
    "HEAD_JSON", "HEAD_TENSORS", "Domain", "Floats", "Head", "Line", "Pooling", "head_hash",
    "read_head", "write_head",
]  # fmt: skip

Floats = NDArray[np.float32]
Pooling = Literal["mean", "last"]
_TINY = float(np.finfo(np.float32).tiny)
"""The least number that may divide."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One criterion in one mode: ``weights`` float32 [D] on standardised states.

    Pointwise: ``labels`` are the K levels from the lowest up, z = x·weights + ``bias`` and
    P(level ≤ k) = σ(``cuts``[k] − ``slope``·z), ``cuts`` float64 [K−1] not falling.
    Pairwise: ``labels`` are A, B and C (a tie), or A and B; d = (x_A − x_B)·weights,
    P(A) = σ(``slope``·d − cuts[0]), P(B) = σ(−slope·d − cuts[0]), the rest is C. ``cuts`` is
    float64 [1], ≥ 0, and 0 where there are no ties; ``bias`` is 0: swapping the texts swaps
    the answers.
    """

    criterion: str
    mode: Mode
    labels: tuple[str, ...]
    weights: Floats
    bias: float
    slope: float
    cuts: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """Where the texts lay that the head learned from, in standardised states.

    ``components`` float32 [Q, D] are orthonormal directions, ``centre`` float32 [D] the mean,
    ``spread`` float32 [Q] (> 0) the standard deviation along each direction and ``rest``
    (> 0) the root mean square length of what they leave over. A text whose
    :func:`kojudge.engines.head.levels.outside` is above ``limit`` is out of the domain.
    """

    components: Floats
    centre: Floats
    spread: Floats
    rest: float
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """Lines over the states of one ``layer`` (1: what the first layer gives), pooled one way.

    ``base`` identifies the base model's weights (:func:`kojudge.cards.weights_of`). A pooled
    state s [D] is standardised to x = (s − ``centre``) / ``scale``, both float32 [D], scale
    > 0. ``facts`` tell where the head comes from and how good it is; they decide nothing.
    ``evidence``: it reads what a program counted in a text together with the request.
    """

    name: str
    base: Mapping[str, Json]
    layer: int
    pooling: Pooling
    centre: Floats
    scale: Floats
    lines: tuple[Line, ...]
    domain: Domain
    facts: Mapping[str, Json] = field(default_factory=dict)
    evidence: bool = False

    @property
    def width(self) -> int:
        """D: numbers in a state."""
        return int(self.centre.shape[0])

    def line(self, criterion: str, mode: Mode) -> Line | None:
        """Return the line of a criterion in a mode; None where the head has none."""
        return next((o for o in self.lines if (o.criterion, o.mode) == (criterion, mode)), None)


def read_head(folder: Path) -> Head:
    """Read the head of ``folder``.

    Raises:
        UnavailableError: a file is missing, cut short, not the one that belongs to the other,
            or its numbers make no head; safetensors is not installed.
    """
    document = _document(folder)
    try:
        data = (folder / HEAD_TENSORS).read_bytes()
    except OSError as error:
        raise _broken(folder / HEAD_TENSORS, *_unreadable(error)) from error
    if hashlib.sha256(data).hexdigest() != document.safetensors_sha256:
        raise _broken(
            folder / HEAD_TENSORS,
            f"{HEAD_JSON}에 적힌 SHA-256과 다릅니다(덜 복사되었거나 바뀐 파일).",
            f"its SHA-256 is not the one in {HEAD_JSON}: cut short, or another file.",
        )
    try:
        head = _assembled(document, load_tensors(data))
        check(head)
    except ValueError as error:
        raise _broken(folder, f"수치가 헤드를 이루지 못합니다({error}).",
                      f"its numbers make no head: {error}.") from error  # fmt: skip
    return head


def write_head(folder: Path, head: Head) -> None:
    """Write ``head`` to ``folder``, made where it is not there; what was there goes.

    Raises:
        ConfigError: its numbers make no head.
        UnavailableError: safetensors is not installed.
    """
    try:
        check(head)
    except ValueError as error:
        raise ConfigError(
            said(f"헤드 '{head.name}'을(를) 저장하지 않았습니다. 수치가 어긋납니다: {error}",
                 f"The head '{head.name}' was not written: {error}."),
            said("학습 자료에 빈 글이나 한 점수만 있지 않은지 확인하세요.",
                 "See whether the training data hold empty texts, or one score alone."),
        ) from error  # fmt: skip
    data = dump_tensors(_tensors(head))
    content = _told(head, hashlib.sha256(data).hexdigest()).model_dump(mode="json")
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    folder.mkdir(parents=True, exist_ok=True)
    for name, piece in ((HEAD_TENSORS, data), (HEAD_JSON, f"{text}\n".encode())):
        part = folder / f"{name}.part"
        part.write_bytes(piece)
        part.replace(folder / name)


def check(head: Head) -> None:
    """Refuse numbers that make no head.

    Raises:
        ValueError: says which.
    """
    width = head.width
    if head.layer < 1:
        raise ValueError(f"layer is {head.layer}, layers count from 1")
    _held("centre", head.centre, (width,))
    _held("scale", head.scale, (width,), least=_TINY)
    domain = head.domain
    _held("domain.components", domain.components, (len(domain.spread), width))
    _held("domain.centre", domain.centre, (width,))
    _held("domain.spread", domain.spread, (len(domain.spread),), least=_TINY)
    if not (0 < domain.rest < np.inf and 0 < domain.limit < np.inf):
        raise ValueError("domain.rest and domain.limit must be positive numbers")
    places = [(line.criterion, line.mode) for line in head.lines]
    if not places or len(set(places)) < len(places):
        raise ValueError("a head needs lines, at most one for a criterion and mode")
    for line in head.lines:
        _check_line(line, width)


def _check_line(line: Line, width: int) -> None:
    name = f"{line.criterion}.{line.mode}"
    _held(f"{name}.weights", line.weights, (width,))
    if not np.all(np.isfinite([line.bias, line.slope])):
        raise ValueError(f"{name}: bias and slope must be numbers")
    if line.mode == "pointwise":
        if len(line.labels) < 2 or len(set(line.labels)) < len(line.labels):
            raise ValueError(f"{name}: needs two different levels at least")
        _held(f"{name}.cuts", line.cuts, (len(line.labels) - 1,))
        if np.any(np.diff(line.cuts) < 0):
            raise ValueError(f"{name}: cuts must not fall")
        return
    _held(f"{name}.cuts", line.cuts, (1,), least=0.0)
    if line.labels not in (("A", "B"), ("A", "B", "C")) or line.bias != 0:
        raise ValueError(f"{name}: a pair is answered by A, B and C or A and B, without a bias")
    if line.labels == ("A", "B") and line.cuts[0] != 0:
        raise ValueError(f"{name}: without ties the cut is 0")


def _held(name: str, values: NDArray[Any], shape: tuple[int, ...], least: float = -np.inf) -> None:
    if values.shape != shape:
        raise ValueError(f"{name} has shape {values.shape}, not {shape}")
    if not np.all(np.isfinite(values)) or np.any(values < least):
        raise ValueError(f"{name} holds numbers that it may not")


def _document(folder: Path) -> HeadDocument:
    path = folder / HEAD_JSON
    try:
        return HeadDocument.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _broken(path, *_unreadable(error)) from error
    except (ValidationError, UnicodeDecodeError) as error:
        why = _first(error) if isinstance(error, ValidationError) else str(error)
        raise _broken(path, f"내용이 헤드의 설명이 아닙니다({why}).",
                      f"it does not describe a head: {why}.") from error  # fmt: skip


def _assembled(document: HeadDocument, tensors: Tensors) -> Head:
    names = {"centre", "scale", *(f"domain.{part}" for part in ("components", "centre", "spread"))}
    names |= {
        f"line{at}.{part}" for at in range(len(document.lines)) for part in ("weights", "cuts")
    }
    if names != set(tensors):
        raise ValueError(f"{HEAD_TENSORS} holds {sorted(tensors)}, not {sorted(names)}")
    lines = [
        Line(**told.model_dump(), weights=tensors[f"line{at}.weights"].astype(np.float32),
             cuts=tensors[f"line{at}.cuts"].astype(np.float64))
        for at, told in enumerate(document.lines)
    ]  # fmt: skip
    single = {name: values.astype(np.float32) for name, values in tensors.items()}
    domain = Domain(
        single["domain.components"], single["domain.centre"], single["domain.spread"],
        **document.domain.model_dump(),
    )  # fmt: skip
    return Head(
        document.name, document.base, document.layer, document.pooling, single["centre"],
        single["scale"], tuple(lines), domain, document.facts, document.evidence,
    )  # fmt: skip


def _tensors(head: Head) -> Tensors:
    domain = head.domain
    tensors: Tensors = {
        "centre": head.centre.astype(np.float32),
        "scale": head.scale.astype(np.float32),
        "domain.components": domain.components.astype(np.float32),
        "domain.centre": domain.centre.astype(np.float32),
        "domain.spread": domain.spread.astype(np.float32),
    }
    for at, line in enumerate(head.lines):
        tensors[f"line{at}.weights"] = line.weights.astype(np.float32)
        tensors[f"line{at}.cuts"] = line.cuts.astype(np.float64)
    return tensors


def _told(head: Head, sha256: str) -> HeadDocument:
    lines = [
        LineSection(
            criterion=line.criterion,
            mode=line.mode,
            labels=line.labels,
            bias=float(line.bias),
            slope=float(line.slope),
        )
        for line in head.lines
    ]
    domain = DomainSection(rest=float(head.domain.rest), limit=float(head.domain.limit))
    return HeadDocument.model_validate({
        "name": head.name,
        "base": dict(head.base),
        "layer": head.layer,
        "pooling": head.pooling,
        "lines": lines,
        "domain": domain,
        "safetensors_sha256": sha256,
        "evidence": head.evidence,
        "facts": dict(head.facts),
    })  # fmt: skip


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    place = ".".join(str(part) for part in found["loc"])
    return f"{place}: {found['msg']}" if place else found["msg"]


def _unreadable(error: OSError) -> tuple[str, str]:
    if isinstance(error, FileNotFoundError):
        return "파일이 없습니다.", "there is no such file."
    return f"읽을 수 없습니다({error.strerror}).", f"it cannot be read: {error.strerror}."


def _broken(path: Path, ko: str, en: str) -> UnavailableError:
    return UnavailableError(
        said(f"헤드 {path}: {ko}", f"Head {path}: {en}"),
        said(f"{HEAD_JSON}과 {HEAD_TENSORS}를 원래 있던 곳에서 함께 다시 복사하거나, "
             "`kojudge judge train`으로 다시 학습하세요.",
             f"Copy {HEAD_JSON} and {HEAD_TENSORS} again, both together, or train it anew with "
             "`kojudge judge train`."),
    )  # fmt: skip
