"""Hold a run's verdicts against a ``--gate`` expression.

A claim is true, false, or open: where the verdict is withheld or refused, nothing is claimed
of the model, neither that it is better nor (under ``not``) that it is not worse. Open claims
follow Kleene's rules, and a gate holds only where the whole is true. ``withheld``,
``refused``, ``certified`` and ``audited`` speak of the judgment itself and are never open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kojudge.errors import ConfigError, Said, did_you_mean, said
from kojudge.report.chosen import Comparison, judge_grade, judges_of, overall_rows
from kojudge.report.gate_grammar import And, Claim, Expression, Not, parse
from kojudge.report.numbers import interval, signed
from kojudge.report.wording import GRADES, REASONS, VERDICTS, look_up
from kojudge.visible import visible

__all__ = ["Finding", "Outcome", "evaluate", "parse"]

Truth = bool | None
"""True, False, or None for what is open."""
_BARE = re.compile(r"""[^\s()\[\]@"'.]+""")
"""What an expression may hold without quotes."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one claim about one candidate, and why."""

    claim: Claim
    truth: Truth
    why: Said

    @property
    def message(self) -> Said:
        """The claim's truth in a line."""
        mark = {True: said("✓ 참", "✓ true"), False: said("✗ 거짓", "✗ false"),
                None: said("? 알 수 없음", "? open")}[self.truth]  # fmt: skip
        text = visible(claim_text(self.claim))
        return said(f"{mark.ko}  {text}: {self.why.ko}", f"{mark.en}  {text}: {self.why.en}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the gate holds, and a finding for each claim in the order written."""

    holds: bool
    reasons: tuple[Finding, ...]


def evaluate(expression: Expression, results: Mapping[str, Any]) -> Outcome:
    """Return whether ``expression`` holds for ``results`` (results.json).

    Raises:
        ConfigError: it names a model, criterion, judge or mode that the results do not have,
            or leaves open which of several judges is meant.
    """
    findings: list[Finding] = []
    truth = _truth(expression, results, findings)
    return Outcome(truth is True, tuple(findings))


def claim_text(claim: Claim) -> str:
    """Return ``claim`` as it is written in an expression, names in quotes where they need them."""
    model = "*" if claim.model is None else _quoted(claim.model, dots=True)
    mode = f"[{claim.mode}]" if claim.mode else ""
    judge = f"@{_quoted(claim.judge, dots=True)}" if claim.judge else ""
    return f"{model}.{_quoted(claim.criterion)}.{claim.word}{mode}{judge}"


def _quoted(name: str, *, dots: bool = False) -> str:
    """Return ``name``, in quotes unless it can stand bare; ``dots``: dots do not part it."""
    if name != "*" and _BARE.fullmatch(name.replace(".", "") if dots else name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _truth(node: Expression, results: Mapping[str, Any], findings: list[Finding]) -> Truth:
    if isinstance(node, Claim):
        own = _findings(node, results)
        findings += own
        return _all([finding.truth for finding in own])
    if isinstance(node, Not):
        return _negate(_truth(node.part, results, findings))
    truths = [_truth(part, results, findings) for part in node.parts]
    if isinstance(node, And):
        return _all(truths)
    return _negate(_all([_negate(truth) for truth in truths]))


def _all(truths: Sequence[Truth]) -> Truth:
    if False in truths:
        return False
    return None if None in truths else True


def _negate(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _findings(claim: Claim, results: Mapping[str, Any]) -> list[Finding]:
    rows = overall_rows(results)
    candidates = [row["candidate"] for row in results["leaderboard"] if not row["baseline"]]
    names = list(dict.fromkeys([*candidates, *(row["candidate"] for row in rows)]))
    if claim.model is not None and claim.model not in names:
        raise _no_model(claim.model, names, results["baseline"])
    claim = _completed(claim, rows, results["primary_mode"])
    wanted = names if claim.model is None else [claim.model]
    return [_finding(replace(claim, model=name), rows, results) for name in wanted]


def _completed(claim: Claim, rows: Sequence[Comparison], primary_mode: str) -> Claim:
    """Return ``claim`` with its mode and judge, or say what is not there."""
    criteria = {row["criterion"] for row in rows}
    if claim.criterion not in criteria:
        raise _unknown("평가 항목", "criterion", claim.criterion, criteria)
    mode = claim.mode or primary_mode
    judges = judges_of(rows, claim.criterion, mode)
    if not judges:
        raise _not_judged(claim.criterion, mode)
    if claim.judge is None and len(judges) > 1:
        raise _several(claim, judges)
    everyone = {r["judge"] for r in rows if (r["criterion"], r["mode"]) == (claim.criterion, mode)}
    if claim.judge is not None and claim.judge not in everyone:
        raise _unknown("심사 모델", "judge", claim.judge, everyone)
    return replace(claim, mode=mode, judge=claim.judge or judges[0])


def _finding(claim: Claim, rows: Sequence[Comparison], results: Mapping[str, Any]) -> Finding:
    place = (claim.model, claim.criterion, claim.mode, claim.judge)
    for row in rows:
        if (row["candidate"], row["criterion"], row["mode"], row["judge"]) == place:
            grade = judge_grade(results, row)
            return Finding(claim, _holds(claim.word, row, grade), _why(claim.word, row, grade))
    return Finding(claim, None, said("비교한 것이 없음", "nothing was compared"))


def _holds(word: str, row: Comparison, grade: str) -> Truth:
    if word == "certified":
        return grade == "certified"
    if word == "audited":
        return grade in ("certified", "provisional")
    if word == "withheld":
        return bool(row["withheld"])
    if word == "refused":
        return bool(row["verdict"] == "refused")
    if row["withheld"] or row["verdict"] == "refused":
        return None
    if word == "similar_or_better":
        return bool(row["similar_or_better"])
    return bool(row["verdict"] == word.replace("_", " "))


def _why(word: str, row: Comparison, grade: str) -> Said:
    if word in ("certified", "audited"):
        return said(f"심사 모델 {GRADES[grade].ko}", f"the judge is {GRADES[grade].en}")
    verdict = VERDICTS[row["verdict"]]
    if row["withheld"]:
        verdict = said(f"판정 보류(구간만 보면 {verdict.ko})",
                       f"withheld (the interval alone: {verdict.en})")  # fmt: skip
    figures = f"{signed(row['delta'])} {interval(row['ci_low'], row['ci_high'])}"
    reasons = [look_up(REASONS, reason) for reason in _telling(row)]
    ko = "; ".join(["", *(reason.ko for reason in reasons)])
    en = "; ".join(["", *(reason.en for reason in reasons)])
    if word == "not_worse" and row["verdict"] in ("better", "similar") and not row["withheld"]:
        ko += "; 이보다 나은 판정까지 아우르려면 similar_or_better"
        en += "; similar_or_better takes in the verdicts above it"
    return said(f"{verdict.ko}, 차이 {figures}{ko}", f"{verdict.en}, difference {figures}{en}")


def _telling(row: Comparison) -> list[str]:
    """Return the reasons worth a line: why there is no verdict."""
    if not row["withheld"] and row["verdict"] != "refused":
        return []
    marks = {"judge_certified", "judge_provisional", "judge_unaudited"}
    return [reason for reason in row["reasons"] if reason not in marks]


def _unknown(ko: str, en: str, name: str, known: set[str]) -> ConfigError:
    shown = visible(name)
    return ConfigError(
        said(f"--gate: 결과에 없는 {ko}: '{shown}'.", f"--gate: no {en} '{shown}' in the results."),
        did_you_mean(shown, map(visible, known)),
    )


def _no_model(name: str, known: Sequence[str], baseline: str) -> ConfigError:
    if name != baseline:
        return _unknown("후보 모델", "candidate", name, set(known))
    return ConfigError(
        said(f"--gate: '{visible(name)}'은(는) 기준 모델이라 비교 결과가 없습니다.",
             f"--gate: '{visible(name)}' is the baseline; it has no verdict of its own."),
        did_you_mean("", map(visible, known)),
    )  # fmt: skip


def _not_judged(criterion: str, mode: str) -> ConfigError:
    other = "pointwise" if mode == "pairwise" else "pairwise"
    return ConfigError(
        said(f"--gate: '{visible(criterion)}' 항목은 {mode} 방식으로 비교하지 않았습니다.",
             f"--gate: '{visible(criterion)}' was not compared {mode}."),
        said(f"`[{other}]`를 붙이거나 `kojudge score --mode {mode}`를 먼저 실행하세요.",
             f"Append `[{other}]`, or run `kojudge score --mode {mode}` first."),
    )  # fmt: skip


def _several(claim: Claim, judges: Sequence[str]) -> ConfigError:
    listed = ", ".join(visible(judge) for judge in judges)
    text = visible(claim_text(replace(claim, judge=judges[0])))
    return ConfigError(
        said(f"--gate: 심사 모델이 여럿입니다: {listed}.", f"--gate: several judges: {listed}."),
        said(f"어느 쪽인지 적으세요: {text}", f"Say which is meant: {text}"),
    )  # fmt: skip
