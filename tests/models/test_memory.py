"""How much memory a model takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kojudge.cards import CandidateCard
from kojudge.models.memory import (
    OVERHEAD,
    RUNTIME,
    bare_bytes,
    file_bytes,
    footprint,
    gpu_bytes,
    kv_bytes_per_token,
    weight_bytes,
    windowed,
    working_bytes,
)

# The VRAM table the project began from, in GB: parameters → FP16, INT8, INT4.
TABLE = {
    7e9: (14, 7, 4),
    13e9: (27, 14, 7),
    33e9: (68, 34, 17),
    65e9: (135, 68, 34),
}
SIZES = st.integers(1, 10**13)


@pytest.mark.parametrize("parameters", sorted(TABLE))
def test_the_known_table_is_met_within_a_gigabyte(parameters: float) -> None:
    for precision, known in zip(("fp16", "int8", "int4"), TABLE[parameters], strict=True):
        assert bare_bytes(int(parameters), precision) / 1e9 == pytest.approx(known, abs=1.0)


def card(**changes: object) -> CandidateCard:
    fields = {
        "name": "m",
        "source": {"hub": "a/b"},
        "parameters": 2_614_341_888,
        "kv": {"layers": 26, "heads": 4, "head_dim": 256},
    }
    return CandidateCard.model_validate(fields | changes)


class TestWeights:
    def test_sixteen_bits_are_two_bytes_a_parameter_and_thirty_two_are_four(self) -> None:
        assert file_bytes(10**9, "fp16") == 2e9
        assert file_bytes(10**9, "fp32") == 4e9
        assert weight_bytes(10**9, "fp16") == bare_bytes(10**9, "fp16") == 2e9 * OVERHEAD

    def test_a_quantised_file_is_larger_than_the_rule_says(self) -> None:
        """Qwen2.5-7B-Instruct-AWQ has 5.57 GB (5.79 loaded), where the rule says 3.96."""
        parameters = 7_615_616_512
        assert bare_bytes(parameters, "int4") / 1e9 == pytest.approx(3.96, abs=0.01)
        assert file_bytes(parameters, "int4") / 1e9 == pytest.approx(5.57, rel=0.02)

    @given(SIZES)
    def test_fewer_bits_never_need_more(self, parameters: int) -> None:
        sizes = [weight_bytes(parameters, p) for p in ("int4", "int8", "fp16", "fp32")]
        assert sizes == sorted(sizes)
        assert sizes[0] >= bare_bytes(parameters, "int4")
        assert sizes[1] >= bare_bytes(parameters, "int8")

    @given(SIZES, SIZES, st.sampled_from(["fp32", "fp16", "int8", "int4"]))
    def test_more_parameters_never_need_less(self, one: int, other: int, precision: str) -> None:
        small, large = sorted((one, other))
        assert weight_bytes(small, precision) <= weight_bytes(large, precision)


class TestCache:
    def test_a_token_is_two_vectors_a_head_a_layer_at_two_bytes(self) -> None:
        assert kv_bytes_per_token(card()) == 2 * 26 * 4 * 256 * 2
        assert kv_bytes_per_token(card(kv=None)) is None

    def test_families_with_windowed_layers_are_pointed_out(self) -> None:
        assert windowed(card(family="gemma-3"))
        assert not windowed(card(family="qwen2.5"))
        assert footprint(card(family="exaone-4"), "judge", 1, None).kv_at_most


class TestFootprint:
    @pytest.mark.parametrize(
        ("gigabytes", "fits"),
        [
            (5, {"fp32": False, "fp16": False, "int8": False, "int4": True}),
            (6, {"fp32": False, "fp16": False, "int8": True, "int4": True}),
            (8, {"fp32": False, "fp16": True, "int8": True, "int4": True}),
            (14, {"fp32": True, "fp16": True, "int8": True, "int4": True}),
        ],
    )
    def test_a_model_fits_where_all_it_needs_does(
        self, gigabytes: int, fits: dict[str, bool]
    ) -> None:
        """2.4 to 10.9 GB of weights, 0.9 of cache, 0.7 of working memory, 1 of the runtime."""
        need = footprint(card(), "candidate", tokens=8192, memory=gigabytes * 1e9)
        assert need.fits == fits

    def test_the_parts_are_weights_cache_work_and_runtime(self) -> None:
        need = footprint(card(), "candidate", 100, None)
        parts = (need.weights["int8"], need.kv_cache or 0, need.working or 0, RUNTIME)
        assert gpu_bytes(card(), "int8", 100) == pytest.approx(sum(parts))
        assert need.working == working_bytes(2_614_341_888, 100)

    def test_without_a_size_or_a_memory_nothing_is_claimed(self) -> None:
        assert footprint(card(parameters=None), "judge", 10, 8e9).weights == {}
        assert footprint(card(parameters=None), "judge", 10, 8e9).fits == {}
        assert set(footprint(card(), "judge", 10, None).fits.values()) == {None}

    def test_without_a_cache_shape_it_only_says_what_cannot_fit(self) -> None:
        need = footprint(card(kv=None), "judge", 10, 6e9)
        assert need.kv_cache is None
        assert need.fits == {"fp32": False, "fp16": False, "int8": None, "int4": None}
        assert gpu_bytes(card(kv=None), "fp16", 10) is None

    @given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 16))
    def test_more_tokens_never_need_less(self, one: int, other: int, gpus: int) -> None:
        small, large = sorted((one, other))
        least, most = (gpu_bytes(card(), "fp16", n, gpus) for n in (small, large))
        assert least is not None
        assert most is not None
        assert least <= most

    @given(st.integers(1, 64), st.integers(1, 10**6))
    def test_another_gpu_never_makes_one_need_more(self, gpus: int, tokens: int) -> None:
        alone, beside = (gpu_bytes(card(), "int4", tokens, n) for n in (gpus, gpus + 1))
        assert alone is not None
        assert beside is not None
        assert beside <= alone

    def test_more_gpus_than_heads_share_no_more_cache(self) -> None:
        without = [gpu_bytes(card(), "fp16", 0, n) or 0 for n in (4, 8)]
        with_cache = [gpu_bytes(card(), "fp16", 10**5, n) or 0 for n in (4, 8)]
        added = [full - empty for full, empty in zip(with_cache, without, strict=True)]
        assert added[0] == pytest.approx(added[1])
