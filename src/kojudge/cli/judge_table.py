"""What the terminal shows of a head: its validation, its learning curve, its calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kojudge.cli.session import Session
from kojudge.engines.head.file import Head
from kojudge.errors import Language, Said, said
from kojudge.report.numbers import MISSING
from kojudge.report.wording import MODES

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["curve_line", "tell_training", "validation_table", "words_of"]

_MEASURES: Mapping[str, Said] = {
    "r": said("상관(r)", "r"),
    "rho": said("순위 상관(ρ)", "ρ"),
    "kappa": said("가중 κ(제곱)", "κ (quadratic)"),
    "auc": said("위아래 1/3 가려냄(AUC)", "AUC, top against bottom third"),
    "models": said("글쓴이 평균의 ρ", "ρ of the writers' means"),
}
_SLICES: Mapping[str, Said] = {
    "all": said("모두", "all"),
    "equal_length": said("길이가 비슷한 글끼리", "among texts of equal length"),
    "korean": said("온전히 한국어인 글", "Korean throughout"),
    "korean_equal_length": said("한국어이고 길이가 비슷한 글끼리", "Korean and of equal length"),
}
_HEADINGS = (
    said("재는 것", "measure"),
    said("글", "texts"),
    said("편수", "n"),
    said("헤드", "head"),
    said("겉모습만", "trivial features"),
    said("헤드가 더하는 것", "what the head adds"),
)


def tell_training(session: Session, head: Head) -> None:
    """Show all that validation found, and what it cannot say."""
    facts = head.facts
    for line in facts["validation"]:  # type: ignore[union-attr]
        session.console().print(validation_table(line, session.language))  # type: ignore[arg-type]
        for words in words_of(line, facts):  # type: ignore[arg-type]
            session.say(words)


def validation_table(line: Mapping[str, Any], language: Language) -> Table:
    """Return one line's agreement with its teacher: head, trivial features, and the difference."""
    from rich.table import Table
    from rich.text import Text

    mode = MODES[line["mode"]].in_(language)
    title = said(
        f"{line['criterion']} · {mode}: 배우지 않은 프롬프트와 글쓴이의 글에서 선생과 맞는 정도",
        f"{line['criterion']} · {mode}: agreement with the teacher on prompts and writers left out",
    )
    table = Table(title=title.in_(language), title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading.in_(language), no_wrap=True)
    for row in line["agreement"]["rows"]:
        table.add_row(*(Text(cell) for cell in _cells(row, language)))
    return table


def words_of(line: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Said]:
    """Return what to say below the table."""
    beyond, reliability = line["agreement"]["beyond"], line["reliability"]
    return [
        said(f"  겉모습(길이, 한글 비율, 마크다운, 반복)을 고정하고 본 상관: {figure(beyond)}",
             f"  r with length, Hangul share, markdown and repetition held fixed: {figure(beyond)}"),
        said(f"  라벨 수에 따른 r(괄호 안은 겉모습만): {curve_line(line['curve'])}",
             f"  r by number of labels (trivial features alone): {curve_line(line['curve'])}"),
        said(f"  확률의 어긋남(ECE): {reliability['ece']:.3f} — 예측 → 실제: {_bins(reliability['bins'])}",
             f"  calibration error (ECE): {reliability['ece']:.3f} — predicted → observed: "
             f"{_bins(reliability['bins'])}"),
        *_limits(line, facts),
    ]  # fmt: skip


def curve_line(curve: Sequence[Mapping[str, Any]]) -> str:
    """Write a learning curve: ``50: .41 (.30) · 100: .52 (.33)``."""
    points = (f"{one['labels']}: {_short(one['r'])} ({_short(one['trivial_r'])})" for one in curve)
    return " · ".join(points)


def figure(value: Mapping[str, Any] | None) -> str:
    """Write a figure with its interval: ``0.62 [0.55, 0.68]``."""
    if value is None or value["value"] is None:
        return MISSING
    if value["low"] is None:
        return f"{value['value']:.2f}"
    return f"{value['value']:.2f} [{value['low']:.2f}, {value['high']:.2f}]"


def _cells(row: Mapping[str, Any], language: Language) -> tuple[str, ...]:
    gain = row["gain"]
    sign = "+" if (gain["value"] or 0.0) > 0 else ""
    return (
        _MEASURES[row["measure"]].in_(language),
        _SLICES[row["slice"]].in_(language),
        str(row["n"]),
        figure(row["head"]),
        figure(row["trivial"]),
        sign + figure(gain),
    )


def _limits(line: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Said]:
    """Return what the figures cannot say."""
    told = []
    if not facts["writers_left_out"]:
        told.append(said(
            "  글쓴이가 셋이 못 되어 글쓴이를 빼고 검증하지 못했습니다. 어느 모델의 글인지 알아보는 것만으로도 "
            "이 수치가 나올 수 있습니다.",
            "  Too few writers to leave any out: knowing whose text it is may be all these figures show."))  # fmt: skip
    if line["made"]:
        told.append(said("  쌍의 판정은 점수에서 만든 것입니다. 선생이 두 글을 견주어 본 것은 아닙니다.",
                         "  The pairs were made of scores: the teacher never compared two texts."))  # fmt: skip
    row = next(r for r in line["agreement"]["rows"] if (r["measure"], r["slice"]) == ("r", "all"))
    if not _above_zero(row["head"]):  # trivial features may do worse still, and by that be beaten
        told.append(said(
            "  ✗ 헤드가 선생과 맞는다고 할 수 없습니다.",
            "  ✗ The head is not shown to agree with its teacher."))  # fmt: skip
    if not _above_zero(row["gain"]):
        told.append(said(
            "  ✗ 헤드가 겉모습만 보는 것보다 낫다고 할 수 없습니다.",
            "  ✗ The head is not shown to do better than trivial features alone."))  # fmt: skip
    return told


def _above_zero(value: Mapping[str, Any]) -> bool:
    """Tell whether a figure's interval lies above 0."""
    return value["low"] is not None and value["low"] > 0


def _bins(bins: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{one['predicted']:.2f}→{one['observed']:.2f}" for one in bins)


def _short(value: Mapping[str, Any]) -> str:
    return MISSING if value["value"] is None else f"{value['value']:.2f}"
