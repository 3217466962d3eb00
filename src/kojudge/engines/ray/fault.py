"""An error that a worker met, as it travels back to where it is told."""

from __future__ import annotations

from dataclasses import dataclass

from kojudge import errors
from kojudge.errors import EngineError, KojudgeError, said


@dataclass(frozen=True, slots=True)
class Fault:
    """A kojudge error in plain words: its class, and its message and hint in two languages."""

    kind: str
    ko: str
    en: str
    hint_ko: str = ""
    hint_en: str = ""

    @classmethod
    def of(cls, error: BaseException, model: str) -> Fault:
        """Return the fault of any error; one that is not kojudge's names its class."""
        if not isinstance(error, KojudgeError):
            why = f"{type(error).__name__}: {error}"
            error = EngineError(
                said(f"Ray 작업자에서 모델 '{model}'이(가) 실패했습니다: {why}",
                     f"The model '{model}' failed on a Ray worker: {why}"),
                said("Ray 없이(--engine transformers) 몇 건만 돌려 같은 오류가 나는지 보세요.",
                     "Try a few items without Ray (--engine transformers) to see the same error."),
            )  # fmt: skip
        hint = error.hint or said("", "")
        return cls(type(error).__name__, error.message.ko, error.message.en, hint.ko, hint.en)

    def error(self) -> KojudgeError:
        """Return the error again."""
        kind = getattr(errors, self.kind, EngineError)
        hint = said(self.hint_ko, self.hint_en) if self.hint_en else None
        made: KojudgeError = kind(said(self.ko, self.en), hint)
        return made
