"""The language of ``--gate``, and what it makes of a run's verdicts."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.errors import ConfigError
from kojudge.report.gate import Outcome, evaluate, parse
from kojudge.report.gate_grammar import (
    DEEPEST,
    LONGEST,
    WORDS,
    And,
    Claim,
    Expression,
    Not,
    Or,
)

BASE = "gemma-2-2b-it"
VERDICTS = ("better", "similar", "not worse", "worse", "undecided", "refused")


def row(candidate: str, **given: Any) -> dict[str, Any]:
    plain = {
        "candidate": candidate, "criterion": "naturalness", "mode": "pairwise", "judge": "j",
        "slice": "overall", "primary": True, "verdict": "better", "similar_or_better": True,
        "withheld": False, "delta": 0.31, "ci_low": 0.18, "ci_high": 0.44, "reasons": [],
    }  # fmt: skip
    return plain | given


def results(*rows: dict[str, Any], grade: str = "unaudited", **given: Any) -> dict[str, Any]:
    names = dict.fromkeys(r["candidate"] for r in rows)
    judges = {r["judge"]: sorted({(o["criterion"], o["mode"]) for o in rows}) for r in rows}
    plain = {
        "baseline": BASE, "primary_mode": "pairwise", "comparisons": list(rows), "panel": None,
        "leaderboard": [{"candidate": BASE, "baseline": True},
                        *({"candidate": name, "baseline": False} for name in names)],
        "judges": [{"name": name, "grade": grade, "grades": [
            {"criterion": c, "mode": m, "grade": grade} for c, m in places]}
            for name, places in judges.items()],
    }  # fmt: skip
    return plain | given


def gate(source: str, *rows: dict[str, Any], **given: Any) -> Outcome:
    return evaluate(parse(source), results(*rows, **given))


def holds(source: str, *rows: dict[str, Any], **given: Any) -> bool:
    return gate(source, *rows, **given).holds


class TestGrammar:
    @pytest.mark.parametrize(
        ("source", "claim"),
        [
            ("m.naturalness.better", Claim("m", "naturalness", "better")),
            ("qwen2.5-0.5b-instruct.c.worse", Claim("qwen2.5-0.5b-instruct", "c", "worse")),
            ("gemma-2-2b-it.친근함.similar", Claim("gemma-2-2b-it", "친근함", "similar")),
            ("org/m.c.certified[pairwise]", Claim("org/m", "c", "certified", "pairwise")),
            ("m.c.better@judge-1.5b", Claim("m", "c", "better", None, "judge-1.5b")),
            ("m.c.better [ pointwise ] @ j", Claim("m", "c", "better", "pointwise", "j")),
            ("*.c.withheld", Claim(None, "c", "withheld")),
            ("'*'.c.withheld", Claim("*", "c", "withheld")),
            ('"my (model) v1.0".c.better', Claim("my (model) v1.0", "c", "better")),
            (r'"a\"b\\".c.better', Claim('a"b\\', "c", "better")),
            ("'and'.c.better@'or not'", Claim("and", "c", "better", None, "or not")),
            ("and.c.better", Claim("and", "c", "better")),
        ],
    )
    def test_a_claim_is_read_from_the_right(self, source: str, claim: Claim) -> None:
        assert parse(source) == claim

    def test_not_binds_before_and_and_before_or(self) -> None:
        a, b, c = (Claim(name, "c", "better") for name in "abc")
        source = "a.c.better or not b.c.better and c.c.better"
        assert parse(source) == Or((a, And((Not(b), c))))

    def test_brackets_and_capitals(self) -> None:
        a, b, c = (Claim(name, "c", "better") for name in "abc")
        source = "(a.c.better OR b.c.better) AND NOT(c.c.better)"
        assert parse(source) == And((Or((a, b)), Not(c)))

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("", "character 1, a claim MODEL.CRITERION.WORD is missing: ⟪here⟫"),
            ("a.c.better and", "character 15, a claim"),
            ("a.c.better or or b.c.better", "character 15, a claim"),
            ("a.c.better b.c.better", "character 12, the expression should end here"),
            ("(a.c.better", "a closing `)` is missing"),
            ("a.c.better)", "the expression should end here"),
            ("better", "a claim is MODEL.CRITERION.WORD"),
            ("c.better", "a claim is MODEL.CRITERION.WORD"),
            ("a..better", "a claim is MODEL.CRITERION.WORD"),
            ('"a.c.better', "the quote is never closed"),
            ("a.c.bettr", "unknown word 'bettr'"),
            ("a.c.better[triwise]", "unknown mode 'triwise'"),
            ("a.c.better[pairwise", "a closing `]` is missing"),
            ("a.c.better@", "a judge's name must follow"),
            ("__import__('os').system('true').better", "a claim is MODEL.CRITERION.WORD"),
            ("a.c.better if 1 else 0", "the expression should end here"),
            ("a.c.better; b.c.better", "unknown word 'better;'"),
            ("\u202ea.c.\x00", "unknown word '⟦U+0000⟧'"),
        ],
    )
    def test_what_is_not_in_the_language_is_refused_at_its_place(
        self, source: str, message: str
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            parse(source)
        assert message in caught.value.message.en
        assert caught.value.hint is not None
        assert caught.value.exit_code == 2

    def test_a_misspelt_word_is_put_right(self) -> None:
        with pytest.raises(ConfigError, match="similar_or_better"):
            parse("m.c.similar_or_beter")

    def test_nesting_has_a_limit(self) -> None:
        at_most = "(" * DEEPEST + "a.c.better" + ")" * DEEPEST
        assert parse(at_most) == Claim("a", "c", "better")
        for source in (f"({at_most})", "not " * (DEEPEST + 1) + "a.c.better"):
            with pytest.raises(ConfigError, match="nest at most"):
                parse(source)

    def test_length_has_a_limit(self) -> None:
        with pytest.raises(ConfigError, match="too long"):
            parse("(" * (LONGEST + 1))

    @given(st.text(alphabet="abc.*@[]()\"'\\ \t\n\u202eandortbe한", max_size=60))
    def test_any_string_is_read_or_refused(self, source: str) -> None:
        shown = ""
        try:
            parse(source)
        except ConfigError as error:
            shown = error.message.ko + error.message.en
        assert "\u202e" not in shown

    @given(st.text(min_size=1).filter(bool), st.sampled_from(WORDS))
    def test_any_name_can_be_quoted(self, name: str, word: str) -> None:
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        assert parse(f"{quoted}.{quoted}.{word}@{quoted}") == Claim(name, name, word, None, name)


CLAIMS = tuple(f"m{n}.naturalness.better" for n in range(4))


def written(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions in the gate's and Python's common syntax; atoms are ``{0}`` … ``{3}``."""
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            inner.map(lambda part: f"not {part}"),
            inner.map(lambda part: f"({part})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        ),
        max_leaves=12,
    )


