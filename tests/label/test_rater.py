"""A rater's name is safe as a file name and comes from the user's where none is given."""

from __future__ import annotations

import getpass
import unicodedata

import pytest

from kojudge.errors import ConfigError
from kojudge.label import rater_name


@pytest.mark.parametrize("name", ["kim", "김평가", "rater-2", "A_1", "가" * 40])
def test_names_that_will_do(name: str) -> None:
    assert rater_name(name) == name
    assert rater_name(unicodedata.normalize("NFD", name)) == name


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "../x", "a/b", "a.b", "x" * 41, "a\n", "a\u202eb", "\u3164!", "a\0", "\ud800"],
)
def test_names_that_will_not(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rater_name(name)
    assert "--rater" in (caught.value.hint.en if caught.value.hint else "")


def test_the_user_logged_in_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "first.last@corp")
    assert rater_name(None) == "first-last-corp"


def test_a_user_without_a_name_must_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    with pytest.raises(ConfigError):
        rater_name(None)
