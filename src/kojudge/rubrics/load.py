"""Read ``rubrics/NAME.md.j2``: YAML front matter between ``---`` lines, then a Jinja body."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import yaml
from jinja2 import Environment, TemplateSyntaxError, meta, nodes
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from kojudge.errors import ConfigError, InputError, did_you_mean, said
from kojudge.records import Mode, identity
from kojudge.workspace.explain import explain, rule

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

SUFFIX = ".md.j2"
EVIDENCE = frozenset({"evidence", "evidence_a", "evidence_b"})
"""Variables that show the Korean evidence of the judged text."""


@dataclass(frozen=True, slots=True)
class Level:
    """One legal answer and what it means."""

    label: str
    description: str


@dataclass(frozen=True, slots=True)
class Example:
    """A judged text shown to the judge beforehand: ``text``, or ``text_a`` beside ``text_b``.

    ``source`` is the audit source it was taken from, which must be one of the training split;
    ``answer`` one of the rubric's labels.
    """

    answer: str
    text: str = ""
    text_a: str = ""
    text_b: str = ""
    request: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Rubric:
    """One criterion in one mode and language.

    ``rubric_id`` covers the front matter, the body and every partial the body includes.
    Pairwise levels are A (the first text), B (the second) and, optionally, C (alike).
    Where there are ``questions`` the judge answers each with yes or no instead of a level,
    and yes is good. ``uses_evidence``: the template shows the Korean evidence.
    """

    name: str
    criterion: str
    name_ko: str
    name_en: str
    version: int
    mode: Mode
    language: Literal["ko", "en"]
    levels: tuple[Level, ...]
    answer_prefix: str
    body: str
    path: Path
    rubric_id: str
    questions: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    uses_evidence: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """The legal answers, in order."""
        return tuple(level.label for level in self.levels)

    @property
    def scale(self) -> tuple[float, float]:
        """Lowest and highest score: the numeric levels, or 0–1 for a pair."""
        if self.mode == "pairwise":
            return (0.0, 1.0)
        values = [float(label) for label in self.labels]
        return (min(values), max(values))


class _Example(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answer: str
    text: str = ""
    text_a: str = ""
    text_b: str = ""
    request: str = ""
    source: str = ""


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid")

    criterion: str = Field(min_length=1)
    name_ko: str
    name_en: str
    version: int
    mode: Mode
    language: Literal["ko", "en"] = "ko"
    scale: dict[int | str, str] = Field(min_length=2)
    answer_prefix: str = ""
    questions: list[str] = []
    examples: list[_Example] = []

    @field_validator("questions")
    @classmethod
    def _questions_fit_the_mode(cls, questions: list[str], info: ValidationInfo) -> list[str]:
        if questions and info.data.get("mode") == "pairwise":
            raise rule(
                "questions는 pointwise 루브릭에만 쓸 수 있습니다.",
                "questions are for pointwise rubrics only.",
            )
        if any(not question.strip() for question in questions):
            raise rule("빈 질문이 있습니다.", "a question is empty.")
        if len(set(questions)) < len(questions):
            raise rule("같은 질문이 두 번 있습니다.", "a question stands there twice.")
        return questions

    @field_validator("examples")
    @classmethod
    def _examples_fit_the_mode(
        cls, examples: list[_Example], info: ValidationInfo
    ) -> list[_Example]:
        labels = [str(label) for label in info.data.get("scale", {})]
        pairwise = info.data.get("mode") == "pairwise"
        for number, example in enumerate(examples, start=1):
            shown = (example.text_a and example.text_b) if pairwise else example.text
            beside = example.text if pairwise else (example.text_a or example.text_b)
            if not shown or beside:
                needed = "text_a, text_b" if pairwise else "text"
                raise rule(
                    f"{number}번째 예시에는 {needed}만 있어야 합니다.",
                    f"example {number} needs {needed} and no other text.",
                )
            if labels and example.answer not in labels:
                raise rule(
                    f"{number}번째 예시의 answer {example.answer!r}이(가) 단계에 없습니다.",
                    f"the answer {example.answer!r} of example {number} is no level.",
                )
        return examples

    @field_validator("scale")
    @classmethod
    def _levels_fit_the_mode(
        cls, scale: dict[int | str, str], info: ValidationInfo
    ) -> dict[int | str, str]:
        labels, mode = list(scale), info.data.get("mode")
        empty = [str(label) for label, text in scale.items() if not text.strip()]
        if empty:
            listed = ", ".join(empty)
            raise rule(f"단계 {listed}에 설명이 없습니다.", f"level {listed} has no description.")
        if mode == "pairwise" and labels not in (["A", "B"], ["A", "B", "C"]):
            raise rule(
                "pairwise 루브릭의 단계는 A, B와, 필요하면 C(비슷함)여야 합니다.",
                "the levels of a pairwise rubric must be A, B and optionally C (alike).",
            )
        if mode == "pointwise":
            numbers = [label for label in labels if isinstance(label, int)]
            if len(numbers) < len(labels) or numbers != list(range(numbers[0], numbers[-1] + 1)):
                raise rule(
                    "pointwise 루브릭의 단계는 하나씩 커지는 정수여야 합니다.",
                    "the levels of a pointwise rubric must be whole numbers, each one more.",
                )
        return scale


def rubric_names(folder: Path) -> list[str]:
    """Return the names of the rubrics in ``folder``; partials start with ``_``."""
    files = (p.name.removesuffix(SUFFIX) for p in folder.glob(f"*{SUFFIX}"))
    return sorted(name for name in files if not name.startswith("_"))


def load_rubric(folder: Path, name: str) -> Rubric:
    """Read one rubric.

    Raises:
        ConfigError: there is no such rubric.
        InputError: its front matter or its template is wrong; names file, line and field.
    """
    path = folder / f"{name}{SUFFIX}"
    if not path.is_file():
        raise ConfigError(
            said(f"루브릭 '{name}'이(가) {folder}에 없습니다.", f"No rubric '{name}' in {folder}."),
            did_you_mean(name, rubric_names(folder)),
        )
    source = _read(path)
    front, body, first_line = _split(path, source)
    head = _front_matter(path, front)
    partials = _partials(folder, path, body, first_line)
    variables = _variables([body, *partials.values()])
    _check_questions(path, head, variables)
    return Rubric(
        name=name,
        criterion=head.criterion,
        name_ko=head.name_ko,
        name_en=head.name_en,
        version=head.version,
        mode=head.mode,
        language=head.language,
        levels=tuple(Level(str(label), text.strip()) for label, text in head.scale.items()),
        answer_prefix=head.answer_prefix,
        body=body,
        path=path,
        rubric_id=identity(["rubric", source, partials]),
        questions=tuple(question.strip() for question in head.questions),
        examples=tuple(Example(**example.model_dump()) for example in head.examples),
        uses_evidence=bool(variables & EVIDENCE),
    )


def _variables(sources: Iterable[str]) -> set[str]:
    environment = Environment(autoescape=False)  # noqa: S701 - parses only, renders nothing
    return {
        node.name
        for source in sources
        for node in environment.parse(source).find_all(nodes.Name)
        if node.ctx == "load"
    }


def _check_questions(path: Path, head: _FrontMatter, variables: set[str]) -> None:
    if not head.questions or "question" in variables:
        return
    raise InputError(
        said(f"{path}: 머리말에 questions가 있는데 본문에 {{{{ question }}}} 자리가 없습니다.",
             f"{path}: the front matter has questions, but the body never shows {{{{ question }}}}."),
        said("본문 끝에 {{ question }}을 넣거나 questions를 빼세요. rubrics/README.md를 보세요.",
             "Put {{ question }} at the end of the body, or drop questions; see rubrics/README.md."),
    )  # fmt: skip


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(
            said(f"{path}: UTF-8로 된 파일이 아닙니다.", f"{path}: is not UTF-8."),
            said("UTF-8로 다시 저장하세요.", "Save it again as UTF-8."),
        ) from error


def _split(path: Path, source: str) -> tuple[str, str, int]:
    """Return front matter, body, and the line of the file on which the body starts."""
    lines = source.split("\n")
    if lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
        raise InputError(
            said(f"{path}:1: 머리말이 없습니다.", f"{path}:1: no front matter."),
            said("파일은 '---' 줄 사이의 YAML로 시작해야 합니다. rubrics/README.md를 보세요.",
                 "The file must start with YAML between '---' lines; see rubrics/README.md."),
        )  # fmt: skip
    end = next(i for i, line in enumerate(lines[1:], start=1) if line.strip() == "---")
    return "\n".join(lines[1:end]), "\n".join(lines[end + 1 :]), end + 2


def _front_matter(path: Path, front: str) -> _FrontMatter:
    try:
        return _FrontMatter.model_validate(yaml.safe_load(front))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(
            said(f"{path}:{line}: YAML 문법이 틀렸습니다: {problem}",
                 f"{path}:{line}: broken YAML: {problem}"),
            said("머리말의 들여쓰기와 따옴표를 확인하세요.",
                 "Check the front matter's indentation and quotes."),
        ) from None  # fmt: skip
    except ValidationError as error:
        raise _wrong_front_matter(path, front, error.errors()[0]) from None


def _wrong_front_matter(path: Path, front: str, problem: ErrorDetails) -> InputError:
    keys = [str(part) for part in problem["loc"]]
    starts = (f"{keys[0]}:", f'"{keys[0]}":') if keys else ("---",)
    lines = front.split("\n")
    line = next((n for n, text in enumerate(lines, start=2) if text.startswith(starts)), 1)
    where, why = f"{path}:{line}", explain(problem)
    name = f" {'.'.join(keys)}:" if keys else ""
    hint = said(
        "rubrics/README.md의 형식을 보고 고치세요.", "See rubrics/README.md for the format."
    )
    if problem["type"] == "extra_forbidden":
        hint = did_you_mean(keys[-1], _FrontMatter.model_fields)
    return InputError(
        said(f"{where}: 머리말:{name} {why.ko}", f"{where}: front matter:{name} {why.en}"), hint
    )


def _partials(folder: Path, path: Path, body: str, first_line: int) -> dict[str, str]:
    """Return the source of every template the body includes, however deep."""
    environment = Environment(autoescape=False)  # noqa: S701 - parses only, renders nothing
    found: dict[str, str] = {}
    queue = [(path, body, first_line)]
    while queue:
        place, source, offset = queue.pop()
        try:
            tree = environment.parse(source)
        except TemplateSyntaxError as error:
            line = error.lineno + offset - 1
            raise InputError(
                said(f"{place}:{line}: 템플릿 문법 오류: {error.message}",
                     f"{place}:{line}: template syntax: {error.message}"),
                said("Jinja 태그의 짝을 확인하세요.", "Check that Jinja tags are closed."),
            ) from None  # fmt: skip
        for name in meta.find_referenced_templates(tree):
            if name is None or name in found:
                continue
            partial = folder / name
            if not partial.is_file():
                above = source[: source.index(name)].count("\n") if name in source else 0
                line = offset + above
                raise InputError(
                    said(f"{place}:{line}: 불러오는 템플릿 '{name}'이(가) {folder}에 없습니다.",
                         f"{place}:{line}: included template '{name}' is not in {folder}."),
                    did_you_mean(name, (p.name for p in folder.glob(f"_*{SUFFIX}"))),
                )  # fmt: skip
            found[name] = _read(partial)
            queue.append((partial, found[name], 1))
    return found
