"""How much memory a model takes."""

from __future__ import annotations

import pytest

from kojudge.cards import CandidateCard
from kojudge.models.memory import footprint, kv_bytes_per_token, weight_bytes

# The VRAM table the project began from, in GB: parameters → FP16, INT8, INT4.
TABLE = {
    7e9: (14, 7, 4),
    13e9: (27, 14, 7),
    33e9: (68, 34, 17),
    65e9: (135, 68, 34),
}


@pytest.mark.parametrize("parameters", sorted(TABLE))
def test_the_known_table_is_met_within_a_gigabyte(parameters: float) -> None:
    for precision, known in zip(("fp16", "int8", "int4"), TABLE[parameters], strict=True):
        assert weight_bytes(int(parameters), precision) / 1e9 == pytest.approx(known, abs=1.0)


def card(**changes: object) -> CandidateCard:
    fields = {
        "name": "m",
        "source": {"hub": "a/b"},
        "parameters": 2_614_341_888,
        "kv": {"layers": 26, "heads": 4, "head_dim": 256},
    }
    return CandidateCard.model_validate(fields | changes)


def test_a_token_of_cache_is_two_vectors_a_head_a_layer_at_two_bytes() -> None:
    assert kv_bytes_per_token(card()) == 2 * 26 * 4 * 256 * 2
    assert kv_bytes_per_token(card(kv=None)) is None


@pytest.mark.parametrize(
    ("gigabytes", "fits"),
    [
        (3, {"fp16": False, "int8": False, "int4": True}),
        (8, {"fp16": True, "int8": True, "int4": True}),
    ],
)
def test_a_model_fits_where_weights_and_cache_do(gigabytes: int, fits: dict[str, bool]) -> None:
    need = footprint(card(), "candidate", tokens=8192, memory=gigabytes * 1e9)
    assert need.fits == fits


def test_without_a_size_or_a_memory_nothing_is_claimed() -> None:
    assert footprint(card(parameters=None), "judge", 10, 8e9).weights == {}
    assert set(footprint(card(), "judge", 10, None).fits.values()) == {None}
