import numpy as np
import pytest

from kojudge.korean.degrade.particles import swap_allomorph, swap_case


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("밥을 먹었다.", "밥를 먹었다."),
        ("바다를 봤다.", "바다을 봤다."),
        ("산이 높다.", "산가 높다."),
        ("비가 온다.", "비이 온다."),
        ("오늘은 춥다.", "오늘는 춥다."),
        ("학교로 갔다.", "학교으로 갔다."),
        ("산으로 갔다.", "산로 갔다."),
        ("서울로 갔다.", "서울으로 갔다."),
    ],
)
def test_the_particle_no_longer_fits_the_final_consonant(text, expected):
    assert swap_allomorph(text, 1.0, np.random.default_rng(0)).text == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("밥을 먹었다.", "밥이 먹었다."),
        ("바다를 봤다.", "바다가 봤다."),
        ("비가 온다.", "비를 온다."),
        ("카페에서 만났다.", "카페를 만났다."),
    ],
)
def test_the_case_is_wrong_but_the_form_fits(text, expected):
    assert swap_case(text, 1.0, np.random.default_rng(0)).text == expected


@pytest.mark.parametrize("program", [swap_allomorph, swap_case])
@pytest.mark.parametrize("text", ["난 절 봤다.", "밥 먹었다.", "그냥 걸었다."])
def test_a_contracted_or_missing_particle_is_no_place(program, text):
    assert program(text, 1.0, np.random.default_rng(0)).changes == ()


def test_a_wrong_particle_is_not_put_right():
    text = "바다을 봤다."
    done = swap_allomorph(text, 1.0, np.random.default_rng(0))
    assert "바다를" not in done.text


def test_particles_that_stand_together_are_left_alone():
    assert swap_case("집에서는 잤다.", 1.0, np.random.default_rng(0)).changes == ()
