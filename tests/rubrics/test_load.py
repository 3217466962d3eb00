"""Reading a rubric: its front matter, its id, and the mistakes that are told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.errors import ConfigError, InputError
from kojudge.rubrics import load_rubric, rubric_names

RUBRIC = """\
---
criterion: naturalness
name_ko: 자연스러움
name_en: naturalness
version: 3
mode: pointwise
scale:
  0: 나쁘다
  1: 보통이다
  2: 좋다
answer_prefix: "점수: "
---
{% include "_part.md.j2" %}
{{ text }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.md.j2").write_text(RUBRIC, encoding="utf-8")
    (tmp_path / "_part.md.j2").write_text('{% include "_inner.md.j2" %}', encoding="utf-8")
    (tmp_path / "_inner.md.j2").write_text("속 조각", encoding="utf-8")
    return tmp_path


@pytest.fixture
def changed(folder: Path) -> Callable[..., None]:
    def change(old: str, new: str, file: str = "own.md.j2") -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


Changed = Callable[..., None]


def test_the_front_matter_is_read(folder: Path) -> None:
    rubric = load_rubric(folder, "own")
    assert (rubric.name, rubric.criterion, rubric.version) == ("own", "naturalness", 3)
    assert (rubric.mode, rubric.language, rubric.scale) == ("pointwise", "ko", (0.0, 2.0))
    assert [(level.label, level.description) for level in rubric.levels] == [
        ("0", "나쁘다"), ("1", "보통이다"), ("2", "좋다"),
    ]  # fmt: skip
    assert rubric.answer_prefix == "점수: "
    assert rubric.body.startswith("{% include")


def test_a_pairwise_rubric_is_on_a_scale_of_its_own(folder: Path, changed: Changed) -> None:
    changed("pointwise", "pairwise")
    changed("  0: 나쁘다\n  1: 보통이다\n  2: 좋다", "  A: 첫째\n  B: 둘째\n  C: 비슷하다")
    rubric = load_rubric(folder, "own")
    assert (rubric.labels, rubric.scale) == (("A", "B", "C"), (0.0, 1.0))


def test_names_leave_out_partials_and_other_files(folder: Path) -> None:
    (folder / "README.md").write_text("", encoding="utf-8")
    (folder / "aaa.md.j2").write_text(RUBRIC, encoding="utf-8")
    assert rubric_names(folder) == ["aaa", "own"]


class TestIdentity:
    @pytest.mark.parametrize(
        ("old", "new", "file"),
        [
            ("{{ text }}", "{{ text }}.", "own.md.j2"),
            ("version: 3", "version: 4", "own.md.j2"),
            ("좋다", "아주 좋다", "own.md.j2"),
            ("속 조각", "속 조각.", "_inner.md.j2"),
        ],
    )
    def test_the_text_and_every_partial_however_deep_are_part_of_it(
        self, folder: Path, changed: Changed, old: str, new: str, file: str
    ) -> None:
        before = load_rubric(folder, "own").rubric_id
        changed(old, new, file)
        assert load_rubric(folder, "own").rubric_id != before

    def test_line_ends_and_a_byte_order_mark_are_not(self, folder: Path) -> None:
        before = load_rubric(folder, "own").rubric_id
        windows = b"\xef\xbb\xbf" + RUBRIC.replace("\n", "\r\n").encode()
        (folder / "own.md.j2").write_bytes(windows)
        assert load_rubric(folder, "own").rubric_id == before

    def test_other_files_are_not(self, folder: Path) -> None:
        before = load_rubric(folder, "own").rubric_id
        (folder / "_other.md.j2").write_text("다른 조각", encoding="utf-8")
        assert load_rubric(folder, "own").rubric_id == before


class TestMistakes:
    @pytest.mark.parametrize(
        ("old", "new", "line", "message"),
        [
            ("criterion: naturalness", "criterion: ''", 2, "criterion: must not be empty"),
            ("version: 3", "version: three", 5, "version: must be a whole number"),
            ("mode: pointwise", "mode: both", 6, "mode: must be one of 'pointwise', 'pairwise'"),
            ("mode: pointwise", "mode: pairwise", 7, "must be A, B and optionally C"),
            ("  2: 좋다", "  3: 좋다", 7, "whole numbers, each one more"),
            ("  2: 좋다", "  둘: 좋다", 7, "whole numbers, each one more"),
            ("  2: 좋다", "  2: ' '", 7, "level 2 has no description"),
            ("  1: 보통이다\n  2: 좋다", "", 7, "scale: has too few entries"),
            ("name_en", "nmae_en", 1, "name_en: is required and missing"),
            ("answer_prefix", "answr_prefix", 11, "answr_prefix: is not a known entry"),
            ("scale:", "scale: [", 9, "broken YAML"),
        ],
    )
    def test_of_the_front_matter_are_told_with_their_line(
        self, folder: Path, changed: Changed, old: str, new: str, line: int, message: str
    ) -> None:
        changed(old, new)
        with pytest.raises(InputError) as caught:
            load_rubric(folder, "own")
        assert caught.value.message.en.startswith(f"{folder / 'own.md.j2'}:{line}: ")
        assert message in caught.value.message.en

    def test_of_syntax_are_told_with_their_line(self, folder: Path, changed: Changed) -> None:
        changed("{{ text }}", "{{ text }")
        with pytest.raises(InputError, match=r"own\.md\.j2:14: template syntax"):
            load_rubric(folder, "own")

    def test_of_syntax_in_a_partial_are_told_there(self, folder: Path, changed: Changed) -> None:
        changed("속 조각", "속\n{% if %}", "_inner.md.j2")
        with pytest.raises(InputError, match=r"_inner\.md\.j2:2: template syntax"):
            load_rubric(folder, "own")

    def test_a_missing_partial_is_told_where_it_is_included(
        self, folder: Path, changed: Changed
    ) -> None:
        changed("_inner.md.j2", "_iner.md.j2", "_part.md.j2")
        with pytest.raises(InputError, match=r"_part\.md\.j2:1: .*'_iner\.md\.j2'") as caught:
            load_rubric(folder, "own")
        assert caught.value.hint is not None
        assert "_inner.md.j2" in caught.value.hint.en

    @pytest.mark.parametrize("content", ["", "글만 있다", "---\ncriterion: a\n"])
    def test_a_file_without_front_matter_is_told(self, folder: Path, content: str) -> None:
        (folder / "own.md.j2").write_text(content, encoding="utf-8")
        with pytest.raises(InputError, match=r"own\.md\.j2:1: no front matter"):
            load_rubric(folder, "own")

    def test_front_matter_that_says_nothing_is_told(self, folder: Path) -> None:
        (folder / "own.md.j2").write_text("---\n---\n글", encoding="utf-8")
        with pytest.raises(InputError, match=r"own\.md\.j2:1: front matter: must be names"):
            load_rubric(folder, "own")

    def test_an_unknown_name_is_met_with_the_nearest(self, folder: Path) -> None:
        with pytest.raises(ConfigError, match=r"No rubric 'onw'.*Did you mean: own"):
            load_rubric(folder, "onw")
