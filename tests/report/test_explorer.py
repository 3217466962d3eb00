"""The explorer's data: what the page carries for its script."""

from __future__ import annotations

import dataclasses

import pytest
from sample_explorer import (
    JUDGES,
    labelled,
    mark,
    opinion,
    packed_in,
    pair,
    pairs,
    scored,
    unpacked,
)
from sample_page import BASE, HOSTILE, SHOWN, TEMPLATES, item, page, read, written

from kojudge.report.content import Answer, HumanLabel
from kojudge.report.explorer import CHUNK_PAIRS, FIRST_TEXTS, build_explorer, first_texts
from kojudge.report.explorer_words import DETAIL_WORDS, EXPLORER_WORDS, SCRIPT_WORDS
from kojudge.report.page import render_page
from kojudge.report.shown import show
from kojudge.report.view import texts_by_category
from kojudge.report.words import WORDS

# --- text as it is shown


@pytest.mark.parametrize(
    ("text", "shown", "boxes"),
    [
        ("빵집", "빵집", ()),
        ("가\u200b나", "가⟦U+200B⟧나", ((1, 9),)),
        ("⟦U+200B⟧", "⟦U+200B⟧", ()),
        ("가\r\n나", "가\n나", ()),
        ("가\r나", "가⟦U+000D⟧나", ((1, 9),)),
        ("😀\u202e", "😀⟦U+202E⟧", ((2, 10),)),
        ("👩\u200d👧", "👩\u200d👧", ()),
        ("\U000e0041", "⟦U+E0041⟧", ((0, 9),)),
    ],
)
def test_hidden_characters_are_boxed_and_placed_in_utf_16(
    text: str, shown: str, boxes: tuple[tuple[int, int], ...]
) -> None:
    found = show(text)
    assert (found.text, found.boxes) == (shown, boxes)
    assert found.place(len(text)) == len(shown.encode("utf-16-le")) // 2


def test_a_place_in_the_text_moves_along_with_boxes_and_emoji() -> None:
    text = "😀\r\n\u200b다양한 글\ud800"
    found = show(text)
    start = text.index("다양한")
    units = found.text.encode("utf-16-le")
    here = units[2 * found.place(start) : 2 * found.place(start + 3)]
    assert here.decode("utf-16-le") == "다양한"


# --- index and chunks


def test_every_pair_is_in_the_index_and_its_texts_in_one_chunk() -> None:
    given = pairs(250)
    explorer = build_explorer(page(items=given), "ko")
    index = unpacked(explorer.index)
    assert explorer.pairs == len(index["pairs"]) == 500
    assert [len(unpacked(chunk)) for chunk in explorer.chunks] == [100, 100, 50]
    assert index["chunks"] == [0, 100, 200]
    assert CHUNK_PAIRS == 200
    at, candidate, place, _, _ = index["pairs"][-1]
    content = unpacked(explorer.chunks[2])[at - 200]
    assert index["names"]["candidate"][candidate][0] == "stiff"
    assert content["texts"][place]["text"] == ["딱딱한 글 249.", []]
    assert content["texts"][content["baseline"]]["name"] == BASE


def test_a_game_is_the_candidate_less_the_baseline_in_thousandths() -> None:
    texts = (
        written(BASE, opinions=(scored(3.0),)),
        written("warm", opinions=(opinion(0.75), scored(4.5), opinion(None, "friendliness"))),
    )
    explorer = build_explorer(page(items=[item(texts=texts)]), "ko")
    index = unpacked(explorer.index)
    [[_, _, _, _, games]] = index["pairs"]
    assert [game[3:] for game in games] == [[250, 0], [1500, 0], [None, 0]]
    assert [name for name, _ in index["names"]["mode"]] == ["pairwise", "pointwise"]


@pytest.mark.parametrize(("win", "kept"), [(0.5 + 1e-6, 1), (0.5 - 1e-6, -1), (0.5 + 1e-12, 0)])
def test_rounding_makes_no_tie_of_what_the_leaderboard_calls_a_win(win: float, kept: int) -> None:
    texts = (written(BASE), written("warm", opinions=(opinion(win),)))
    index = unpacked(build_explorer(page(items=[item(texts=texts)]), "ko").index)
    assert index["pairs"][0][4][0][3] == kept


def test_the_two_orders_lie_apart_by_their_gap() -> None:
    turned = opinion(0.5, answers=(Answer(0.9), Answer(0.2)))
    texts = (written(BASE), written("warm", opinions=(turned,)))
    explorer = build_explorer(page(items=[item(texts=texts)]), "ko")
    assert unpacked(explorer.index)["pairs"][0][4][0][4] == 700
    assert explorer.order_known
    [content] = unpacked(explorer.chunks[0])
    assert content["texts"][1]["pairs"][0][2:] == ["90.0%", "20.0%", "50.0%", "뒤집힘"]


def test_flags_of_either_text_are_the_pairs() -> None:
    texts = (written(BASE, flags=("empty",)), written("warm", flags=("loop",)))
    index = unpacked(build_explorer(page(items=[item(texts=texts)]), "en").index)
    assert index["names"]["flag"] == [["loop", "loops"], ["empty", "empty"]]
    assert index["pairs"][0][3] == [0, 1]


def test_prompts_of_one_name_are_told_apart() -> None:
    index = unpacked(build_explorer(page(items=[item(), item(category="시")]), "ko").index)
    assert [head[0] for head in index["items"]] == ["blog-001", "blog-001 (2)"]


def test_a_prompt_that_only_the_baseline_answered_can_be_read_too() -> None:
    explorer = build_explorer(page(items=[item(texts=(written(BASE),))]), "ko")
    [content] = unpacked(explorer.chunks[0])
    assert (explorer.pairs, content["baseline"]) == (1, -1)


