"""What ``kojudge plan`` shows of power: a table, and what to make of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kojudge.cli.planning import (
    CLAIM_PROMPTS,
    FEW_PROMPTS,
    Design,
    Pace,
    PowerRow,
    seconds_of,
)
from kojudge.errors import Language, Said, said
from kojudge.report.numbers import count, duration, number, plain

if TYPE_CHECKING:
    from rich.table import Table

_ASSUMED = {
    "wins-low": said("승률, 표준편차 0.39", "wins, SD 0.39"),
    "wins-high": said("승률, 표준편차 0.41", "wins, SD 0.41"),
    "scores-mid": said("점수, 중간 모델", "scores, mid-size models"),
    "scores-strong": said("점수, 강한 모델", "scores, strong models"),
}
_SOURCE = {
    "pairwise": said(
        "우열을 가리기 어려운 실제 한국어 글 쌍의 승률은 프롬프트마다 표준편차가 0.39~0.41",
        "win scores of near-even pairs of real Korean texts have an SD of 0.39–0.41 per prompt",
    ),
    "pointwise": said(
        "실제 한국어 글의 0~10점 점수 차이는 프롬프트 간 분산이 3.2(강한 모델 0.5), 프롬프트 안 "
        "분산이 13.2(강한 모델 2.9). 이 척도에 맞게 줄임",
        "differences of real Korean writing scores on 0–10 have variance 3.2 between and 13.2 "
        "within prompts (strong models 0.5 and 2.9), rescaled to this scale",
    ),
}


def power_table(design: Design, rows: Sequence[PowerRow], language: Language) -> Table:
    """Return a table of at most 100 columns: one row a comparison or assumption."""
    from rich.table import Table
    from rich.text import Text

    judges = {row.spread.judge for row in rows}
    title = said("몇 개의 프롬프트로 어떤 차이를 찾나", "What so many prompts can find")
    table = Table(title=title.in_(language), title_justify="left")
    for heading in (
        said("비교", "comparison"),
        said("표준편차", "SD"),
        said("찾는 차이", "detectable"),
        said(f"{plain(design.difference)}에 필요", f"for {plain(design.difference)}"),
        said("판정", "judgments"),
        said("시간", "time"),
        said("반복 심사", "repeats"),
    ):
        table.add_column(heading.in_(language), overflow="fold")
    for row in rows:
        cells = (
            _name(row, judges=len(judges)).in_(language),
            number(row.sd),
            f"±{number(row.detectable)}",
            _prompts(row.required).in_(language),
            count(row.judgments),
            duration(row.seconds).in_(language),
            _repeats(row).in_(language),
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _name(row: PowerRow, *, judges: int) -> Said:
    spread = row.spread
    if spread.criterion is None:
        of = _ASSUMED[spread.candidate]
        return said(f"가정: {of.ko}", f"assumed: {of.en}")
    parts = [spread.candidate, spread.criterion, *([spread.judge or ""] if judges > 1 else [])]
    return said(" · ".join(parts), " · ".join(parts))


def _prompts(required: int | None) -> Said:
    if required is None:
        return said("천만 개 넘음", "over ten million")
    return said(f"{required:,}개", f"{required:,}")


def _repeats(row: PowerRow) -> Said:
    if row.repeats_help is None:
        return said("—", "—")
    if not row.repeats_help:
        return said("필요 없음", "no need")
    if row.repeats is None:
        return said("많을수록 좋음", "the more the better")
    return said(f"{row.repeats:.0f}번", f"{row.repeats:.0f}")


def explanations(
    design: Design, rows: Sequence[PowerRow], pace: Pace, pilot: str | None
) -> Iterator[Said]:
    """Yield what stands below the table, a line each."""
    hardest = max(rows, key=lambda row: row.detectable)
    noun = "text" if design.samples == 1 else "texts"
    yield said(
        f"비교 {design.family}건을 한 묶음으로 보고(오류율 {100 * design.alpha:g}%) 프롬프트 "
        f"{design.prompts}개 × 글 {design.samples}편을 심사하면, 참 차이가 ±{number(hardest.detectable)} "
        f"이상일 때 {100 * design.power:g}% 확률로 찾아냅니다.",
        f"A family of {design.family} (error rate {100 * design.alpha:g}%) on {design.prompts} prompts "
        f"× {design.samples} {noun} finds a true difference of ±{number(hardest.detectable)} or more "
        f"with {100 * design.power:g}% probability.",
    )
    yield from _source(design, rows, pilot)
    yield _time(design, pace)
    yield from _advice(design, hardest)


def _source(design: Design, rows: Sequence[PowerRow], pilot: str | None) -> Iterator[Said]:
    if pilot is None:
        of = _SOURCE[design.mode]
        yield said(
            f"⚠ 가정한 분산입니다: {of.ko}. 예비 실행이 있으면 `kojudge plan --run DIR`로 실제 값을 쓰세요.",
            f"⚠ Assumed variances: {of.en}. With a pilot run, `kojudge plan --run DIR` uses your own.",
        )
        return
    prompts = min(row.spread.prompts or 0 for row in rows)
    yield said(
        f"분산은 예비 실행 {pilot}에서 쟀습니다(비교마다 프롬프트 {prompts}개 이상).",
        f"Variances measured in the pilot {pilot} (at least {prompts} prompts a comparison).",
    )
    if prompts < FEW_PROMPTS:
        yield said(
            f"⚠ 프롬프트가 {FEW_PROMPTS}개보다 적은 예비 실행의 분산은 어림값입니다.",
            f"⚠ A pilot of fewer than {FEW_PROMPTS} prompts knows the variances only roughly.",
        )


def _time(design: Design, pace: Pace) -> Said:
    seconds = seconds_of(design, design.prompts, pace)
    if seconds is None:
        return said(
            "시간은 재지 못했습니다: `--calibrate`로 재거나, 글과 판정에 걸린 시간이 적힌 예비 실행을 "
            "주세요.",
            "Time is not measured: measure it with `--calibrate`, or name a pilot run that timed "
            "its texts and judgments.",
        )
    took = duration(seconds)
    of = (
        said("재어 본 평균", "means of the calibration")
        if pace.calibrated
        else said("예비 실행의 중앙값", "medians of the pilot")
    )
    return said(
        f"계획대로면 글과 판정에 약 {took.ko} 걸립니다({of.ko}: 글 {pace.text:.3g}초, 판정 "
        f"{pace.judgment:.3g}초).",
        f"The plan takes about {took.en} ({of.en}: {pace.text:.3g} s a text, "
        f"{pace.judgment:.3g} s a judgment).",
    )


def _advice(design: Design, hardest: PowerRow) -> Iterator[Said]:
    if hardest.twice_samples is not None:
        yield said(
            f"글을 두 배로 쓰면 ±{number(hardest.twice_samples)}, 프롬프트를 두 배로 늘리면 "
            f"±{number(hardest.twice_prompts)}까지 찾습니다.",
            f"Twice the texts a prompt would find ±{number(hardest.twice_samples)}, twice the prompts "
            f"±{number(hardest.twice_prompts)}.",
        )
    if hardest.detectable <= design.margin:
        return
    if design.prompts < CLAIM_PROMPTS:
        yield said(
            f"⚠ 찾아낼 수 있는 차이가 동등 범위 ±{plain(design.margin)}보다 큽니다. 주장 하나에 프롬프트가 "
            f"적어도 {CLAIM_PROMPTS}개(분류 셋에 35개씩)는 있어야 합니다.",
            f"⚠ That is wider than the margin ±{plain(design.margin)}: a claim needs at least "
            f"{CLAIM_PROMPTS} prompts (3 categories × 35).",
        )
    else:
        yield said(
            f"⚠ 찾아낼 수 있는 차이가 동등 범위 ±{plain(design.margin)}보다 큽니다. 프롬프트를 늘리거나, "
            "심사하기 전에 동등 범위를 다시 정하세요.",
            f"⚠ That is wider than the margin ±{plain(design.margin)}: add prompts, or choose another "
            "margin before anything is judged.",
        )
