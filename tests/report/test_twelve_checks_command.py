"""``kojudge report`` as a program: its streams, its exit codes, the same bytes again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from sample_page import comparison, results
from sample_run import AWKWARD, BASE, FORMULA, HIDDEN, Reported, asking

from kojudge.cli.table import LARGE_PAGE, page_line, verdict_table
from kojudge.errors import ConfigError, Language
from kojudge.report.export_comparator import SPAN
from kojudge.report.gate import claim_text, evaluate, parse
from kojudge.report.gate_grammar import WORDS, Claim

LANGUAGES: tuple[Language, ...] = ("ko", "en")


def kojudge(
    arguments: list[str], folder: Path, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "kojudge", *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONHASHSEED": "1", **environment},
    )


def test_stdout_is_one_json_object_and_all_else_goes_to_stderr(
    reported: Reported, tmp_path: Path
) -> None:
    out = tmp_path / "page.html"
    done = kojudge(asking(reported.path, "ko", "--json", "--out", str(out)), tmp_path)
    assert done.returncode == 3
    assert json.loads(done.stdout) == reported.results
    assert done.stdout.startswith(b"{")
    assert done.stdout.endswith(b"}\n")
    assert str(out) in done.stderr.decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_printed_in_this_process_is_results_json(
    reported: Reported, language: Language
) -> None:
    assert json.loads(reported.printed[language]) == reported.results


def test_another_process_another_day_makes_the_same_page(
    reported: Reported, tmp_path: Path
) -> None:
    """Nothing of the clock, the time zone, the locale or the hash seed is in it."""
    pages = []
    for seed, zone, epoch in (("1", "Asia/Seoul", "0"), ("77", "America/Lima", "1700000000")):
        out = tmp_path / f"{seed}.html"
        asked = asking(reported.path, "en", "--out", str(out))
        told = {"PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": epoch, "LC_ALL": "C.UTF-8"}
        assert kojudge(asked, tmp_path, **told).returncode == 3
        pages.append(out.read_bytes())
    assert pages[0] == pages[1] == reported.pages["en"].read_bytes()


# --- the gate


@pytest.mark.parametrize(
    ("expression", "code", "told"),
    [
        (f"'{FORMULA}'.naturalness.worse", 3, "✓ true"),
        (f"'{FORMULA}'.naturalness.better", 1, "✗ false"),
        (f"not '{FORMULA}'.naturalness.worse", 1, "Gate failed"),
        ("__import__('os').system('touch fired')", 2, "cannot be read"),
        ("().__class__.__bases__", 2, "cannot be read"),
        ('f\'{open("fired", "w")}\'.naturalness.better', 2, "no candidate"),
        ("(" * 400 + ")" * 400, 2, "nest at most"),
        ("not " * 900 + "a.b.better", 2, "nest at most"),
        ("smal-1b.naturalness.better", 2, "small-1b"),
        ("*.naturalnes.better", 2, "naturalness"),
        ("*.naturalness.bettter", 2, "better"),
        ("", 2, "a claim MODEL.CRITERION.WORD is missing"),
    ],
)
def test_a_gate_is_an_exit_code_and_never_runs_what_it_says(
    reported: Reported, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], expression: str, code: int, told: str,
) -> None:  # fmt: skip
    from kojudge.cli.gating import gate_holds, read_gate
    from kojudge.cli.session import Session

    monkeypatch.chdir(tmp_path)
    session = Session(None, None, "en")
    try:
        held = gate_holds(session, read_gate(expression), reported.results)
        # The run misses an answer, so a gate that holds leaves the code of an incomplete run.
        found = 3 if held else 1
        said = capsys.readouterr().err
    except ConfigError as error:
        found, said = error.exit_code, str(error)
    assert found == code
    assert told in said
    assert not (tmp_path / "fired").exists()


def test_the_exit_code_reaches_the_shell(reported: Reported, tmp_path: Path) -> None:
    asked = asking(reported.path, "en", "--out", str(tmp_path / "p.html"), "--gate")
    assert kojudge([*asked, f"'{FORMULA}'.naturalness.better"], tmp_path).returncode == 1
    assert kojudge([*asked, "eval('1')"], tmp_path).returncode == 2


NAMES = st.text(min_size=1, max_size=12)


@given(NAMES, NAMES, st.sampled_from(WORDS), st.none() | NAMES)
def test_a_claim_as_it_is_told_can_be_pasted_back(
    model: str, criterion: str, word: str, judge: str | None
) -> None:
    claim = Claim(model, criterion, word, "pairwise", judge)
    assert parse(claim_text(claim)) == claim
    assert parse(claim_text(Claim(None, criterion, word))) == Claim(None, criterion, word)


def test_of_several_judges_the_hint_names_one_in_words_that_can_be_pasted() -> None:
    found = results(
        comparisons=[comparison(candidate="my model (v1)", judge=name) for name in "ab"],
        leaderboard=[],
    )
    with pytest.raises(ConfigError) as caught:
        evaluate(parse('"my model (v1)".naturalness.better'), found)
    assert caught.value.hint is not None
    pasted = caught.value.hint.en.partition(": ")[2]
    assert evaluate(parse(pasted), found).holds


def test_no_message_about_a_gate_reverses_a_line_or_commands_the_terminal() -> None:
    found = results(comparisons=[comparison(candidate=HIDDEN + "\x1b[2J")], leaderboard=[])
    with pytest.raises(ConfigError) as caught:
        evaluate(parse("warm.naturalness.better"), found)
    told = str(caught.value) + caught.value.message.ko + (caught.value.hint or caught.value).ko  # type: ignore[union-attr]
    assert "⟦U+202E⟧" in told
    assert not {"\x1b", "\u202e", "\u200b"} & set(told)


# --- the terminal table, where the page's own run does not reach


def printed(found: dict[str, object], language: Language, width: int = 200) -> str:
    screen = StringIO()
    Console(file=screen, width=width, force_terminal=True).print(verdict_table(found, language))
    return screen.getvalue()


def test_the_table_names_the_confidence_that_the_family_has() -> None:
    assert "[90% CI]" in printed(results(alpha=0.1), "en")
    assert "[90% 신뢰구간]" in printed(results(alpha=0.1), "ko")


def test_a_withheld_verdict_is_called_so_as_on_the_page() -> None:
    found = results(comparisons=[comparison(withheld=True)])
    assert "판정 보류 (더 나음)" in printed(found, "ko")
    assert "withheld (better)" in printed(found, "en")


def test_the_judge_has_a_column_only_where_there_are_several() -> None:
    assert "judge" not in printed(results(comparisons=[comparison()]), "en")
    both = results(comparisons=[comparison(), comparison(judge="judge-b")])
    assert "judge-b" in printed(both, "en")


def test_no_name_reverses_a_line_or_commands_the_terminal(reported: Reported) -> None:
    hostile = "\x1b]0;owned\x07[bold red]" + HIDDEN
    rows = [comparison(candidate=hostile, judge=hostile), comparison(criterion=hostile)]
    shown = printed(results(comparisons=rows, baseline=hostile), "en", width=400)
    assert "⟦U+001B⟧]0;owned⟦U+0007⟧[bold red]warm⟦U+202E⟧" in shown
    assert not {"\u202e", "\u200b", "\u3164", "\x07"} & set(shown)
    for language in LANGUAGES:
        assert not {"\u202e", "\u200b", "\u3164"} & set(reported.told[language])
        assert AWKWARD in reported.told[language]


def test_a_page_above_25_mb_is_warned_of_and_a_smaller_one_is_not() -> None:
    assert page_line(Path("report.html"), 800_000).en == "report.html 0.8 MB"
    assert page_line(Path("report.html"), LARGE_PAGE).ko == "report.html 25.0 MB"
    large = page_line(Path("report.html"), LARGE_PAGE + 1)
    assert large.en.startswith("report.html 25.0 MB\n⚠ The page is larger than 25 MB")
    assert large.ko.startswith("report.html 25.0 MB\n⚠ 보고서가 25 MB보다 큽니다")
    assert "kojudge publish" in large.en
    assert "kojudge publish" in large.ko


# --- LLM Comparator


def test_comparator_files_can_be_loaded_as_the_viewer_loads_them(
    reported: Reported, tmp_path: Path
) -> None:
    """What its ``loadData`` reads without asking: two models, both scales, every custom field."""
    space = str(reported.path.parent / "space")
    asked = ["-C", space, "export", "--run", str(reported.path), "--baseline", BASE]
    done = kojudge([*asked, "--llm-comparator", str(tmp_path / "pairs")], tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    files = sorted((tmp_path / "pairs").iterdir())
    assert len(files) == 4 * 2
    names = set()
    for file in files:
        content = json.loads(file.read_text(encoding="utf-8"))
        assert [model["name"] for model in content["models"]][1:] == [BASE]
        names.add(content["models"][0]["name"])
        fields = content["metadata"]["custom_fields_schema"]
        own = {one["name"] for one in fields if not one["type"].startswith("per_rating")}
        rated = {one["name"] for one in fields if one["type"].startswith("per_rating")}
        for example in content["examples"]:
            assert set(example["custom_fields"]) == own
            assert len(example["custom_fields"]["characters"]) == 2
            assert all(isinstance(tag, str) for tag in example["tags"])
            ratings = example["individual_rater_scores"]
            assert all(set(one["custom_fields"]) == rated for one in ratings)
            assert all(-SPAN / 2 <= one["score"] <= SPAN / 2 for one in ratings)
            assert {one["is_flipped"] for one in ratings} == {True, False}
            assert all(one["rationale"] for one in ratings)
    assert names == {AWKWARD, FORMULA, HIDDEN, "small-1b"}
