"""Named arrays as the bytes of a safetensors file: a format that holds numbers alone."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from numpy.typing import NDArray

from kojudge.errors import UnavailableError, said

__all__ = ["Tensors", "dump_tensors", "load_tensors"]

Tensors = dict[str, NDArray[Any]]


def dump_tensors(tensors: Tensors) -> bytes:
    """Return the file; the same arrays give the same bytes.

    Raises:
        UnavailableError: safetensors is not installed.
    """
    import numpy as np

    whole = {name: np.ascontiguousarray(values) for name, values in tensors.items()}
    data: bytes = _library().save(whole)
    return data


def load_tensors(data: bytes) -> Tensors:
    """Return the arrays of a file.

    Raises:
        ValueError: the bytes are no safetensors file.
        UnavailableError: safetensors is not installed.
    """
    library = _library()
    from safetensors import SafetensorError

    try:
        tensors: Tensors = library.load(data)
    except (SafetensorError, KeyError) as error:
        raise ValueError(f"no safetensors file: {error}") from error
    return tensors


def _library() -> ModuleType:
    try:
        import safetensors.numpy
    except ImportError as error:
        raise UnavailableError(
            said(f"head 엔진에 필요한 패키지가 없습니다: {error.name}",
                 f"The head engine needs a package that is missing: {error.name}."),
            said('`pip install "kojudge[local]"`로 설치하세요.',
                 'Install it: pip install "kojudge[local]"'),
        ) from error  # fmt: skip
    return safetensors.numpy  # type: ignore[no-any-return]
