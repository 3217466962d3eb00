import numpy as np

from kojudge.korean.degrade.spacing import insert_spaces, remove_spaces

TEXT = "아침에 창문을 열었다. 밤새 눈이 왔다.\n\n세상이 하얗다."


def test_all_spaces_go_but_the_paragraphs_stay():
    done = remove_spaces(TEXT, 1.0, np.random.default_rng(0))
    assert done.text == "아침에창문을열었다.밤새눈이왔다.\n\n세상이하얗다."


def test_the_share_of_spaces_taken_is_the_severity():
    done = remove_spaces("가 " * 100 + "가", 0.3, np.random.default_rng(0))
    assert len(done.changes) == 30


def test_spaces_come_only_between_the_syllables_of_a_word():
    done = insert_spaces(TEXT, 1.0, np.random.default_rng(0))
    assert done.text.replace(" ", "") == TEXT.replace(" ", "")
    assert "아 침 에" in done.text
    assert ". 밤 새" in done.text


def test_a_seam_before_another_word_is_no_place_as_a_space_is_right_there():
    text = "책도 먹어보다"
    done = insert_spaces(text, 1.0, np.random.default_rng(0))
    assert text.index("보다") not in {change.start for change in done.changes}
    assert done.changes