def test_evidence_keeps_its_place_beside_boxes() -> None:
    text = "\u200b오늘 다녀왓어요"
    texts = (written(BASE), written("warm", text, marks=(mark(text, "다녀왓어요"),)))
    explorer = build_explorer(page(items=[item(texts=texts)]), "ko")
    [content] = unpacked(explorer.chunks[0])
    shown, spans = content["texts"][1]["text"]
    assert [spans[at : at + 3] for at in range(0, len(spans), 3)] == [[0, 8, 0], [11, 16, 1]]
    assert shown[11:16] == "다녀왓어요"
    assert unpacked(explorer.index)["hits"] == [["맞춤법", 1]]


def test_rationales_missing_answers_and_labels_are_told_in_the_pages_language() -> None:
    unread = opinion(None, answers=(Answer(0.7, "자연스럽다."), Answer(None, "", "low_mass")))
    settled = opinion(0.0, "friendliness", flagged=True, answers=(Answer(0.0), Answer(0.0)))
    base = written(BASE, opinions=(scored(3.0, rationale="무난하다."),))
    warm = written("warm", opinions=(unread, settled, scored(4.0)))
    labels = (labelled(warm), HumanLabel(2, "naturalness", preference=0.5))
    texts = (
        dataclasses.replace(base, labels=(labelled(base),)),
        dataclasses.replace(warm, labels=labels),
    )
    [[content]] = packed_in(render_page(page(items=[item(texts=texts)]), TEMPLATES, "en"))[1]
    own = content["texts"][1]
    assert [(about, text[0]) for about, text in own["why"]] == [
        ("Naturalness · judge-a · candidate first · 70.0%", "자연스럽다."),
        ("Naturalness · judge-a · candidate second · —", "no score: low_mass"),
        (f"Naturalness · judge-a · {BASE} · 3.00", "무난하다."),
    ]
    assert own["pairs"][1][-1] == "settled by a gate"
    assert own["scores"] == [["Naturalness", "judge-a", "4.00", "3.00", "+1.00", ""]]
    assert own["people"] == [
        ["Naturalness", "Rater 1", "4.00", "3.00", "+1.00"],
        ["Naturalness", "Rater 2", "—", "—", "alike"],
    ]


def test_hostile_names_and_texts_are_shown_in_the_data_too() -> None:
    text = written(HOSTILE, HOSTILE, finish_reason=HOSTILE, flags=(HOSTILE,),
                   opinions=(opinion(0.9, HOSTILE, judge=HOSTILE),))  # fmt: skip
    given = item(prompt_name=HOSTILE, category=HOSTILE, request=HOSTILE,
                 history=((HOSTILE, HOSTILE),), texts=(written(BASE), text))  # fmt: skip
    index, [[content]] = packed_in(render_page(page(items=[given]), TEMPLATES, "ko"))
    own = content["texts"][1]
    assert own["name"] == own["text"][0] == index["items"][0][0] == SHOWN
    assert content["turns"][0] == [SHOWN, [SHOWN, content["turns"][0][1][1]]]
    for kind in ("candidate", "category", "criterion", "judge", "flag"):
        assert [SHOWN, SHOWN] in index["names"][kind]


def test_the_same_items_give_the_same_bytes() -> None:
    given = page(items=pairs(30))
    assert build_explorer(given, "ko") == build_explorer(given, "ko")


def test_only_choices_there_are_are_offered() -> None:
    document = read(page(items=[pair(0)]))
    keys = {a["data-key"] for a in document.named("select")}
    assert keys == {"candidate", "category", "criterion", "outcome", "mode", "sort"}
    texts = (
        written(BASE),
        written("warm", flags=("loop",), opinions=tuple(opinion(0.9, judge=j) for j in JUDGES)),
    )
    keys = {a["data-key"] for a in read(page(items=[item(texts=texts)])).named("select")}
    assert keys == {"candidate", "category", "criterion", "outcome", "judge", "flag", "sort"}


# --- without JavaScript


def test_without_javascript_the_first_texts_of_every_category_stand_there() -> None:
    groups = first_texts(texts_by_category(pairs(500)))
    shown = sum(len(item.texts) for g in groups for p in g.prompts for item in p.items)
    assert FIRST_TEXTS <= shown < FIRST_TEXTS + 6
    sizes = [len(group.prompts) for group in groups]
    assert len(sizes) == 2
    assert max(sizes) - min(sizes) <= 1


def test_long_texts_make_fewer_of_them() -> None:
    texts = (written(BASE, "가" * 40_000), written("warm", "나" * 40_000))
    groups = first_texts(texts_by_category([item(prompt_name=str(n), texts=texts) for n in "123"]))
    assert [len(group.prompts) for group in groups] == [2]


# --- words and size


def test_the_words_have_names_of_their_own() -> None:
    assert not WORDS.keys() & EXPLORER_WORDS.keys()


@pytest.mark.parametrize("words", [EXPLORER_WORDS, SCRIPT_WORDS, DETAIL_WORDS])
def test_both_languages_take_the_same_fields(words: dict[str, object]) -> None:
    for text in words.values():
        ko, en = text.ko, text.en  # type: ignore[attr-defined]
        assert ko
        assert sorted(part.split("}")[0] for part in ko.split("{")[1:]) == sorted(
            part.split("}")[0] for part in en.split("{")[1:]
        )


def test_the_script_is_small_and_never_writes_markup() -> None:
    script = (TEMPLATES / "explorer.js").read_text(encoding="utf-8")
    assert len(script.encode()) <= 20_000
    for barred in ("innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"):
        assert barred not in script
