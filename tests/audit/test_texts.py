"""Reading the audit texts: what is refused, where, and what stays the same."""

from __future__ import annotations

import pytest

from audit.conftest import ORIGINAL, REWRITES, lines_of
from kojudge.audit.texts import (
    audit_hash,
    gaps,
    is_training,
    load_sources,
    require,
    split,
)
from kojudge.errors import ConfigError, InputError


def changed(at, **fields):
    lines = lines_of()
    lines[at] = {**lines[at], **fields}
    return lines


def test_a_source_is_its_original_with_its_rewrites(write):
    (source,) = load_sources(write(lines_of()))
    assert (source.source_id, source.category, source.original) == ("blog-01", "blog", ORIGINAL)
    assert dict(source.rewrites) == REWRITES
    assert source.prompt.startswith("주말에")
    assert source.place.endswith("blog.jsonl:1")


def test_sources_of_all_files_come_sorted_by_id(write):
    write(lines_of("emotional-02", "emotional"), "emotional.jsonl")
    folder = write(lines_of("blog-07"), "blog.jsonl")
    assert [s.source_id for s in load_sources(folder)] == ["blog-07", "emotional-02"]


@pytest.mark.parametrize(
    ("lines", "line", "field", "ko", "en"),
    [
        (changed(2, kind="polite"), 3, "kind", "쓸 수 있는 값", "must be one of original"),
        (changed(1, text="  \n"), 2, "text", "비어 있으면", "must not be empty"),
        (changed(1, text=ORIGINAL), 2, "text", "원문", "is the original's"),
        (changed(1, id="blog-01-original"), 2, "id", "이미 있는", "repeats that of"),
        (changed(2, kind="translationese"), 3, "kind", "이미", "already is the translationese"),
        (changed(3, category="essay"), 4, "category", "원문", "differs from the original's"),
        (changed(3, prompt="다른 부탁"), 4, "prompt", "원문", "differs from the original's"),
        (changed(4, author="누구"), 5, "author", "없는 항목", "is not a known entry"),
        (changed(0, kind="cold")[:1], 1, "source_id", "원문(kind", "no line of this source_id"),
        (['{"id": "x"'], 1, "json", "JSON이 아닙니다", "not JSON"),
        ([{"id": "x", "source_id": "x"}], 1, "category", "빠졌습니다", "is required"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_line_is_named_with_file_line_and_field(write, lines, line, field, ko, en):
    folder = write(lines)
    with pytest.raises(InputError) as caught:
        load_sources(folder)
    place = f"{folder / 'blog.jsonl'}:{line}"
    assert caught.value.message.en.startswith(f"{place}: field '{field}': ")
    assert caught.value.message.ko.startswith(f"{place}: '{field}' 항목: ")
    assert en in caught.value.message.en
    assert ko in caught.value.message.ko
    assert caught.value.hint is not None


def test_a_file_that_is_not_utf_8_is_named(tmp_path):
    (tmp_path / "blog.jsonl").write_bytes("글".encode("cp949"))
    with pytest.raises(InputError, match=r"blog\.jsonl: is not UTF-8"):
        load_sources(tmp_path)


def test_a_folder_without_texts_says_where_to_look(tmp_path):
    with pytest.raises(ConfigError, match="There is no audit text in"):
        load_sources(tmp_path)


def test_a_missing_rewrite_is_a_gap_and_refused_when_the_set_must_be_complete(write):
    sources = load_sources(write([x for x in lines_of() if x["kind"] not in ("cold", "verbose")]))
    assert [(g.source_id, g.kind) for g in gaps(sources)] == [
        ("blog-01", "cold"),
        ("blog-01", "verbose"),
    ]
    with pytest.raises(ConfigError, match=r"blog\.jsonl:1: .*'cold' \(2 missing in all\)"):
        require(sources)


def test_a_complete_set_is_accepted(write):
    sources = load_sources(write(lines_of()))
    require(sources)
    assert gaps(sources) == ()


def test_the_hash_is_of_what_the_judge_reads(write):
    plain = audit_hash(load_sources(write(lines_of())))
    noted = audit_hash(load_sources(write(changed(0, note="검토함")[::-1])))
    assert noted == plain
    for field, value in (("text", "다른 글이에요."), ("category", "x"), ("prompt", "x")):
        lines = [x if field == "text" and i else {**x, field: value} for i, x in enumerate(lines_of())]  # fmt: skip
        assert audit_hash(load_sources(write(lines))) != plain


def test_the_hash_is_the_same_on_every_machine(write):
    assert audit_hash(load_sources(write(lines_of()))) == "c155d8ed2c6e60a6f7da2fef8be03e23"


def test_about_a_third_is_for_training_and_no_source_is_on_both_sides(write):
    lines = [line for at in range(90) for line in lines_of(f"blog-{at:02}")]
    sources = load_sources(write(lines))
    training, test = split(sources)
    assert len(training) + len(test) == 90
    assert 20 <= len(training) <= 40
    assert not {s.source_id for s in training} & {s.source_id for s in test}


def test_the_side_of_a_source_is_decided_by_its_id_alone():
    sides = [is_training(f"blog-{at:02}") for at in range(1, 13)]
    assert "".join("FT"[side] for side in sides) == "FFTFFFTFFFTF"
