"""What goes wrong below: running out of memory, and the libraries' own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kojudge.errors import EngineError, KojudgeError, said
from kojudge.records import ModelSpec

__all__ = ["foreign_errors", "is_out_of_memory"]


@contextmanager
def foreign_errors(spec: ModelSpec) -> Iterator[None]:
    """Translate what the libraries below raise."""
    try:
        yield
    except KojudgeError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise EngineError(
            said(f"모델 '{spec.name}'을(를) 돌리다가 실패했습니다: {why}",
                 f"The model '{spec.name}' failed while running: {why}"),
            said("카드의 dtype을 float32로 바꿔 보고, `kojudge doctor`로 설치 상태를 확인하세요.",
                 "Try dtype: float32 in its card, and check the installation with kojudge doctor."),
        ) from error  # fmt: skip


def is_out_of_memory(error: BaseException) -> bool:
    """Tell running out of memory from other faults; CPU allocators raise plain RuntimeError."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate" in text
