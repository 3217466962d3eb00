import numpy as np
import pytest

from kojudge.errors import ConfigError
from kojudge.korean.degrade.change import Change, apply, changed, chosen, share


def test_changes_are_places_in_the_original():
    done = changed("가나다", [(2, 3, "라"), (0, 0, "·"), (1, 2, "")])
    assert done.text == "·가라"
    assert done.changes == (Change(0, 0, "", "·"), Change(1, 2, "나", ""), Change(2, 3, "다", "라"))
    assert apply("가나다", done.changes) == done.text


def test_a_replacement_by_itself_is_no_change():
    assert changed("가나", [(0, 1, "가")]).changes == ()


def test_of_two_overlapping_replacements_the_first_is_carried_out():
    assert changed("가나다", [(0, 2, "x"), (1, 3, "y")]).text == "x다"


@pytest.mark.parametrize(
    ("severity", "places", "count"),
    [(0.1, 100, 10), (0.1, 3, 1), (1.0, 7, 7), (0.5, 0, 0), (0.001, 10, 1)],
)
def test_severity_is_the_share_of_the_places_and_touches_one_at_least(severity, places, count):
    assert share(severity, places) == count


def test_fewer_places_than_a_program_needs_are_none():
    assert share(1.0, 1, least=2) == 0


@pytest.mark.parametrize("severity", [0.0, -0.1, 1.01, float("nan")])
def test_a_severity_outside_its_range_is_refused_in_both_languages(severity):
    with pytest.raises(ConfigError) as refused:
        share(severity, 10)
    assert "강도" in refused.value.message.ko
    assert "severity" in refused.value.message.en


def test_a_higher_severity_keeps_the_places_of_a_lower_one():
    places = list(range(50))
    few = chosen(places, 0.2, np.random.default_rng(4))
    many = chosen(places, 0.8, np.random.default_rng(4))
    assert set(few) < set(many)