EXPRESSIONS = written(st.sampled_from(["{0}", "{1}", "{2}", "{3}"]))


def in_python(template: str, truths: tuple[bool, ...]) -> bool:
    return bool(eval(template.format(*truths), {"__builtins__": {}}))


def in_a_gate(template: str, truths: tuple[bool | None, ...]) -> bool:
    rows = [
        row(f"m{n}", verdict="better" if truth is None or truth else "worse",
            withheld=truth is None)
        for n, truth in enumerate(truths)
    ]  # fmt: skip
    return holds(template.format(*CLAIMS), *rows)


class TestLogic:
    @given(EXPRESSIONS, st.tuples(*[st.booleans()] * 4))
    def test_it_agrees_with_python(self, template: str, truths: tuple[bool, ...]) -> None:
        assert in_a_gate(template, truths) is in_python(template, truths)

    @given(EXPRESSIONS, st.tuples(*[st.sampled_from([True, False, None])] * 4))
    def test_it_passes_only_what_holds_whatever_the_withheld_verdicts_are(
        self, template: str, truths: tuple[bool | None, ...]
    ) -> None:
        possible = product(*[(True, False) if truth is None else (truth,) for truth in truths])
        if in_a_gate(template, truths):
            assert all(in_python(template, filled) for filled in possible)

    def test_an_open_claim_beside_one_that_settles_it_does_no_harm(self) -> None:
        assert in_a_gate("{0} or {1}", (None, True, True, True))
        assert in_a_gate("not ({0} and {1})", (None, False, True, True))

    @given(EXPRESSIONS)
    def test_every_claim_is_told(self, template: str) -> None:
        rows = [row(f"m{n}") for n in range(4)]
        outcome = gate(template.format(*CLAIMS), *rows)
        assert len(outcome.reasons) == template.count("{")


