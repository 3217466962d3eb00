"""The page: what it shows."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from sample_page import (
    BASE,
    LANGUAGES,
    MANIFEST,
    PEOPLE,
    TEMPLATES,
    Document,
    comparison,
    comparisons,
    item,
    judge,
    measured,
    page,
    read,
    results,
    standing,
    written,
)

from kojudge.errors import Language
from kojudge.report import numbers
from kojudge.report.page import Page, render_page

# --- what it shows


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_well_formed_and_says_its_language(language: Language) -> None:
    html = render_page(page(), TEMPLATES, language)
    document = Document(html)
    assert html.startswith("<!doctype html>")
    assert document.named("html") == [{"lang": language}]
    identifiers = [a["id"] for _, a in document.tags if "id" in a]
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_to_sections_in_order(language: Language) -> None:
    document = read(language=language)
    sections = [a["id"] for a in document.named("section") if "id" in a]
    assert sections == [
        "verdicts", "leaderboard", "forest", "outcomes", "slices", "distributions",
        "comparisons", "evidence", "trust", "texts", "missing", "methods",
    ]  # fmt: skip
    links = [a["href"] or "" for a in document.named("a") if "download" not in a]
    assert [link for link in links if "=" not in link][1:] == [f"#{name}" for name in sections]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_primary_comparison_has_a_sentence_in_both_languages(language: Language) -> None:
    text = read(language=language).text
    assert (
        "[자연스러움] warm ↔ 기준 모델 gemma-2-2b-it: 더 나음. "
        "차이 +0.15 (95% 신뢰구간 +0.09~+0.22), 프롬프트 1,300개."
    ) in text
    assert (
        "[Naturalness] warm vs baseline gemma-2-2b-it: better. "
        "Difference +0.15 (95% CI +0.09 to +0.22), 1,300 prompts."
    ) in text
    assert text.count("vs baseline") == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_comparison_stands_in_a_table_with_all_its_numbers(language: Language) -> None:
    rows = read(language=language).rows()
    for found in comparisons():
        cells = {
            numbers.signed(found["delta"]),
            numbers.interval(found["ci_low"], found["ci_high"]),
            f"±{numbers.number(found['margin'])}",
            numbers.count(found["n_prompts"]),
            numbers.count(found["n_samples"]),
            numbers.number(found["se"]),
            numbers.p_value(found["p_value"]),
            numbers.p_value(found["p_adjusted"]),
            numbers.p_value(found["p_signflip"]),
            _effect(found),
            found["judge"],
        }
        full = [row for row in rows if row[0] == found["candidate"] and cells <= set(row)]
        assert full, found


def _effect(found: dict[str, Any]) -> str:
    size = numbers.signed(found["effect_size"])
    if found["effect_low"] is None:
        return size
    return f"{size} {numbers.interval(found['effect_low'], found['effect_high'])}"


def test_an_english_criterion_is_capitalised_and_a_korean_one_kept() -> None:
    named = {"naturalness": ("자연스러움", "naturalness"), "friendliness": ("친근함", "AI warmth")}
    text = read(page(criteria=named), "en").text
    assert "[Naturalness] warm" in text
    assert "[AI warmth] warm" in text
    assert "[자연스러움] warm" in text


def test_what_only_a_family_has_stands_beside_its_comparisons() -> None:
    rows = read().rows()
    row = next(row for row in rows if row[:2] == ["warm", "자연스러움"] and "0.031" in row)
    assert "61.4% [57.1%, 65.3%]" in row
    assert "+0.13 … +0.18 n=17" in row


def test_ranks_say_which_ranks_are_open() -> None:
    assert any("2 2–3" in row for row in read().rows())


def test_how_far_to_trust_the_result_has_a_section_of_its_own() -> None:
    text = read().text
    for said in ["모든 항목에서 비슷하거나 나은가", "순서를 바꿔도 같은 선택 83.8% [80.1%, 87.3%]",
                 "±0.07 (동등 범위 ±0.25)", "65.1% 61.1% [56.3%, 65.8%]", "프롬프트가 모자람"]:  # fmt: skip
        assert said in text, said


def test_korean_evidence_compares_the_models_and_names_the_baseline_first() -> None:
    document = read()
    assert ["gemma-2-2b-it", "2,602", "0", "0", "0"] in document.rows()
    assert ["warm", "2,577", "25", "0", "0"] in document.rows()
    assert ["말높이: 말높이 섞임", *["12.3% [10.1%, 14.6%]"] * 2] in document.rows()
    assert ["번역투: 번역투 표현 (100어절당)", *["0.12 [0.10, 0.15]"] * 2] in document.rows()


def test_gates_are_a_table_of_models_and_gates() -> None:
    rows = read().rows()
    head = rows.index(["모델", "되풀이", "잘린 글", "n"])
    assert rows[head + 1 : head + 3] == [
        [BASE, "0", "0", "2,602"],
        ["warm", "3", "13", "2,602"],
    ]


def test_a_run_whose_texts_pass_every_gate_says_so_and_has_no_table_of_them() -> None:
    clean = {"version": "v1", "unmeasured": 0, "models": [measured(BASE), measured(BASE)]}
    document = read(page(results=results(evidence=clean)))
    assert "걸린 글이 없습니다." in document.text
    assert "되풀이" not in {cell for row in document.rows() for cell in row}


def test_faults_stand_apart_from_style() -> None:
    text = read().text
    faults, manner = text.index("바른 한국어인가"), text.index("말투와 문체")
    assert faults < text.index("한글의 비중") < text.index("맞춤법에 어긋난 곳") < manner
    assert manner < text.index("번역투 표현") < text.index("해요체 문장")


def test_what_was_found_in_a_text_stands_under_it() -> None:
    assert "눈에 띈 곳 2 다양한 …: “다양한”, “다양한”" in read().text


def test_a_run_whose_texts_were_not_measured_has_a_page_too() -> None:
    assert "글에서 센 값" not in read(page(results=results(evidence=None))).text


def test_people_stand_beside_the_judge() -> None:
    text = read(page(results=results(labels=PEOPLE)), "en").text
    for said in ["Raters 3 · Labels 242 · Prompts 41", "+0.71 [+0.52, +0.83] 41",
                 "Same answer 53.0% (n=117) · α 0.62", "+0.44 [+0.20, +0.68] +0.53 [+0.17, +0.89]",
                 "ω = 0.67 (ε = 0.15) · Passed: yes"]:  # fmt: skip
        assert said in text, said


def test_the_leaderboard_shows_every_number_of_an_entry() -> None:
    rows = read().rows()
    assert ["gemma-2-2b-it 기준 모델", "2 2–3", "3.42 n=1,301", "—", "—", "—", "—",
            "—", "—", "—", "—", "—", "—", "7 / 2,602", "512", "×1.00"] in rows  # fmt: skip
    assert ["warm", "2 2–3", "3.42 n=1,301", "+0.15 더 나음 [+0.09, +0.22]", "65.1% [58.7%, 71.5%] n=1,301",
            "801 / 33 / 467", "211", "—", "—", "+0.02 판정 보류 [-0.003, +0.05]", "—", "—", "—",
            "7 / 2,602", "1,025", "×2.00"] in rows  # fmt: skip


def test_missing_data_are_counted() -> None:
    document = read()
    assert ["stiff", "2,602", "7", "23", "11", "13"] in document.rows()
    assert ["warm", "자연스러움", "쌍대 비교", "judge-a", "17", "2,604", "0.7%"] in document.rows()
    assert "글 19" in document.text
    assert "판정 기록 1,440" in document.text


def test_models_without_any_text_are_counted_and_not_listed() -> None:
    silent = {"texts": 0, "failed": 0, "empty": 0, "truncated": 0, "mean_chars": None}
    board = [
        standing(BASE), standing("lost", **{**silent, "failed": 3}), standing("stiff", **silent),
        *(standing(f"m{at}", **silent) for at in range(1300)),
    ]  # fmt: skip
    html = render_page(page(results=results(leaderboard=board)), TEMPLATES, "ko")
    section = Document(html[html.index('<section id="missing">') : html.index('<section id="meth')])
    assert [row[0] for row in section.rows()[1:4]] == [BASE, "lost", "stiff"]  # stiff's are absent
    assert "글 없이 판정만 들어온 모델의 수: 1,300" in section.text
    assert "m7" not in section.text


def test_a_run_with_texts_of_every_model_counts_no_model_without() -> None:
    assert "글 없이 판정만 들어온" not in read().text


def test_nothing_missing_is_said_in_words() -> None:
    assert "빠진 점수가 없습니다." in read(page(results=results(missing=[]))).text


def test_categories_are_marked_exploratory_and_never_badged_as_verdicts() -> None:
    html = render_page(page(), TEMPLATES, "en")
    slices = html[html.rindex("Comparisons by category") : html.index('<section id="evidence"')]
    assert "not worse" in slices
    assert "badge" not in slices


def test_a_withheld_verdict_is_greyed_but_keeps_its_numbers() -> None:
    html = render_page(page(), TEMPLATES, "ko")
    card = html[html.index('<article class="card withheld">') :]
    card = card[: card.index("</article>")]
    assert "판정 보류" in card
    assert "[-0.003, +0.05]" in card
    assert "사실상 같음" not in card


def test_a_card_gives_the_judges_grade_once_and_other_reasons_in_words() -> None:
    html = render_page(page(), TEMPLATES, "ko")
    cards = html[html.index('id="verdicts"') : html.index('id="leaderboard"')]
    assert cards.count("검증 안 됨") == 4
    assert "심사 모델을 검증하지 않음" not in cards
    assert "프롬프트가 8개보다 적음" in cards


def many(count: int, **given: Any) -> Page:
    """A page of ``count`` candidates on one criterion, and one candidate on another."""
    found = [comparison(candidate=f"m{at}", **given) for at in range(count)]
    return page(results=results(comparisons=[*found, comparison(criterion="friendliness")]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_many_verdicts_on_a_criterion_stand_a_line_each_in_both_languages(
    language: Language,
) -> None:
    given = many(13, reasons=["judge_unaudited", "few_prompts"])
    html = render_page(given, TEMPLATES, language)
    assert (html.count('<article class="line '), html.count('<article class="card ')) == (13, 1)
    line = html[html.index('<article class="line ') :]
    said = Document(line[: line.index("</article>") + len("</article>")]).text
    for words in ["m0 ", "더 나음", "better", "+0.15 [+0.09, +0.22]", "judge-a",
                  "[자연스러움] m0 ↔ 기준 모델", "[Naturalness] m0 vs baseline",
                  "비슷하거나 나음: 예", "프롬프트가 20개보다 적어", "fewer than 20 prompts"]:  # fmt: skip
        assert words in said, words


def test_up_to_twelve_verdicts_on_a_criterion_stay_cards() -> None:
    html = render_page(many(12), TEMPLATES, "ko")
    assert (html.count('<article class="line '), html.count('<article class="card ')) == (0, 13)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_forest_has_a_title_a_description_and_a_table(language: Language) -> None:
    document = read(language=language)
    charts = [a for a in document.named("svg") if "chart" in (a.get("class") or "")]
    labelled = [attributes["aria-labelledby"] for attributes in charts]
    identifiers = {a.get("id") for tag, a in document.tags if tag in {"title", "desc"}}
    assert len([label for label in labelled if (label or "").startswith("forest")]) == 3
    assert all(set((label or "").split()) <= identifiers for label in labelled)
    drawn = ["warm", "+0.15", "[+0.09, +0.22]", "1,300"]
    assert any(row[:4] == drawn for row in document.rows())


def test_a_pointwise_run_without_pairs_has_a_page_too() -> None:
    found = [comparison(mode="pointwise", margin=0.25)]
    board = [standing(BASE), standing("warm", pairs={}, mean_chars=None)]
    given = results(
        primary_mode="pointwise",
        comparisons=found,
        leaderboard=board,
        good_on_all=[],
        reliability=[],
        style_control=[],
        judges=[judge(grades=[])],
    )
    assert ["warm", "2 2–3", "3.42 n=1,301", "+0.15 더 나음 [+0.09, +0.22]", "—", "—", "—",
            "7 / 2,602", "—", "—"] in read(page(results=given)).rows()  # fmt: skip


def test_a_run_with_nothing_in_it_says_so() -> None:
    empty = page(results=results(comparisons=[], leaderboard=[standing(BASE)]), items=[])
    text = read(empty).text
    assert "아직 비교가 없습니다." in text
    assert "이 실행에는 글이 없습니다." in text


# --- cautions


def judged_by(grade: str, too_small: bool) -> Page:
    found = judge("j", grade, parameters=1_543_714_304, too_small=too_small, grades=[])
    return page(results=results(judges=[found]))


def test_a_judge_too_small_to_trust_opens_the_page_with_a_banner() -> None:
    text = read(judged_by("provisional", too_small=True)).text
    banner = text.index("이 결과는 도구가 돌아가는 모습을 보여 줄 뿐입니다.")
    assert banner < text.index("더 나음")
    assert "j (1.5B)" in text
    assert "kojudge generate kojudge score kojudge report" in text
    assert "For demonstration only" in read(judged_by("provisional", too_small=True), "en").text


def test_a_judge_large_enough_raises_no_banner() -> None:
    assert "도구가 돌아가는 모습" not in read(judged_by("provisional", too_small=False)).text


@pytest.mark.parametrize(("grade", "cautioned"), [("unaudited", True), ("provisional", False)])
def test_an_unaudited_judge_is_named(grade: str, cautioned: bool) -> None:
    text = read(judged_by(grade, too_small=False)).text
    assert ("검증하지 않은 심사 모델" in text) is cautioned


def test_the_lack_of_human_labels_is_said() -> None:
    assert "사람 평가 없음: 심사 모델의 의견일 뿐입니다." in read().text
    assert "사람 평가 없음" not in read(page(results=results(labels=PEOPLE))).text


# --- texts


def test_texts_stand_side_by_side_with_their_scores_in_both_orders() -> None:
    text = read().text
    assert "자연스러움 점수 3.27" in text
    assert "이길 확률: 먼저 62.1% · 나중 41.3% 뒤집힘" in text


def test_an_agreeing_pair_is_not_called_a_flip() -> None:
    texts = (written(BASE), written("warm", wins={"naturalness": (0.621, 0.513)}))
    assert "나중 51.3% 뒤집힘" not in read(page(items=[item(texts=texts)])).text


def test_a_text_without_a_score_shows_a_dash() -> None:
    texts = (written(BASE, scores={"naturalness": None}),)
    assert "자연스러움 점수 —" in read(page(items=[item(texts=texts)])).text


def test_empty_cut_off_and_failed_texts_are_said_to_be_so() -> None:
    texts = (
        written(BASE, text=" ", flags=("empty",)),
        written("warm", finish_reason="length", flags=("truncated",)),
        written("stiff", text="", status="failed"),
    )
    text = read(page(items=[item(texts=texts)])).text
    assert "빈 글입니다." in text
    assert "잘린 글" in text
    assert "끝난 까닭: length" in text
    assert "글을 쓰지 못했습니다." in text


def test_texts_are_grouped_by_category_and_prompt() -> None:
    items = [item(), item(sample=1), item(prompt_name="mood-1", category="emotional")]
    document = read(page(items=items))
    prompts = [a for a in document.named("details") if a.get("class") == "prompt"]
    assert len(prompts) == 2
    assert "표본 1" in document.text
    assert document.text.index("블로그 글 1") < document.text.index("감정을 담은 짧은 글 1")


def test_a_second_turn_stands_by_itself_with_its_history() -> None:
    history = (("user", "빵집 이야기를 써 줘."), ("assistant", "빵집에 다녀왔어요."))
    items = [item(), item(request="더 짧게.", history=history)]
    document = read(page(items=items))
    assert len([a for a in document.named("details") if a.get("class") == "prompt"]) == 2
    assert (
        "글감 사용자 빵집 이야기를 써 줘. 모델 빵집에 다녀왔어요. 사용자 더 짧게." in document.text
    )


def test_a_category_or_criterion_of_the_users_own_keeps_its_name() -> None:
    found = [comparison(criterion="운율", slice="overall")]
    board = [standing(BASE), standing("warm")]
    given = page(results=results(comparisons=found, leaderboard=board), items=[item(category="시")])
    text = read(given).text
    assert "운율" in text
    assert "시 1" in text


# --- methods


def test_the_methods_name_family_test_margins_and_commands() -> None:
    text = read(language="en").text
    for said in ["Intervals were bootstrapped.", "4 comparisons carry the verdicts", "±0.25", "1–5",
                 "one-sided 2.5% level", "32.8B", "kojudge generate --run 'night train'",
                 "1 min 15 s", "trust_remote_code false", "org/warm"]:  # fmt: skip
        assert said in text, said


def test_a_run_without_recorded_commands_has_a_page_too() -> None:
    bare = {"run": "night-train", "schema": "kojudge.run/1"}
    assert "kojudge.run/1" in read(page(manifest=bare)).text


def test_the_raw_manifest_can_be_read_back() -> None:
    html = render_page(page(), TEMPLATES, "ko")
    raw = html[html.index('<pre class="raw">') :]
    found = Document(raw[: raw.index("</pre>") + len("</pre>")])
    assert json.loads("".join(found.words)) == MANIFEST


def test_the_page_carries_its_data_as_files() -> None:
    files = {a["download"]: a["href"] or "" for a in read().named("a") if "download" in a}
    contents = {name: base64.b64decode(link.partition(",")[2]) for name, link in files.items()}
    assert json.loads(contents["results.json"]) == results()
    assert json.loads(contents["manifest.json"]) == MANIFEST
    assert contents["comparisons.csv"].startswith(b"\xef\xbb\xbf")
    assert contents["comparisons.csv"].count(b"\r\n") == 1 + len(comparisons())


def test_models_stand_best_first() -> None:
    document = read()
    board = [row[0] for row in document.tables[0] if row[0].split()]
    assert [name.split()[0] for name in board[2:]] == ["warm", BASE, "stiff"]


def test_each_outcome_is_a_link_that_counts_and_names_what_it_asks_for() -> None:
    links = [a for a in read().named("a") if "data-outcome" in a]
    assert [(a["data-outcome"], a["data-count"]) for a in links[:3]] == [
        ("loss", "467"), ("tie", "33"), ("win", "801"),
    ]  # fmt: skip
    assert links[0]["href"] == "#outcome=loss&candidate=warm&criterion=naturalness"
    assert links[0]["aria-label"] == "warm: 패 467 (35.9%)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_has_a_title_a_description_and_a_table(language: Language) -> None:
    html = render_page(page(), TEMPLATES, language)
    panels = html.split('<figure class="panel">')[1:]
    assert len(panels) == 6
    for rest in panels:
        panel = rest[: rest.index("</figure>")]
        assert "<title id=" in panel
        assert "<desc id=" in panel
        assert "<table>" in panel[panel.index("<details>") :]


@pytest.mark.parametrize("language", LANGUAGES)
def test_score_distributions_stand_in_a_table_with_every_count(language: Language) -> None:
    rows = read(language=language).rows()
    for row in (["1", "3", "11"], ["3", "211", "407"], ["5", "443", "241"]):
        assert row in rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_length_has_its_correlation_and_the_adjusted_difference(language: Language) -> None:
    text = read(language=language).text
    assert "+0.41 [+0.36, +0.46] n=3" in text
    assert {
        "ko": "길이·형식이 같다면 +0.11 [+0.06, +0.16]",
        "en": "At equal length and style +0.11 [+0.06, +0.16]",
    }[language] in text


def test_slices_are_drawn_where_there_are_two_categories_and_few_prompts_hollow() -> None:
    assert "범주가 하나뿐이라" in read().text
    thin = comparison(slice="emotional", primary=False, n_prompts=17, delta=-0.05)
    html = render_page(page(results=results(comparisons=[*comparisons(), thin])), TEMPLATES, "ko")
    section = html[html.index('<section id="slices"') : html.index('<section id="distributions"')]
    assert section.count('class="mark exploring few"') == 1
    assert section.count('class="mark exploring"') == 1
    assert "&amp;category=emotional" in section
    assert "탐색용" in section
    assert 'class="badge' not in section


def test_a_public_average_stands_in_the_leaderboard_with_its_rank_correlation() -> None:
    board = [standing(BASE, leaderboard_average=41.5), standing("warm", leaderboard_average=30.61)]
    known = {"criterion": "naturalness", "judge": "judge-a", "benchmark": "average", "n": 9, "rho": 0.7333,
             "ci_low": 0.1017, "ci_high": 0.9441}  # fmt: skip
    few = known | {"criterion": "friendliness", "n": 4, "rho": None, "ci_low": None}
    one = known | {"benchmark": "Ko-GPQA", "rho": -0.2, "ci_low": -0.6, "ci_high": 0.3}
    origin = {"name": "판", "source": "https://example.org/board", "as_of": "2025-04"}
    given = results(
        leaderboard=board, rank_correlations=[known, few, one], public_leaderboard=origin
    )
    document = read(page(results=given))
    assert ["Ko-GPQA", "-0.20 [-0.60, +0.30] n=9", "—"] in document.rows() or [
        "Ko-GPQA", "—", "-0.20 [-0.60, +0.30] n=9",
    ] in document.rows()  # fmt: skip
    assert "출처: 판, 2025-04, https://example.org/board" in document.text
    assert any("30.61" in row for row in document.rows() if row[0] == "warm")
    assert "+0.73 [+0.10, +0.94] n=9" in document.text
    assert "모델이 5개보다 적어 계산하지 않음 n=4" in document.text
    assert "공개 리더보드" not in read().text


def test_several_baselines_give_strengths_and_expected_win_rates() -> None:
    models = [
        {"candidate": "warm", "strength": 0.6, "ci_low": 0.5, "ci_high": 0.7},
        {"candidate": "stiff", "strength": 0.4, "ci_low": None, "ci_high": None},
    ]
    ranking = {"judge": "judge-a", "criterion": "naturalness", "models": models,
               "tie_propensity": 0.5, "pairs": 120, "reason": None}  # fmt: skip
    document = read(page(results=results(all_pairs=[ranking])))
    tie = 0.5 * (0.6 * 0.4) ** 0.5
    share = numbers.percent((0.6 + tie / 2) / (1 + tie))
    assert ["warm", "60.0% [50.0%, 70.0%]", "·", share] in document.rows()
    lost = ranking | {"models": [], "reason": "a model never lost"}
    assert "a model never lost" in read(page(results=results(all_pairs=[lost]))).text


def test_the_same_input_gives_the_same_page() -> None:
    assert render_page(page(), TEMPLATES, "ko") == render_page(page(), TEMPLATES, "ko")
