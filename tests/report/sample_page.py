"""A made-up report and a strict reader of its HTML, for the tests of the page."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from kojudge.errors import Language, said
from kojudge.report.page import Item, ItemText, Page, render_page
from kojudge.store.schema import EVIDENCE_NUMBERS

TEMPLATES = Path(__file__).resolve().parents[2] / "reports"
BASE = "gemma-2-2b-it"
HOSTILE = (
    '</script><img src=x onerror="alert(1)"><a style=x>\u202e뒤집힘\u200b\u3164\x00\ud800&amp;'
)
SHOWN = (
    '</script><img src=x onerror="alert(1)"><a style=x>'
    "⟦U+202E⟧뒤집힘⟦U+200B⟧⟦U+3164⟧⟦U+0000⟧⟦U+D800⟧&amp;"
)
LANGUAGES: tuple[Language, ...] = ("ko", "en")


def comparison(**given: Any) -> dict[str, Any]:
    plain = {
        "candidate": "warm", "criterion": "naturalness", "mode": "pairwise", "judge": "judge-a",
        "slice": "overall", "n_prompts": 1300, "n_samples": 2600, "delta": 0.1512, "se": 0.0312,
        "ci_low": 0.0871, "ci_high": 0.2153, "ci_kind": "simultaneous", "p_value": 0.00012,
        "p_adjusted": 0.0421, "primary": True, "effect_size": 0.4233, "margin": 0.1,
        "verdict": "better", "similar_or_better": True, "withheld": False,
        "reasons": ["judge_unaudited"], "p_stepdown": 0.0311, "p_signflip": 0.0071,
        "effect_low": 0.3011, "effect_high": 0.5477, "verdict_alone": "better", "df": 1297.0,
        "theta": {"value": 0.6137, "ci_low": 0.5711, "ci_high": 0.6533, "p_adjusted": 0.0007},
        "missing": {"judgments": 17, "prompts": 9, "delta_low": 0.1317, "delta_high": 0.1791,
                    "se_low": 0.03, "se_high": 0.03},
    }  # fmt: skip
    return plain | given


def comparisons() -> list[dict[str, Any]]:
    return [
        comparison(),
        comparison(candidate="stiff", delta=-0.2, ci_low=-0.3, ci_high=-0.12, verdict="worse",
                   similar_or_better=False),
        comparison(criterion="friendliness", delta=0.02, ci_low=-0.0031, ci_high=0.05,
                   verdict="similar", withheld=True),
        comparison(candidate="stiff", criterion="friendliness", delta=None, se=None, ci_low=None,
                   ci_high=None, p_value=None, p_adjusted=None, effect_size=None,
                   effect_low=None, effect_high=None, p_stepdown=None, p_signflip=None, theta=None,
                   missing=None,
                   verdict="refused", similar_or_better=False, reasons=["too_few_prompts"]),
        comparison(mode="pointwise", primary=False, delta=0.61, ci_low=0.4, ci_high=0.82,
                   margin=0.25),
        comparison(slice="blog", primary=False, ci_kind="pointwise-exploratory", n_prompts=433,
                   delta=0.17, ci_low=-0.02, ci_high=0.36, verdict="not worse"),
    ]  # fmt: skip


def standing(candidate: str, **given: Any) -> dict[str, Any]:
    plain = {
        "candidate": candidate, "baseline": candidate == BASE,
        "criteria": {"naturalness": {"mean": 3.418, "n": 1301}},
        "pairs": {} if candidate == BASE else {
            "naturalness": {"win_rate": 0.6512, "wins": 801, "ties": 33, "losses": 467,
                            "flips": 211, "n": 1301}},
        "ranks": {"naturalness": {"rank": 2, "worst": 3, "place": 2}},
        "leaderboard_average": None, "texts": 2602, "failed": 7, "empty": 11, "truncated": 13, "mean_chars": 512.4,
    }  # fmt: skip
    return plain | given


def measured(candidate: str, korean: int = 2602) -> dict[str, Any]:
    numbers = {"mean": 0.1234, "ci_low": 0.1011, "ci_high": 0.1457}
    return {
        "candidate": candidate, "texts": 2602,
        "language": {"korean": korean, "mixed": 2602 - korean, "other": 0, "empty": 0},
        "gates": {"loop": 3, "truncated": 13} if candidate != BASE else {},
        "measures": dict.fromkeys(EVIDENCE_NUMBERS, numbers),
    }  # fmt: skip


def judge(name: str = "judge-a", grade: str = "unaudited", **given: Any) -> dict[str, Any]:
    plain = {
        "name": name, "grade": grade, "parameters": 32_763_876_352, "too_small": False,
        "grades": [{"criterion": criterion, "mode": "pairwise", "grade": grade}
                   for criterion in ("naturalness", "friendliness")],
    }  # fmt: skip
    return plain | given


DISTRIBUTIONS = {
    "judge": "judge-a", "step": 1.0, "centres": [1.0, 2.0, 3.0, 4.0, 5.0],
    "scores": [
        {"criterion": "naturalness", "candidate": BASE, "counts": [11, 29, 407, 613, 241],
         "n": 1301, "mean": 3.8032},
        {"criterion": "naturalness", "candidate": "warm", "counts": [3, 17, 211, 619, 443],
         "n": 1293, "mean": 4.1469}],
    "lengths": [
        {"judge": "judge-a", "mode": "pairwise", "criterion": "naturalness", "candidate": "warm",
         "n": 3, "rho": 0.4127, "rho_low": 0.3619, "rho_high": 0.4611, "binned": False,
         "marks": [[-0.5, -0.25, 1], [1.25, 0.5, 1], [0.125, 0.0, 1]]}],
}  # fmt: skip


def results(**given: Any) -> dict[str, Any]:
    plain = {
        "schema": "kojudge.results/1", "baseline": BASE, "scale": [1.0, 5.0], "alpha": 0.05,
        "primary_mode": "pairwise", "margins": {"pointwise": 0.25, "pairwise": 0.1},
        "comparisons": comparisons(),
        "judges": [judge()],
        "controls": [], "panel": None, "self_preference": [],
        "missing": [{"candidate": "warm", "criterion": "naturalness", "mode": "pairwise",
                     "judge": "judge-a", "unscored": 17, "total": 2604}],
        "leaderboard": [standing(BASE), standing("warm", mean_chars=1024.8), standing("stiff")],
        "stale": {"texts": 19, "judgments": 1440}, "absent": {"stiff": 23},
        "family": {"size": 4, "method": "bootstrap max-|T|", "text_ko": "다시 뽑아 구간을 냈습니다.",
                   "text_en": "Intervals were bootstrapped."},
        "good_on_all": [
            {"candidate": "warm", "judge": "judge-a", "mode": "pairwise",
             "criteria": ["friendliness", "naturalness"], "holds": True, "withheld": False}],
        "reliability": [
            {"judge": "judge-a", "criterion": "naturalness", "mode": "pairwise",
             "measure": "position_consistency", "value": 0.8377, "ci_low": 0.8011,
             "ci_high": 0.8733, "n": 1291, "method": "percentile"}],
        "noise": [{"judge": "judge-a", "criterion": "naturalness", "mode": "pointwise",
                   "half_width": 0.0717, "margin": 0.25, "prompts": 1301}],
        "style_control": [
            {"judge": "judge-a", "criterion": "naturalness", "candidate": "warm", "raw": 0.6512,
             "controlled": 0.6113, "ci_low": 0.5631, "ci_high": 0.6577, "prompts": 1283,
             "reason": None},
            {"judge": "judge-a", "criterion": "naturalness", "candidate": "stiff", "raw": 0.3,
             "controlled": None, "ci_low": None, "ci_high": None, "prompts": 7,
             "reason": "few_prompts"}],
        "labels": None,
        "distributions": DISTRIBUTIONS,
        "public_leaderboard": None,
        "rank_correlations": [],
        "all_pairs": [],
        "evidence": {
            "version": "v1", "unmeasured": 0,
            "models": [measured(BASE), measured("warm", korean=2577)]},
    }  # fmt: skip
    return plain | given


MANIFEST = {
    "schema": "kojudge.manifest/1",
    "run": "night-train",
    "commands": [
        {
            "command": "generate", "argv": ["generate", "--run", "night train"],
            "started": "2026-11-21T09:00:00Z", "finished": None, "seconds": 75.0,
            "versions": {"python": "3.11.2"}, "hardware": {"cpus": 2, "gpu": None},
        }
    ],
    "candidates": {"warm": {"source": {"hub": "org/warm"}, "trust_remote_code": False}},
    "judges": {"judge-a": {}},
    "prompts": {"blog": {"sha256": "b1c2"}},
    "rubrics": {},
}  # fmt: skip


def written(candidate: str, text: str = "빵집에 다녀왔어요.", **given: Any) -> ItemText:
    plain: dict[str, Any] = {
        "candidate": candidate, "text": text, "finish_reason": "stop", "status": "ok",
        "flags": (), "scores": {"naturalness": 3.27},
        "wins": {} if candidate == BASE else {"naturalness": (0.621, 0.413)},
        "hits": ((said("다양한 …", "diverse …"), ("다양한", "다양한")),),
    }  # fmt: skip
    return ItemText(**plain | given)


def item(**given: Any) -> Item:
    plain: dict[str, Any] = {
        "prompt_name": "blog-001", "category": "blog", "sample": 0,
        "request": "빵집 이야기를 써 줘.", "history": (), "texts": (written(BASE), written("warm")),
    }  # fmt: skip
    return Item(**plain | given)


def page(**given: Any) -> Page:
    plain = Page(
        results=results(),
        manifest=MANIFEST,
        items=[item()],
        criteria={
            "naturalness": ("자연스러움", "Naturalness"),
            "friendliness": ("친근함", "Friendliness"),
        },
    )
    return dataclasses.replace(plain, **given)


VOID = {"meta", "link", "br", "img", "input", "hr"}
BLOCKS = {"p", "div", "dt", "dd", "li", "td", "th"}
SVG_LEAVES = {"rect", "line", "circle"}


class Document(HTMLParser):
    """A strict reader: every tag must be closed in turn."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.tables: list[list[list[str]]] = []
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in BLOCKS:
            self.words.append(" ")
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SVG_LEAVES
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"style", "script"} & set(self.open):
            return
        self.words.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        """What a reader sees, white space made even."""
        return " ".join("".join(self.words).split())

    def rows(self) -> list[list[str]]:
        """Every table row on the page, cells with even white space."""
        return [[" ".join(c.split()) for c in row] for table in self.tables for row in table]

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every ``tag``."""
        return [attributes for name, attributes in self.tags if name == tag]


def read(given: Page | None = None, language: Language = "ko") -> Document:
    return Document(render_page(given or page(), TEMPLATES, language))


PEOPLE = {
    "raters": 3, "labels": 242, "prompts": 41,
    "ceiling": [{"criterion": "naturalness", "kind": "score", "raters": 3, "pairs": 117,
                 "exact_agreement": 0.5299, "krippendorff_alpha": 0.6173}],
    "agreement": [{"judge": "judge-a", "mode": "pointwise", "kind": "score",
                   "criterion": "naturalness", "correlation": 0.7113, "ci_low": 0.5177,
                   "ci_high": 0.8311, "n": 41}],
    "powered": [{"judge": "judge-a", "mode": "pointwise", "kind": "score",
                 "criterion": "naturalness", "candidate": "warm", "labelled": 41,
                 "unlabelled": 1259, "delta": 0.4417, "ci_low": 0.2011, "ci_high": 0.6823,
                 "people_delta": 0.5317, "people_ci_low": 0.1733, "people_ci_high": 0.8901,
                 "weight": 0.6, "correlation": 0.7}],
    "calibration": [{"judge": "judge-a", "criterion": "naturalness", "texts": 82, "prompts": 41,
                     "bias": 0.4137, "bias_low": 0.2911, "bias_high": 0.5373,
                     "slope": 0.7219, "slope_low": 0.5511, "slope_high": 0.8917,
                     "intercept": 0.5117, "intercept_low": None, "intercept_high": None,
                     "levels": [{"level": 3.0, "n": 37, "judge": 3.0613, "people": 2.7517}]}],
    "alt_test": [{"judge": "judge-a", "criterion": "naturalness", "kind": "score",
                  "epsilon": 0.15, "winning_rate": 0.6667, "advantage": 0.8, "passed": True,
                  "annotators": 3, "skipped": 0}],
}  # fmt: skip
