"""results.json: everything the report shows, computed once from a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from kojudge.errors import ConfigError, did_you_mean, said
from kojudge.records import Mode
from kojudge.report.absent import missing_scores
from kojudge.report.allpairs import all_pairs
from kojudge.report.cascaded import cascade_results, family_entries
from kojudge.report.compare import Plan
from kojudge.report.controls import control_rows, control_verdicts
from kojudge.report.counted import Counted
from kojudge.report.distributions import distributions
from kojudge.report.domain import Outside, outside_counts, outside_rows, strays
from kojudge.report.elsewhere import rank_correlations
from kojudge.report.evidence import evidence_rows
from kojudge.report.families import PANEL, Family, families
from kojudge.report.gather import (
    MissingCount,
    Pair,
    Score,
    as_scores,
    begun_prompts,
    missing_imported,
    pairs,
    scale_of,
    scores,
)
from kojudge.report.judged import no_judgments
from kojudge.report.judges import failed_places, grade_of, judge_rows, worst
from kojudge.report.kin import Kin, concerns, relatives, self_preference
from kojudge.report.looked import looks_of
from kojudge.report.noise import rerun_noise
from kojudge.report.panel import Excluded, Panel, panel_results, seat
from kojudge.report.people import people
from kojudge.report.reliability import reliability
from kojudge.report.standing import leaderboard
from kojudge.report.style import style_control
from kojudge.report.together import good_on_all
from kojudge.report.withhold import at_the_ceiling, unproven, withhold
from kojudge.store.run import Run

SCHEMA = "kojudge.results/1"


@dataclass(frozen=True, slots=True)
class Compared:
    """The comparisons of a run and what they rest on.

    ``found`` are the complete pairs, ``itself`` those of the baseline with its own rerun;
    ``rows`` and ``win_rows`` the scores behind ``points`` and ``wins``; ``panels`` who sits
    on the panel of either mode; ``kin`` the judges related to a model; ``outside`` counts the
    judgments of texts unlike those their judge learned from; ``cascade`` tells how the strong
    judge's verdicts came about where it read a part only.
    """

    entries: list[dict[str, Any]]
    rows: list[Score]
    win_rows: list[Score]
    found: list[Pair]
    itself: list[Pair]
    points: list[Family]
    wins: list[Family]
    judges: list[dict[str, Any]]
    scale: tuple[float, float]
    scored: set[str]
    panels: tuple[Panel, Panel]
    controls: list[dict[str, Any]]
    kin: set[Kin]
    outside: list[Outside]
    cascade: list[dict[str, Any]]


def compare(run: Run, counted: Counted) -> Compared:
    """Test the families of both modes and withhold what the judges cannot support.

    Raises:
        ConfigError: nothing to compare, an unknown baseline, mixed scales or methods.
    """
    baseline, ids = counted.settings.baseline, counted.wanted_ids
    _refuse_twin_rubrics(counted)
    scale = scale_of(run, ids)
    scored = _scored(run)
    lost_points, lost_pairs = missing_scores(
        counted.wanted, counted.unwritten, scored, baseline, begun_prompts(run, baseline)
    )
    known = pairs(run, ids, baseline)
    rows = scores(run, ids) + lost_points
    win_rows = [row for row in as_scores(known + lost_pairs) if row.candidate != baseline]
    kin = relatives(counted)
    panels = _panels(counted, rows, win_rows, kin)
    points, wins = (
        families(own, panel.mode, baseline, scale, panel.left_out)
        for own, panel in zip((rows, win_rows), panels, strict=True)
    )
    complete = [pair for pair in known if pair.complete]
    itself = [pair for pair in complete if pair.candidate == baseline]
    found = [pair for pair in complete if pair.candidate != baseline]
    _check_baseline(counted, [row.candidate for row in rows if row.score == row.score], found)
    outside = outside_counts(run, ids)
    judges = judge_rows(counted, (*points, *wins))
    controls = [
        row
        for panel in panels
        for row in control_rows(run, counted, rows, panel, _plan(counted, panel.mode), scale)
    ]
    tested, cascade = family_entries(
        (*points, *wins), counted.cascade, lambda mode: looked_plan(counted, mode), scale
    )
    entries = [
        entry | {"reasons": [*_marks(entry, judges, panels, kin, baseline), *entry["reasons"]]}
        for entry in tested
    ]
    entries = withhold(
        entries,
        found,
        counted.judge_cards,
        control_verdicts(controls),
        at_the_ceiling(rows, scale),
        failed_places(counted),
        _members(panels),
        strays(outside, baseline),
    )
    return Compared(
        entries, rows, win_rows, found, itself, points, wins, judges, scale, scored, panels,
        controls, kin, outside, cascade,
    )  # fmt: skip


def build_results(run: Run, counted: Counted) -> dict[str, Any]:
    """Return the content of results.json.

    Raises:
        ConfigError: as :func:`compare`.
    """
    settings, done = counted.settings, compare(run, counted)
    entries, rows, found, scale = done.entries, done.rows, done.found, done.scale
    points, wins, judges = done.points, done.wins, done.judges
    everything = _read_all(counted, done)
    primary, tested = (plan(counted, settings.primary_mode) for plan in (_plan, looked_plan))
    missing = _missing(counted, done.scored) + missing_imported(run)
    return {
        "schema": SCHEMA,
        "baseline": settings.baseline,
        "scale": list(scale),
        "alpha": settings.alpha,
        "resamples": tested.resamples,
        "seed": tested.seed,
        "primary_mode": settings.primary_mode,
        "margins": settings.margins.model_dump(),
        "family": _family(entries, tested.resamples),
        "looks": looks_of(counted.plan, counted.look),
        "cascade": cascade_results(counted.cascade, done.cascade, counted.cascade_judgments),
        "comparisons": entries,
        "good_on_all": good_on_all(
            entries, unproven(entries, counted.judge_cards, control_verdicts(done.controls))
        ),
        "judges": judges,
        "controls": done.controls,
        "panel": _panel(counted, done),
        "self_preference": self_preference(
            counted, done.kin, (*everything.points, *everything.wins), primary
        ),
        "reliability": reliability(rows, found, primary, scale),
        "noise": rerun_noise(
            everything.points, done.itself, _plan(counted, "pointwise"), _plan(counted, "pairwise")
        ),
        "style_control": style_control(everything.found, counted.texts, settings.baseline, primary),
        "labels": people(
            run.labels().labels, (*points, *wins), settings.baseline, primary, rows, scale
        ),
        "evidence": evidence_rows(counted),
        "missing": [asdict(m) for m in missing],
        "out_of_domain": outside_rows(done.outside),
        "leaderboard": leaderboard(
            run, counted, everything.points, everything.wins, everything.found, tested
        ),
        "public_leaderboard": _board(counted),
        "rank_correlations": rank_correlations(counted.elsewhere, entries, settings.baseline),
        "distributions": distributions(
            everything.points, everything.wins, settings.primary_mode, scale, counted.texts
        ),
        "all_pairs": all_pairs(_by_baseline(run, counted), primary),
        "stale": dict(counted.stale),
        "absent": dict(counted.absent),
    }


def _read_all(counted: Counted, done: Compared) -> Compared:
    """Return what the judges found that read every prompt: of a cascade, not the strong one."""
    if counted.cascade is None:
        return done
    strong = counted.cascade.strong
    return replace(
        done,
        points=[family for family in done.points if family.judge != strong],
        wins=[family for family in done.wins if family.judge != strong],
        found=[pair for pair in done.found if pair.judge != strong],
    )


def _board(counted: Counted) -> dict[str, str] | None:
    """Return where the scores of the public leaderboard come from, if any model has some."""
    board = counted.board
    if board is None or not any(counted.elsewhere.values()):
        return None
    return {"name": board.name, "source": board.source, "as_of": board.as_of}


def _plan(counted: Counted, mode: Mode) -> Plan:
    settings = counted.settings
    margin = settings.margins.pointwise if mode == "pointwise" else settings.margins.pairwise
    return Plan(
        margin, settings.alpha, settings.resamples, settings.seed, mode == settings.primary_mode
    )


def looked_plan(counted: Counted, mode: Mode) -> Plan:
    """Return how ``mode`` is tested: at a look, on its level and with its resamples."""
    plan, looks = _plan(counted, mode), counted.plan
    if looks is None:
        return plan
    alpha = looks.nominal[counted.look - 1]
    return replace(plan, alpha=alpha, resamples=looks.resamples, seed=looks.seed)


def _by_baseline(run: Run, counted: Counted) -> dict[str, list[Pair]]:
    """Return the complete pairs by baseline, where imported judgments have several of them."""
    table = run.query(
        "SELECT DISTINCT baseline FROM judgments WHERE mode = 'pairwise' AND origin = 'imported'"
    )
    names = {*table["baseline"].to_pylist(), counted.settings.baseline}
    if len(names) < 2:
        return {}
    return {
        name: [pair for pair in pairs(run, counted.wanted_ids, name) if pair.complete]
        for name in sorted(names)
    }


def _scored(run: Run) -> set[str]:
    table = run.query(
        "SELECT judgment_id FROM judgments WHERE status = 'scored' AND origin = 'judged'"
    )
    return set(table["judgment_id"].to_pylist())


def _refuse_twin_rubrics(counted: Counted) -> None:
    """Two rubrics of one criterion and mode would pass for repeats of one judgment."""
    names: dict[tuple[str, Mode], set[str]] = {}
    for item in counted.wanted:
        names.setdefault((item.rubric.criterion, item.rubric.mode), set()).add(item.rubric.name)
    for (criterion, _), found in names.items():
        if len(found) > 1:
            listed = ", ".join(sorted(found))
            raise ConfigError(
                said(f"'{criterion}' 항목을 루브릭 여러 개로 심사했습니다: {listed}.",
                     f"Several rubrics judge '{criterion}': {listed}."),
                said("섞어서 평균 낼 수 없습니다. 루브릭마다 실행을 나누거나 criterion 이름을 다르게 하세요.",
                     "They cannot be averaged. Keep one run a rubric, or name the criteria apart."),
            )  # fmt: skip


def _check_baseline(counted: Counted, values: Sequence[str], found: Sequence[Pair]) -> None:
    baseline = counted.settings.baseline
    names = {*values} | {t.candidate for t in counted.texts}
    if not values and not found and counted.wanted:
        raise ConfigError(
            said(f"판정 {len(counted.wanted)}건 가운데 점수가 나온 것이 하나도 없습니다.",
                 f"None of {len(counted.wanted)} judgments has a score."),
            said("`kojudge score`가 적은 까닭을 보고 루브릭의 답 형식이나 심사 모델을 바꾸세요.",
                 "See the reasons `kojudge score` gave; change the rubric's answer format or the judge."),
        )  # fmt: skip
    if not values and not found:
        raise no_judgments()
    if not found and baseline not in names:
        raise ConfigError(
            said(f"기준 모델 '{baseline}'의 글이 이 실행에 없습니다.",
                 f"The baseline '{baseline}' has no texts in this run."),
            did_you_mean(baseline, names),
        )  # fmt: skip


def _missing(counted: Counted, scored: set[str]) -> list[MissingCount]:
    totals: Counter[tuple[str, str, Mode, str]] = Counter()
    unscored: Counter[tuple[str, str, Mode, str]] = Counter()
    for item in (*counted.wanted, *counted.underway):
        key = (item.text.candidate, item.rubric.criterion, item.rubric.mode, item.judge.name)
        totals[key] += 1
        unscored[key] += item.judgment_id not in scored
    return [MissingCount(*key, unscored[key], total) for key, total in sorted(totals.items())]


def _panels(
    counted: Counted, rows: Sequence[Score], win_rows: Sequence[Score], kin: set[Kin]
) -> tuple[Panel, Panel]:
    """Return who sits on the pointwise and the pairwise panel."""
    kept_off = kin if counted.settings.exclude_same_family else ()
    cascade = counted.cascade
    apart = () if cascade is None else (cascade.judge, cascade.strong)
    excluded = Excluded(failed_places(counted), kept_off, apart)
    baseline = counted.settings.baseline
    return (
        seat(rows, "pointwise", baseline, excluded),
        seat(win_rows, "pairwise", baseline, excluded),
    )


def _members(panels: Sequence[Panel]) -> dict[tuple[str, str], Sequence[str]]:
    return {(c, panel.mode): own for panel in panels for c, own in panel.seats.items()}


def _marks(
    entry: Mapping[str, Any],
    judges: Sequence[Mapping[str, Any]],
    panels: Sequence[Panel],
    kin: set[Kin],
    baseline: str,
) -> list[str]:
    """Return how far the judge of ``entry`` is checked, and whether it judges its own family.

    A panel is no better checked than its members.
    """
    judge, criterion, mode = entry["judge"], entry["criterion"], entry["mode"]
    own = _members(panels)[criterion, mode] if judge == PANEL else [judge]
    grade = worst([grade_of(judges, (one, criterion, mode)) for one in own])
    related = any(concerns(kin, one, entry["candidate"], baseline) for one in own)
    return [f"judge_{grade}", *(["same_family"] if related else [])]


def _panel(counted: Counted, done: Compared) -> dict[str, Any] | None:
    modes: tuple[Mode, Mode] = ("pointwise", "pairwise")
    return panel_results(
        done.panels,
        {"pointwise": done.rows, "pairwise": done.win_rows},
        done.entries,
        {mode: looked_plan(counted, mode) for mode in modes},
        counted.settings.baseline,
        done.scale,
    )


def _family(entries: Sequence[Mapping[str, Any]], resamples: int) -> dict[str, Any]:
    primary = [e for e in entries if e["primary"]]
    size = max(Counter(e["judge"] for e in primary).values(), default=0)
    return {
        "size": size,
        "method": "stratified studentised cluster bootstrap by prompt, symmetric max-|T|",
        "members": sorted({(e["candidate"], e["criterion"]) for e in primary}),
        "text_ko": f"주 비교 묶음: 후보 모델 × 평가 항목 {size}개(심사 모델마다). 프롬프트를 분류 안에서 "
        f"{resamples:,}번 다시 뽑아 표준화한 차이의 최댓값으로 구간과 p값을 함께 보정했습니다.",
        "text_en": f"Primary family: {size} candidate × criterion comparisons per judge; prompts "
        f"resampled {resamples:,} times within categories, intervals and p-values adjusted "
        "together by the maximum of the studentised differences.",
    }
