"""The language of ``--gate``: claims about verdicts, joined by ``and``, ``or``, ``not``, brackets.

    expression := term ("or" term)*
    term       := factor ("and" factor)*
    factor     := "not" factor | "(" expression ")" | claim
    claim      := MODEL "." CRITERION "." WORD ["[" MODE "]"] ["@" JUDGE]

A claim is read from the right, for model names hold dots: ``qwen2.5-0.5b.naturalness.better``.
Names with other characters stand in quotes: ``"my model".naturalness.better``. ``*`` as MODEL
is every candidate. Nothing here is ever evaluated as Python.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.visible import visible

__all__ = ["MODES", "WORDS", "And", "Claim", "Expression", "Not", "Or", "parse"]

WORDS = (
    "better", "similar", "not_worse", "worse", "undecided", "refused",
    "similar_or_better", "withheld", "certified", "audited",
)  # fmt: skip
MODES = ("pointwise", "pairwise")
LONGEST = 4000
"""Characters of an expression."""
DEEPEST = 50
"""Levels of brackets and ``not``."""


@dataclass(frozen=True, slots=True)
class Claim:
    """``WORD`` is true of ``MODEL`` on ``CRITERION``.

    ``model`` is None for every candidate; ``mode`` and ``judge`` are None where left open.
    """

    model: str | None
    criterion: str
    word: str
    mode: str | None = None
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """The part is not true."""

    part: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All parts are true."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part is true."""

    parts: tuple[Expression, ...]


Expression = Claim | Not | And | Or


def parse(source: str) -> Expression:
    """Return what ``source`` says.

    Raises:
        ConfigError: it is empty, too long, nested too deep or not in the language; the
            message names the place.
    """
    if len(source) > LONGEST:
        raise ConfigError(
            said(f"--gate 식이 너무 깁니다: {len(source):,}자(한도 {LONGEST:,}자).",
                 f"--gate is too long: {len(source):,} characters, at most {LONGEST:,}."),
            said("`*`로 줄이거나 식을 나눠 여러 번 실행하세요.",
                 "Shorten it with `*`, or run several gates."),
        )  # fmt: skip
    reader = _Reader(source, _tokens(source))
    found = reader.expression(0)
    if reader.kind != "end":
        raise reader.wrong("여기서 식이 끝나야 합니다", "the expression should end here")
    return found


@dataclass(frozen=True, slots=True)
class _Token:
    """``kind``: name, a sign of ``()[]@``, or end. ``parts``: the name, split at bare dots.

    ``quoted``: quotes stand anywhere in it; ``head_quoted``: in its first part.
    """

    kind: str
    at: int
    parts: tuple[str, ...] = ()
    quoted: bool = False
    head_quoted: bool = False

    @property
    def text(self) -> str:
        return ".".join(self.parts)

    @property
    def keyword(self) -> str:
        """The name as a keyword, empty where it is none."""
        word = self.text.lower()
        return word if word in ("and", "or", "not") and not self.quoted else ""


_PIECE = re.compile(
    r"""(?P<space>\s+)|(?P<sign>[()\[\]@])|(?P<dot>\.)
    |"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^'\\]|\\.)*)'|(?P<bare>[^\s()\[\]@"'.]+)""",
    re.VERBOSE | re.DOTALL,
)


