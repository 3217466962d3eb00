"""What the page may ask of a sitting: where it stands, answer, skip, undo. JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from kojudge.errors import Language, Said, StoreError, said
from kojudge.label.plan import CHOICES, Question
from kojudge.label.sitting import Sitting
from kojudge.label.view import View
from kojudge.label.words import REASONS
from kojudge.records import Json

__all__ = ["Api", "RequestRefusedError", "refusal"]

_LONGEST_NOTE = 500


class RequestRefusedError(Exception):
    """A request that is not carried out: HTTP ``status``, a ``code`` for programs, and why."""

    def __init__(self, status: int, code: str, message: Said, hint: Said | None = None) -> None:
        super().__init__(message.en)
        self.status = status
        self.code = code
        self.message = message
        self.hint = hint


def refusal(refused: RequestRefusedError, language: Language) -> dict[str, Json]:
    """Return a refusal as JSON content; it always says that nothing was saved."""
    hint = refused.hint.in_(language) if refused.hint else ""
    error: dict[str, Json] = {"code": refused.code, "message": refused.message.in_(language)}
    return {"saved": False, "error": {**error, "hint": hint}}


class Api:
    """Answer the page's requests about one sitting; safe to call from several threads.

    ``results`` is asked for once no question is open, and again only after an undo. What goes
    wrong with a file goes to ``trouble``: the page is not told of paths, which may name models.
    """

    def __init__(
        self,
        sitting: Sitting,
        view: View,
        results: Callable[[], list[Json]],
        language: Language,
        trouble: Callable[[StoreError], None],
    ) -> None:
        self._sitting = sitting
        self._view = view
        self._results = results
        self._language = language
        self._trouble = trouble
        self._shown: list[Json] | None = None

    def get(self) -> dict[str, Json]:
        """Return the state: the open question with its texts, or the results at the end."""
        with self._sitting.lock:
            return self._state()

    def post(self, action: str, body: bytes) -> tuple[int, dict[str, Json]]:
        """Carry out ``action`` (answer, skip, undo); return the HTTP status and the content.

        Where it is refused the content says why, and for a question that is no longer open
        also what is.
        """
        with self._sitting.lock:
            try:
                return 200, self._carry_out(action, body)
            except RequestRefusedError as refused:
                content = refusal(refused, self._language)
                if refused.status == 409:
                    content["state"] = self._state()
                return refused.status, content
            except StoreError as error:
                self._trouble(error)
                return 507, refusal(_not_saved(), self._language)

    def _carry_out(self, action: str, body: bytes) -> dict[str, Json]:
        content = _content(body)
        question = self._meant(content)
        if action == "answer":
            self._answer(question, _choice(content))
        elif action == "skip":
            self._skip(question, *_reason(content))
        else:
            return self._undo(question)
        return {"saved": True, **self._state()}

    def _answer(self, question: Question, choice: int) -> None:
        done = self._sitting.done(question)
        if done is not None and done.strength == question.strength(choice):
            return  # the same answer sent twice: the first reply was lost on its way
        self._refuse_closed(question)
        self._sitting.answer(question, choice)

    def _skip(self, question: Question, reason: str, note: str) -> None:
        done = self._sitting.done(question)
        if done is not None and done.skip is not None:
            return
        self._refuse_closed(question)
        self._sitting.skip(question, reason, note)

    def _undo(self, question: Question) -> dict[str, Json]:
        if question is not self._sitting.last:
            raise _moved_on()
        done = self._sitting.undo(question)
        self._shown = None
        chosen = None if done.strength is None else question.choice(done.strength)
        return {"saved": True, **self._state(), "chosen": chosen}

    def _refuse_closed(self, question: Question) -> None:
        """Refuse what another page has settled, or what is not asked yet."""
        if question is not self._sitting.current:
            raise _moved_on()

    def _meant(self, content: Mapping[str, Any]) -> Question:
        question_id = content.get("id")
        question = self._sitting.find(question_id) if isinstance(question_id, str) else None
        if question is None:
            raise RequestRefusedError(404, "unknown_question",
                          said("이 화면에 없는 문항입니다.", "No such question on this page."),
                          said("화면을 새로 고치세요.", "Reload the page."))  # fmt: skip
        return question

    def _state(self) -> dict[str, Json]:
        sitting = self._sitting
        question, last = sitting.current, sitting.last
        if question is None and self._shown is None:
            self._shown = self._ended()
        return {
            "question": self._view.question(question, sitting.id_of(question))
            if question
            else None,
            "progress": self._view.progress(sitting.progress),
            "undo": sitting.id_of(last) if last else None,
            "results": self._shown if question is None else None,
        }

    def _ended(self) -> list[Json]:
        """Return the results. Where they cannot be read, say so: the answers are saved still."""
        try:
            return self._results()
        except StoreError as error:
            self._trouble(error)
            return [_NO_RESULTS.in_(self._language)]


_NO_RESULTS = said(
    "답은 모두 저장했지만 결과를 셈하지 못했습니다. 까닭은 터미널에 있습니다.",
    "Every answer is saved, but the results could not be computed: the terminal says why.",
)


def _not_saved() -> RequestRefusedError:
    return RequestRefusedError(
        507,
        "not_saved",
        said("답을 디스크에 쓰지 못했습니다.", "The answer could not be written to disk."),
        said("남은 공간과 권한을 확인하고 다시 저장하세요. 자세한 까닭은 터미널에 있습니다.",
             "Check free space and permissions, then try again. The terminal says more."),
    )  # fmt: skip


def _moved_on() -> RequestRefusedError:
    return RequestRefusedError(
        409,
        "moved_on",
        said("다른 창에서 이미 답한 문항입니다. 저장된 답은 그대로 두었습니다.",
             "This question was settled in another window. What was saved stands."),
        said("지금 답할 문항을 보여 드립니다.", "The open question is shown now."),
    )  # fmt: skip


def _content(body: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict):
        return content
    raise _bad(said("JSON 객체가 아닙니다.", "The body is not a JSON object."))


def _choice(content: Mapping[str, Any]) -> int:
    choice = content.get("choice")
    if type(choice) is int and choice in CHOICES:
        return choice
    raise _bad(
        said("choice는 1에서 5까지의 정수여야 합니다.", "choice must be an integer, 1 to 5.")
    )


def _reason(content: Mapping[str, Any]) -> tuple[str, str]:
    reason, note = content.get("reason"), content.get("note", "")
    if not isinstance(reason, str) or reason not in REASONS:
        listed = ", ".join(REASONS)
        raise _bad(
            said(f"reason은 {listed} 가운데 하나여야 합니다.", f"reason must be one of {listed}.")
        )
    if not isinstance(note, str) or len(note) > _LONGEST_NOTE:
        raise _bad(said(f"note는 {_LONGEST_NOTE}자까지의 문자열이어야 합니다.",
                        f"note must be a string of at most {_LONGEST_NOTE} characters."))  # fmt: skip
    return reason, note.strip()


def _bad(message: Said) -> RequestRefusedError:
    return RequestRefusedError(400, "bad_request", message)
