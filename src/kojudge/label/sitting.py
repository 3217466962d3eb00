"""One rater at work: what is asked next, what was answered, what is taken back."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from kojudge.label.files import Line, RaterFiles
from kojudge.label.plan import Question, preference_of
from kojudge.records import Json, Label
from kojudge.store.entries import label_key

__all__ = ["Done", "Progress", "Sitting"]

_Key = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Done:
    """A question that is settled.

    ``strength`` is the candidate's advantage (−2 to 2), None for a skip or a label from
    elsewhere, which has only its ``preference``. ``at`` is when it was given on the page (UTC),
    empty for a label from elsewhere.
    """

    preference: float | None
    strength: int | None
    at: str
    skip: Line | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Questions ``settled`` of ``total``, ``skipped`` ones among them."""

    settled: int
    total: int
    skipped: int


class Sitting:
    """The questions of one rater and the answers on disk.

    Not safe for threads by itself: whoever shares it holds ``lock``. Where a method raises
    StoreError nothing was saved, and the sitting stands as before.
    """

    def __init__(self, files: RaterFiles, questions: Sequence[Question]) -> None:
        self.lock = threading.Lock()
        self.files = files
        self.questions = tuple(questions)
        self._secret = secrets.token_bytes(16)
        self._by_id = {self.id_of(question): question for question in self.questions}
        self._labels = files.labels()
        self._done = self._settled_on_disk()

    def id_of(self, question: Question) -> str:
        """Return an id that tells nothing of the question, and lives as long as the process."""
        content = "\0".join(map(str, _key(question))).encode()
        return hashlib.blake2b(content, key=self._secret, digest_size=12).hexdigest()

    def find(self, question_id: str) -> Question | None:
        """Return the question of an id, or None."""
        return self._by_id.get(question_id)

    def done(self, question: Question) -> Done | None:
        """Return how ``question`` was settled, or None."""
        return self._done.get(_key(question))

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions that count: no repeat of what was skipped the first time."""
        return tuple(q for q in self.questions if not (q.repeat and self._skipped_before(q)))

    @property
    def current(self) -> Question | None:
        """The first open question, or None at the end."""
        return next((q for q in self.asked if _key(q) not in self._done), None)

    @property
    def last(self) -> Question | None:
        """The question last settled on the page: the one that can be taken back."""
        given = [q for q in self.asked if (done := self.done(q)) is not None and done.at]
        return max(given, key=lambda q: self._done[_key(q)].at, default=None)

    @property
    def progress(self) -> Progress:
        """How far the sitting has come."""
        settled = [self._done[_key(q)] for q in self.asked if _key(q) in self._done]
        skipped = sum(done.skip is not None for done in settled)
        return Progress(len(settled), len(self.asked), skipped)

    def answer(self, question: Question, choice: int) -> None:
        """Save ``choice`` (1–5, from the left); it is on disk when this returns."""
        strength, at = question.strength(choice), self._now()
        label = self._label(question, strength, at)
        self.files.add_label(label)
        self._labels[label_key(label)] = label
        self._done[_key(question)] = Done(preference_of(strength), strength, at)

    def skip(self, question: Question, reason: str, note: str) -> None:
        """Save that ``question`` was left without an opinion, and why."""
        at = self._now()
        line: dict[str, Json] = {
            **_about(question),
            "rater": self.files.rater,
            "skipped": reason,
            "repeat": question.repeat,
            "order": question.order,
            "at": at,
        }
        if note:
            line["note"] = note
        self.files.add_skip(line)
        self._done[_key(question)] = Done(None, None, at, line)

    def undo(self, question: Question) -> Done:
        """Take back what was said of ``question``, the last one settled; it is open again."""
        done = self._done[_key(question)]
        if done.skip is not None:
            self.files.drop_skip(done.skip)
        else:
            self.files.drop_label(label_key(_blank(question, self.files.rater)))
            self._labels = self.files.labels()
        del self._done[_key(question)]
        return done

    def repeated(self) -> list[tuple[str, int, int]]:
        """Return criterion, first and second strength of each repeat; no skip among them."""
        found = []
        for question in self.asked:
            first = self._done.get((question.pair.key, question.criterion, False))
            again = self.done(question) if question.repeat else None
            if first and again and first.strength is not None and again.strength is not None:
                found.append((question.criterion, first.strength, again.strength))
        return found

    def _label(self, question: Question, strength: int, at: str) -> Label:
        """Return the label to append; a repeat is laid beside the opinion it repeats."""
        if question.repeat:
            first = self._labels[label_key(_blank(question, self.files.rater))]
            again = {"repeat_strength": strength, "repeat_order": question.order, "repeat_at": at}
            return replace(first, extra={**first.extra, **again})
        blank = _blank(question, self.files.rater)
        extra: dict[str, Json] = {"strength": strength, "order": question.order, "at": at}
        if question.pair.named:
            extra["named"] = True
        return replace(
            blank,
            preference=preference_of(strength),
            extra={**blank.extra, **_texts(question), **extra},
        )

    def _settled_on_disk(self) -> dict[_Key, Done]:
        skips = {_skip_key(line): line for line in self.files.skips()}
        found = {}
        for question in self.questions:
            skip = skips.get(_skip_key({**_about(question), "repeat": question.repeat}))
            done = self._labelled(question)
            if done is None and skip is not None:
                done = Done(None, None, str(skip.get("at", "")), skip)
            if done is not None:
                found[_key(question)] = done
        return found

    def _labelled(self, question: Question) -> Done | None:
        """Return the stored answer, unless it was about texts that have been replaced."""
        label = self._labels.get(label_key(_blank(question, self.files.rater)))
        if label is None or any(label.extra.get(k, v) != v for k, v in _texts(question).items()):
            return None
        prefix = "repeat_" if question.repeat else ""
        strength, at = label.extra.get(f"{prefix}strength"), label.extra.get(f"{prefix}at", "")
        if isinstance(strength, int):
            return Done(preference_of(strength), strength, str(at))
        return None if question.repeat else Done(label.preference, None, "")

    def _skipped_before(self, repeat: Question) -> bool:
        """Say whether a repeat has nothing to repeat: its original gave no strength."""
        first = self._done.get((repeat.pair.key, repeat.criterion, False))
        return first is not None and first.strength is None

    def _now(self) -> str:
        """Return the time, later than any so far, however the clock is set."""
        now = datetime.now(UTC)
        latest = max((done.at for done in self._done.values()), default="")
        if latest:
            now = max(now, datetime.fromisoformat(latest) + timedelta(microseconds=1))
        return now.isoformat(timespec="microseconds")


def _key(question: Question) -> _Key:
    return (question.pair.key, question.criterion, question.repeat)


def _blank(question: Question, rater: str) -> Label:
    """Return the label of a question before there is an opinion in it."""
    text = question.pair.text
    return Label(
        prompt_id=text.prompt_id,
        candidate=text.candidate,
        sample=text.sample,
        criterion=question.criterion,
        rater=rater,
        preference=0.5,
        baseline=question.pair.baseline.candidate,
        category=text.category,
        extra={"turn": text.turn} if text.turn != 1 else {},
    )


def _texts(question: Question) -> dict[str, Json]:
    pair = question.pair
    return {"text_id": pair.text.text_id, "baseline_text_id": pair.baseline.text_id}


def _about(question: Question) -> dict[str, Json]:
    text = question.pair.text
    return {
        "prompt_id": text.prompt_id,
        "candidate": text.candidate,
        "sample": text.sample,
        "turn": text.turn,
        "criterion": question.criterion,
        "baseline": question.pair.baseline.candidate,
        **_texts(question),
    }


def _skip_key(line: Line) -> tuple[Json, ...]:
    named = ("prompt_id", "candidate", "sample", "turn", "criterion", "baseline", "repeat")
    return tuple(line.get(name) for name in (*named, "text_id", "baseline_text_id"))