def _tokens(source: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(source):
        piece = _PIECE.match(source, at)
        if piece is None:
            raise _wrong(source, at, "따옴표가 닫히지 않았습니다", "the quote is never closed")
        if piece["sign"]:
            tokens.append(_Token(piece["sign"], at))
        elif not piece["space"]:
            token, at = _name(source, at)
            tokens.append(token)
            continue
        at = piece.end()
    return [*tokens, _Token("end", len(source))]


def _name(source: str, start: int) -> tuple[_Token, int]:
    """Read pieces that touch as one name; dots outside quotes part it."""
    parts, at, was_quoted, head_quoted = [""], start, False, False
    while (piece := _PIECE.match(source, at)) and not (piece["space"] or piece["sign"]):
        if piece["dot"]:
            parts.append("")
        elif piece["bare"] is not None:
            parts[-1] += piece["bare"]
        else:
            inside = piece["double"] if piece["double"] is not None else piece["single"]
            parts[-1] += re.sub(r"\\(.)", r"\1", inside, flags=re.DOTALL)
            was_quoted, head_quoted = True, head_quoted or len(parts) == 1
        at = piece.end()
    return _Token("name", start, tuple(parts), was_quoted, head_quoted), at


class _Reader:
    """Recursive descent over the tokens."""

    def __init__(self, source: str, tokens: list[_Token]) -> None:
        self.source = source
        self.tokens = tokens
        self.place = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.place]

    @property
    def kind(self) -> str:
        return self.token.kind

    def wrong(self, ko: str, en: str) -> ConfigError:
        return _wrong(self.source, self.token.at, ko, en)

    def take(self, kind: str, ko: str, en: str) -> _Token:
        if self.kind != kind:
            raise self.wrong(ko, en)
        token = self.token
        self.place += 1
        return token

    def keyword(self, word: str) -> bool:
        if self.token.keyword != word:
            return False
        self.place += 1
        return True

    def expression(self, depth: int) -> Expression:
        parts = [self.term(depth)]
        while self.keyword("or"):
            parts.append(self.term(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def term(self, depth: int) -> Expression:
        parts = [self.factor(depth)]
        while self.keyword("and"):
            parts.append(self.factor(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def factor(self, depth: int) -> Expression:
        if depth > DEEPEST:
            raise self.wrong(f"괄호와 not은 {DEEPEST}겹까지만 쓸 수 있습니다",
                             f"brackets and `not` nest at most {DEEPEST} deep")  # fmt: skip
        if self.keyword("not"):
            return Not(self.factor(depth + 1))
        if self.kind == "(":
            self.place += 1
            inner = self.expression(depth + 1)
            self.take(")", "닫는 괄호 `)`가 필요합니다", "a closing `)` is missing")
            return inner
        if self.kind != "name" or self.token.keyword:
            raise self.wrong("모델.항목.말 꼴의 조건이 필요합니다",
                             "a claim MODEL.CRITERION.WORD is missing")  # fmt: skip
        return self.claim()

    def claim(self) -> Claim:
        token = self.token
        *model, criterion, word = ("", "", *token.parts)[-max(3, len(token.parts)) :]
        name = ".".join(model)
        if not (name and criterion and word):
            raise self.wrong("조건은 모델.항목.말 꼴이어야 합니다",
                             "a claim is MODEL.CRITERION.WORD")  # fmt: skip
        if word not in WORDS:
            raise _unknown("말", "word", word, WORDS)
        self.place += 1
        every = name == "*" and not token.head_quoted
        return Claim(None if every else name, criterion, word, self.mode(), self.judge())

    def mode(self) -> str | None:
        if self.kind != "[":
            return None
        self.place += 1
        name = self.take("name", "`[` 뒤에는 방식이 와야 합니다", "a mode must follow `[`").text
        if name not in MODES:
            raise _unknown("방식", "mode", name, MODES)
        self.take("]", "닫는 괄호 `]`가 필요합니다", "a closing `]` is missing")
        return name

    def judge(self) -> str | None:
        if self.kind != "@":
            return None
        self.place += 1
        return self.take("name", "`@` 뒤에는 심사 모델 이름이 와야 합니다",
                         "a judge's name must follow `@`").text  # fmt: skip


def _unknown(ko: str, en: str, name: str, known: tuple[str, ...]) -> ConfigError:
    shown = visible(name)
    return ConfigError(
        said(f"--gate: '{shown}'은(는) 쓸 수 없는 {ko}입니다.", f"--gate: unknown {en} '{shown}'."),
        did_you_mean(name, known),
    )


def _wrong(source: str, at: int, ko: str, en: str) -> ConfigError:
    before, after = visible(source[max(0, at - 30) : at]), visible(source[at : at + 30])
    here = f"{before}⟪여기⟫{after}", f"{before}⟪here⟫{after}"
    return ConfigError(
        said(f"--gate 식을 읽을 수 없습니다. {at + 1}번째 글자에서 {ko}: {here[0]}",
             f"--gate cannot be read: at character {at + 1}, {en}: {here[1]}"),
        said("예: 'my-model.naturalness.similar_or_better and not my-model.friendliness.worse'. "
             "이름에 빈칸이나 괄호가 있으면 따옴표로 묶으세요.",
             "Example: 'my-model.naturalness.similar_or_better and not my-model.friendliness.worse'. "
             "Quote names with spaces or brackets."),
    )  # fmt: skip
