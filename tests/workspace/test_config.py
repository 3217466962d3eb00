"""``kojudge.toml``: what it means, and what is said of mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.errors import ConfigError, InputError
from kojudge.workspace import Settings, load_settings

PLAIN = """\
[workspace]
baseline = "base"
candidates = ["a", "b"]
judges = ["j"]
rubrics = ["r"]
prompts = ["p"]
"""


def load(folder: Path, more: str = "", profile: str | None = None, **flags: object) -> Settings:
    (folder / "kojudge.toml").write_text(PLAIN + more, encoding="utf-8")
    return load_settings(folder, profile, flags)


def test_what_is_left_out_has_these_values(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.samples, settings.seed, settings.batch_size) == (1, 0, 16)
    assert (settings.mode, settings.primary_mode, settings.engine) == (
        "both", "pairwise", "transformers",
    )  # fmt: skip
    assert (settings.alpha, settings.flagged, settings.mini) == (0.05, "keep", False)
    assert (settings.margins.pointwise, settings.margins.pairwise) == (0.25, 0.10)
    assert settings.max_tokens is None


def test_the_baseline_is_the_first_of_all_candidates_and_there_once(tmp_path: Path) -> None:
    assert load(tmp_path).all_candidates == ("base", "a", "b")
    again = load(tmp_path, '\n[profiles.x]\nbaseline = "b"\n', "x")
    assert again.all_candidates == ("b", "a")


class TestLayers:
    MORE = "samples = 2\nseed = 1\n[profiles.big]\nsamples = 8\n[profiles.other]\nseed = 5\n"

    def test_a_profile_is_laid_over_the_workspace(self, tmp_path: Path) -> None:
        settings = load(tmp_path, self.MORE, "big")
        assert (settings.samples, settings.seed) == (8, 1)

    def test_flags_are_laid_over_the_profile(self, tmp_path: Path) -> None:
        settings = load(tmp_path, self.MORE, "big", samples=3, seed=None)
        assert (settings.samples, settings.seed) == (3, 1)

    def test_other_profiles_do_not_matter(self, tmp_path: Path) -> None:
        assert load(tmp_path, self.MORE).seed == 1

    def test_a_list_in_a_profile_takes_the_place_of_the_list(self, tmp_path: Path) -> None:
        settings = load(tmp_path, '\n[profiles.one]\ncandidates = ["c"]\n', "one")
        assert settings.candidates == ("c",)


class TestMistakes:
    @pytest.mark.parametrize(
        ("more", "place", "why"),
        [
            ("samples = 0", "[workspace] samples", "must be at least 1"),
            ("alpha = 0.5", "[workspace] alpha", "must be less than 0.5"),
            ("alpha = 0", "[workspace] alpha", "must be more than 0"),
            ("seed = -1", "[workspace] seed", "must be at least 0"),
            ('mini = "maybe"', "[workspace] mini", "must be true or false"),
            ('mode = "pairs"', "[workspace] mode", "must be one of 'pointwise', 'pairwise', 'both'"),
            ("max_tokens = 0.5", "[workspace] max_tokens", "must be a whole number"),
            ("[workspace.margins]\npairwise = 0.5", "[workspace] margins.pairwise", "less than 0.5"),
            ("[profiles]\nx = 1", "profiles.x", "must be names with values"),
            ("[other]\n", "other", "is not a known entry"),
        ],
    )  # fmt: skip
    def test_a_value_is_told_with_its_place(
        self, tmp_path: Path, more: str, place: str, why: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            load(tmp_path, more)
        assert f"{tmp_path / 'kojudge.toml'}: {place}: " in caught.value.message.en
        assert why in caught.value.message.en
        assert f"{place}: " in caught.value.message.ko
        assert caught.value.hint is not None

    @pytest.mark.parametrize("key", ["baseline", "candidates", "judges", "rubrics", "prompts"])
    def test_what_is_needed_and_missing_is_told(self, tmp_path: Path, key: str) -> None:
        kept = [row for row in PLAIN.split("\n") if not row.startswith(key)]
        (tmp_path / "kojudge.toml").write_text("\n".join(kept), encoding="utf-8")
        with pytest.raises(InputError, match=rf"\[workspace\] {key}: is required and missing"):
            load_settings(tmp_path)

    @pytest.mark.parametrize("key", ["candidates", "judges", "rubrics", "prompts"])
    def test_an_empty_list_is_told(self, tmp_path: Path, key: str) -> None:
        with pytest.raises(InputError, match=rf"\[profiles\.x\] {key}: has too few entries"):
            load(tmp_path, f"\n[profiles.x]\n{key} = []\n", "x")

    def test_a_file_without_the_table_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "kojudge.toml").write_text("", encoding="utf-8")
        with pytest.raises(InputError, match=r"workspace: is required and missing"):
            load_settings(tmp_path)

    @pytest.mark.parametrize(
        ("mode", "primary", "fits"),
        [
            ("both", "pairwise", True), ("both", "pointwise", True),
            ("pairwise", "pairwise", True), ("pointwise", "pointwise", True),
            ("pointwise", "pairwise", False), ("pairwise", "pointwise", False),
        ],
    )  # fmt: skip
    def test_the_primary_mode_must_be_one_that_is_run(
        self, tmp_path: Path, mode: str, primary: str, fits: bool
    ) -> None:
        more = f'mode = "{mode}"\nprimary_mode = "{primary}"\n'
        if fits:
            assert load(tmp_path, more).primary_mode == primary
            return
        with pytest.raises(InputError, match=rf"primary_mode {primary} is not run by mode {mode}"):
            load(tmp_path, more)

    def test_the_line_of_broken_toml_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=r"kojudge\.toml: not valid TOML .*line 7"):
            load(tmp_path, "samples = = 1")

    def test_an_unknown_profile_is_met_with_the_nearest(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"No profile 'bgi'.*Did you mean: big"):
            load(tmp_path, "[profiles.big]\nsamples = 8\n", "bgi")

    def test_every_message_is_in_both_languages(self, tmp_path: Path) -> None:
        """A Korean reader meets no English sentence from the library that checks the file."""
        for more in ("samples = 0", "seed = 'x'", "sede = 1", "mini = 7", "alpha = [1]"):
            with pytest.raises(InputError) as caught:
                load(tmp_path, more)
            assert any("가" <= letter <= "힣" for letter in caught.value.message.ko)
            assert "Input" not in caught.value.message.ko


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "kojudge.toml").write_bytes(b"\xef\xbb\xbf" + PLAIN.encode())
    assert load_settings(tmp_path).baseline == "base"