class TestWords:
    @pytest.mark.parametrize("verdict", VERDICTS[:-1])
    @pytest.mark.parametrize("word", VERDICTS[:-1])
    def test_a_verdict_is_that_verdict_only(self, word: str, verdict: str) -> None:
        claim = f"m.naturalness.{word.replace(' ', '_')}"
        assert holds(claim, row("m", verdict=verdict)) is (word == verdict)

    @pytest.mark.parametrize("flag", [True, False])
    def test_similar_or_better_is_the_flag(self, flag: bool) -> None:
        assert holds("m.naturalness.similar_or_better", row("m", similar_or_better=flag)) is flag

    @pytest.mark.parametrize(
        ("grade", "certified", "audited"),
        [
            ("certified", True, True),
            ("provisional", False, True),
            ("unaudited", False, False),
            ("failed", False, False),
        ],
    )
    def test_certified_and_audited_are_the_judges_grade_there(
        self, grade: str, certified: bool, audited: bool
    ) -> None:
        assert holds("m.naturalness.certified", row("m"), grade=grade) is certified
        assert holds("m.naturalness.audited", row("m"), grade=grade) is audited

    @pytest.mark.parametrize("word", ["better", "similar_or_better", "worse"])
    @pytest.mark.parametrize("source", ["m.naturalness.{}", "not m.naturalness.{}"])
    def test_a_withheld_verdict_satisfies_no_claim_about_the_model(
        self, source: str, word: str
    ) -> None:
        withheld = row("m", withheld=True, reasons=["judge_unaudited", "position_inconsistent"])
        outcome = gate(source.format(word), withheld)
        assert not outcome.holds
        (finding,) = outcome.reasons
        assert finding.truth is None
        assert "withheld (the interval alone: better)" in finding.message.en
        assert "more than three in ten choices" in finding.message.en
        assert "not audited" not in finding.message.en
        assert "판정 보류(구간만 보면 더 나음)" in finding.message.ko

    def test_withheld_and_refused_can_be_asked_for(self) -> None:
        assert holds("m.naturalness.withheld", row("m", withheld=True))
        assert holds("not m.naturalness.withheld", row("m"))
        assert holds("m.naturalness.refused", row("m", verdict="refused"))
        assert not holds("not m.naturalness.worse", row("m", verdict="refused"))

    def test_a_better_model_that_fails_not_worse_is_pointed_to_the_right_word(self) -> None:
        (finding,) = gate("m.naturalness.not_worse", row("m")).reasons
        assert finding.truth is False
        assert "similar_or_better" in finding.message.en
        assert "similar_or_better" in finding.message.ko

    def test_a_finding_says_the_figures(self) -> None:
        (finding,) = gate("m.naturalness.better", row("m")).reasons
        assert finding.message.en == (
            "✓ true  m.naturalness.better[pairwise]@j: better, difference +0.31 [+0.18, +0.44]"
        )
        assert finding.message.ko == (
            "✓ 참  m.naturalness.better[pairwise]@j: 더 나음, 차이 +0.31 [+0.18, +0.44]"
        )


class TestEveryCandidate:
    def test_all_must_hold(self) -> None:
        assert holds("*.naturalness.better", row("a"), row("b"))
        outcome = gate("*.naturalness.better", row("a"), row("b", verdict="worse"))
        assert not outcome.holds
        assert [(f.claim.model, f.truth) for f in outcome.reasons] == [("a", True), ("b", False)]

    def test_a_candidate_without_a_comparison_does_not_pass(self) -> None:
        found = results(row("a"))
        found["leaderboard"].append({"candidate": "crashed", "baseline": False})
        outcome = evaluate(parse("*.naturalness.better"), found)
        assert not outcome.holds
        assert outcome.reasons[-1].message.en.endswith("nothing was compared")


class TestWhichComparison:
    def test_the_primary_mode_unless_said(self) -> None:
        rows = [row("m", verdict="worse"), row("m", mode="pointwise", primary=False)]
        assert not holds("m.naturalness.better", *rows)
        assert holds("m.naturalness.better[pointwise]", *rows)

    def test_categories_carry_no_gate(self) -> None:
        rows = [row("m", verdict="worse"), row("m", slice="blog")]
        assert not holds("m.naturalness.better", *rows)

    def test_the_panel_where_there_is_one(self) -> None:
        rows = [row("m", verdict="worse"), row("m", judge="k"), row("m", judge="panel")]
        assert holds("m.naturalness.better", *rows)
        assert not holds("m.naturalness.better@j", *rows)
        assert holds("m.naturalness.better@k", *rows)

    def test_a_panel_is_as_well_checked_as_its_worst_member(self) -> None:
        rows = [row("m", judge="j"), row("m", judge="k"), row("m", judge="panel")]
        found = results(*rows, grade="certified")
        found["panel"] = {"members": [
            {"criterion": "naturalness", "mode": "pairwise", "judges": ["j", "k"]}]}  # fmt: skip
        assert evaluate(parse("m.naturalness.certified"), found).holds
        found["judges"][1]["grades"][0]["grade"] = "provisional"
        assert not evaluate(parse("m.naturalness.certified"), found).holds
        assert evaluate(parse("m.naturalness.audited"), found).holds

    def test_of_several_judges_one_must_be_named(self) -> None:
        rows = [row("m"), row("m", judge="k")]
        with pytest.raises(ConfigError, match="several judges: j, k") as caught:
            gate("m.naturalness.better", *rows)
        assert "m.naturalness.better[pairwise]@j" not in str(caught.value)
        assert "m.naturalness.better@j" in str(caught.value)

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            ("qwen2.5-0.5b-instrct.naturalness.better", "no candidate 'qwen2.5-0.5b-instrct'"),
            ("qwen2.5-0.5b-instrct.naturalness.better", "Did you mean: qwen2.5-0.5b-instruct?"),
            (f"{BASE}.naturalness.better", "is the baseline"),
            ("*.naturalnes.better", "Did you mean: naturalness?"),
            ("*.naturalness.better@jj", "no judge 'jj'"),
            ("*.naturalness.better[pointwise]", "was not compared pointwise"),
        ],
    )
    def test_an_unknown_name_is_a_mistake_not_a_failed_gate(
        self, source: str, message: str
    ) -> None:
        with pytest.raises(ConfigError) as caught:
            gate(source, row("qwen2.5-0.5b-instruct"))
        assert message in str(caught.value)


def test_the_tree_is_made_of_frozen_parts() -> None:
    node: Expression = parse("a.c.better and not b.c.worse")
    assert hash(node) == hash(parse("(a.c.better) and (not b.c.worse)"))
