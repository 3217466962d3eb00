"""The explorer's words: those of its template, and those that its script fills in."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

EXPLORER_WORDS: Mapping[str, Said] = {
    "explorer_lead": said(
        "후보 모델의 글과 기준 모델의 글을 한 쌍씩 견주어 봅니다. 조건을 고르면 주소창에 그대로 "
        "남으므로, 주소를 보내면 받는 사람도 같은 화면을 봅니다. 눈에 보이지 않는 문자는 "
        "⟦U+200B⟧처럼 상자로 드러냈습니다.",
        "Each candidate's text beside the baseline's, one pair at a time. What you choose stays "
        "in the address, so a link shows others the same. Characters that cannot be seen are "
        "shown as boxes such as ⟦U+200B⟧.",
    ),
    "without_script": said(
        "글 전체를 찾고 골라 보려면 자바스크립트가 켜져 있어야 합니다. 지금은 앞부분의 글만 보입니다.",
        "Searching and filtering all texts needs JavaScript. Here are the first of them.",
    ),
    "explorer_filters": said("글 찾기와 거르기", "Find and filter texts"),
    "search": said("찾기", "Search"),
    "search_hint": said("프롬프트, 글, 판정 까닭에서 찾기", "in prompts, texts and rationales"),
    "any": said("모두", "Any"),
    "outcome": said("결과", "Outcome"),
    "outcome_win": said("후보 모델이 이김", "Candidate wins"),
    "outcome_tie": said("비김", "Tie"),
    "outcome_loss": said("후보 모델이 짐", "Candidate loses"),
    "outcome_none": said("점수 없음", "No score"),
    "facet_flag": said("걸린 글", "Fails a gate"),
    "sort": said("차례", "Order"),
    "sort_prompt": said("프롬프트 차례", "By prompt"),
    "sort_difference": said("차이가 큰 것부터", "Largest difference first"),
    "sort_judges": said("심사 모델끼리 엇갈린 것부터", "Judges disagree most first"),
    "sort_orders": said("순서에 따라 흔들린 것부터", "Most moved by the order first"),
    "reset": said("조건 지우기", "Clear"),
    "help": said("단축키", "Shortcuts"),
    "close": said("닫기", "Close"),
    "pair_list": said("글 쌍 목록", "List of pairs"),
    "pair_detail": said("고른 글 쌍", "The chosen pair"),
    "choose_pair": said(
        "목록에서 한 쌍을 고르면 여기에 글이 나란히 펼쳐집니다.",
        "Choose a pair from the list to read both texts here.",
    ),
    "help_next": said("다음 쌍, 앞 쌍", "Next pair, previous pair"),
    "help_search": said("찾기로 가기", "Go to the search box"),
    "help_open": said("목록에서 글로 가기", "Go from the list to the texts"),
    "help_escape": said("찾기를 비우거나 목록으로 돌아가기", "Empty the search, or back to the list"),
    "help_help": said("이 도움말", "This help"),
}  # fmt: skip
"""By the name that templates know them under."""

SCRIPT_WORDS: Mapping[str, Said] = {
    "pairs": said("전체 {all}쌍 가운데 {n}쌍", "{n} of {all} pairs"),
    "verdicts": said(
        "판정 {n}건 ({pairs}쌍, 전체 {all}쌍)", "{n} verdicts ({pairs} of {all} pairs)"
    ),
    "searching": said("찾는 중… {share}%", "Searching… {share}%"),
    "nothing": said("조건에 맞는 글이 없습니다.", "Nothing fits these conditions."),
    "loading": said("글을 여는 중…", "Opening…"),
    "missing_item": said(
        "주소에 적힌 글 쌍이 이 보고서에 없습니다: {item}",
        "The pair named in the address is not in this report: {item}",
    ),
    "too_old": said(
        "이 브라우저는 압축된 글을 펼치지 못합니다. 더 새로운 브라우저로 열어 주세요.",
        "This browser cannot unpack the texts. Please open the page in a newer one.",
    ),
    "broken": said("글을 펼치지 못했습니다: {why}", "The texts could not be unpacked: {why}"),
    "candidate": said("후보 모델", "Candidate"),
    "baseline": said("기준 모델", "Baseline"),
    "difference": said("차이", "Difference"),
    "win": said("이김", "win"),
    "tie": said("비김", "tie"),
    "loss": said("짐", "loss"),
    "none": said("점수 없음", "no score"),
    "flipped": said("순서에 따라 뒤집힘", "flips with the order"),
    "sample": said("표본 {n}", "sample {n}"),
    "turn": said("{n}번째 차례", "turn {n}"),
    "request": said("글감", "Request"),
    "no_baseline": said(
        "기준 모델의 글이 없습니다.", "There is no text of the baseline for this prompt."
    ),
    "judged_pairs": said("둘 중 고르기", "Which text is better"),
    "judged_scores": said("점수 매기기", "Scores"),
    "criterion": said("평가 항목", "Criterion"),
    "judge": said("심사 모델", "Judge"),
    "first": said("후보 먼저", "Candidate first"),
    "second": said("후보 나중", "Candidate second"),
    "win_score": said("이길 확률", "Chance to win"),
    "rater": said("평가자", "Rater"),
    "people": said("사람 평가", "Human labels"),
    "rationales": said("심사 모델이 밝힌 까닭", "What the judge gave as its reasons"),
    "show_marks": said("눈에 띄는 곳 표시", "Mark what was found"),
    "show_diff": said("다른 말 표시", "Mark differing words"),
    "diff_long": said(
        "글이 너무 길어 다른 말을 가려낼 수 없습니다.", "The texts are too long to compare by words."
    ),
    "correctness": said("맞춤법·글자·끝맺음", "Correctness"),
    "style": said("말투·표현", "Style"),
    "differing": said("한쪽에만 있는 말", "Only on this side"),
    "found": said("눈에 띈 곳", "Found"),
}  # fmt: skip
"""Filled in by the script; ``{n}`` and the like stand for what it counts."""

DETAIL_WORDS: Mapping[str, Said] = {
    "characters": said("{n}자 · 끝난 까닭: {why}", "{n} characters · ended by: {why}"),
    "failed": said("글을 쓰지 못했습니다.", "No text was written."),
    "absent": said(
        "판정만 들여온 글이라 본문이 없습니다.", "Only its judgments were imported, not the text."
    ),
    "empty": said("빈 글입니다.", "The text is empty."),
    "settled": said("심사 없이 정해짐", "settled by a gate"),
    "flipped": said("뒤집힘", "flips"),
    "candidate_first": said("후보 먼저", "candidate first"),
    "candidate_second": said("후보 나중", "candidate second"),
    "repeat": said("{n}번째 심사", "repeat {n}"),
    "person": said("평가자 {n}", "Rater {n}"),
    "preference": said("둘 중 고르기", "preference"),
    "score": said("점수", "score"),
    "prefers_candidate": said("후보 모델의 글이 나음", "candidate's text is better"),
    "prefers_neither": said("비슷함", "alike"),
    "prefers_baseline": said("기준 모델의 글이 나음", "baseline's text is better"),
    "no_answer": said("점수 없음", "no score"),
}  # fmt: skip
"""Written into the texts' chunks."""
