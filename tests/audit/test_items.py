"""What is asked about a source."""

from __future__ import annotations

import dataclasses

import pytest

from audit.conftest import ORIGINAL, lines_of
from kojudge.audit import attacks
from kojudge.audit.items import build, build_all, skipped_counts
from kojudge.audit.kinds import CARRIERS, DIRECTIONS, LABELS, MARKDOWN, SEVERITIES, WRITTEN
from kojudge.audit.texts import load_sources
from kojudge.korean.degrade import PROGRAMS, apply

TABLE = """
particle_allomorph  lower  -
mixed_levels        lower  -
translationese      lower  -
spaces_removed      lower  -
spaces_added        lower  -
vowel_noise         lower  -
final_damage        lower  -
foreign_script      lower  -
sentence_loop       lower  -
phrase_loop         lower  -
cut_off             lower  -
sentence_shuffle    lower  -
stiff               same   lower
cold                -      lower
paraphrase          same   same
cliche              same   same
verbose             same   same
markdown            same   same
"""
"""kind, naturalness, friendliness: the table of the certificate."""
ROWS = [line.split() for line in TABLE.split("\n") if line]


@pytest.fixture
def source(write):
    return load_sources(write(lines_of()))[0]


@pytest.mark.parametrize(("kind", "naturalness", "friendliness"), ROWS, ids=[r[0] for r in ROWS])
def test_a_kind_claims_what_the_table_says(kind, naturalness, friendliness):
    assert DIRECTIONS["naturalness"].get(kind, "-") == naturalness
    assert DIRECTIONS["friendliness"].get(kind, "-") == friendliness


def test_the_table_is_complete():
    kinds = {kind for claims in DIRECTIONS.values() for kind in claims}
    assert kinds == {row[0] for row in ROWS}
    assert kinds == {*WRITTEN, *SEVERITIES}
    assert {*SEVERITIES} - {MARKDOWN} <= {*PROGRAMS}
    assert kinds <= {*LABELS}


def test_every_kind_of_the_table_gives_an_item_of_ordinary_prose(source):
    built = build(source)
    made = {(item.kind, item.criterion): item.direction for item in built.items}
    assert made == {(k, c): d for c, claims in DIRECTIONS.items() for k, d in claims.items()}
    assert built.skipped == ()
    assert all(item.text != ORIGINAL for item in built.items)


def test_a_program_says_where_it_changed_the_original(source):
    items = [item for item in build(source).items if item.kind not in WRITTEN]
    assert all(item.changes for item in items)
    assert all(apply(ORIGINAL, item.changes) == item.text for item in items)


def test_the_same_source_gives_the_same_items_and_another_id_others(source):
    other = dataclasses.replace(source, source_id="blog-02")
    assert build(source) == build(source)
    noise = [
        next(i.text for i in build(s).items if i.kind == "vowel_noise") for s in (source, other)
    ]
    assert noise[0] != noise[1]


def test_one_criterion_alone_asks_only_for_its_kinds(source):
    built = build(source, ["friendliness"])
    assert {item.kind for item in built.items} == {*DIRECTIONS["friendliness"]}
    assert {attack.criterion for attack in built.attacks} == {"friendliness"}


def test_what_changed_nothing_gives_no_item_and_is_counted(source):
    short = dataclasses.replace(source, original="응!", rewrites={"stiff": "네."})
    built = build_all([short, short])
    assert {item.kind for item in built.items} == {"stiff", *_kinds_that_change("응!")}
    counts = skipped_counts(built.skipped)
    assert counts["particle_allomorph"] == counts[MARKDOWN] == counts["translationese"] == 2
    reasons = {skip.kind: skip.reason for skip in built.skipped}
    assert reasons["cold"] == "missing"
    assert reasons["cut_off"] == "unchanged"
    assert not [a for a in built.attacks if a.criterion == "friendliness"], "no carrier, no attack"


def _kinds_that_change(text):
    import numpy as np

    return {
        kind
        for kind, severity in SEVERITIES.items()
        if kind in PROGRAMS and PROGRAMS[kind](text, severity, np.random.default_rng(0)).changes
    }


def test_each_criterion_has_one_attack_of_each_family_in_its_carrier(source):
    built = build(source)
    texts = {(item.criterion, item.kind): item.text for item in built.items}
    for criterion, carrier in CARRIERS.items():
        own = [attack for attack in built.attacks if attack.criterion == criterion]
        assert [attack.name.split("-")[0] for attack in own] == list(attacks.FAMILIES)
        for attack in own:
            assert attack.carrier == carrier
            assert apply(texts[criterion, carrier], [attack.change]) == attack.text


def test_carriers_are_degraded_texts():
    assert all(DIRECTIONS[criterion][kind] == "lower" for criterion, kind in CARRIERS.items())


def test_all_attacks_and_places_come_up_among_sixty_sources(source):
    asked = [
        attack
        for at in range(60)
        for attack in build(dataclasses.replace(source, source_id=f"s{at}"), ["friendliness"]).attacks
    ]  # fmt: skip
    assert {a.name for a in asked} == {a.name for a in attacks.ATTACKS}
    assert {a.place for a in asked} == {*attacks.PLACES}


def test_every_family_has_a_korean_and_an_english_attack():
    pairs = {(attack.family, attack.language) for attack in attacks.ATTACKS}
    assert pairs == {(family, lang) for family in attacks.FAMILIES for lang in ("ko", "en")}


@pytest.mark.parametrize("place", attacks.PLACES)
@pytest.mark.parametrize("carrier", ["하나 둘 셋 넷", "띄어쓰기없는글", ""])
def test_an_attack_stands_where_it_should_and_the_carrier_stays_whole(carrier, place):
    attack = attacks.ATTACKS[0]
    text = attacks.put(carrier, attack, place).text
    before, after = text.split(attack.text)
    assert "".join((before + after).split()) == "".join(carrier.split())
    if carrier:
        assert bool(before.strip()) == (place != "prepended")
        assert bool(after.strip()) == (place != "appended")
