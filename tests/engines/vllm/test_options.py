"""A card's ``vllm`` section becomes the arguments of ``vllm.LLM``, or one clear error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kojudge.engines.vllm.options import llm_arguments, lora_rank
from kojudge.errors import ConfigError, UnavailableError
from kojudge.records import ModelSpec

KNOWN = {
    "model", "dtype", "enforce_eager", "gpu_memory_utilization", "max_model_len", "max_num_seqs",
    "kv_cache_memory_bytes", "quantization", "tensor_parallel_size", "data_parallel_size",
    "enable_prefix_caching", "max_lora_rank", "logprobs_mode",
}  # fmt: skip


def arguments(
    *,
    cpu: bool = False,
    environment: dict[str, str] | None = None,
    adapter: str | None = None,
    **options: Any,
) -> dict[str, Any]:
    spec = ModelSpec("m", "/models/m", dtype="float16", options=options, adapter=adapter)
    return llm_arguments(spec, KNOWN, cpu=cpu, environment=environment or {})


def test_what_a_card_says_nothing_of() -> None:
    assert arguments() == {
        "model": "/models/m",
        "dtype": "float16",
        "trust_remote_code": False,
        "logprobs_mode": "raw_logprobs",
        "enable_prefix_caching": True,
        "use_tqdm_on_load": False,
    }


def test_options_go_through_as_they_are() -> None:
    given = {"tensor_parallel_size": 2, "quantization": "awq", "gpu_memory_utilization": 0.8}
    assert arguments(**given).items() >= given.items()
    assert arguments(enable_prefix_caching=False)["enable_prefix_caching"] is False


def test_remote_code_runs_only_where_the_card_allows_it() -> None:
    spec = ModelSpec("m", "/models/m", trust_remote_code=True)
    assert llm_arguments(spec, KNOWN, cpu=False, environment={})["trust_remote_code"] is True
    with pytest.raises(ConfigError, match="cannot set 'trust_remote_code'"):
        arguments(trust_remote_code=True)


def test_an_unknown_option_is_named_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigError, match="does not know: max_model_length") as caught:
        arguments(max_model_length=4096)
    assert "max_model_len" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["model", "dtype", "tokenizer", "logprobs_mode", "enable_lora"])
def test_what_the_card_says_elsewhere_is_not_an_option(name: str) -> None:
    with pytest.raises(ConfigError, match=f"cannot set '{name}'"):
        arguments(**{name: "x"})


def test_data_parallel_points_to_ray() -> None:
    with pytest.raises(ConfigError, match="data_parallel_size=2") as caught:
        arguments(data_parallel_size=2)
    assert "--engine ray --workers N" in str(caught.value.hint)
    assert arguments(data_parallel_size=1)["data_parallel_size"] == 1


class TestOnACpu:
    def test_cache_and_batch_are_bounded(self) -> None:
        given = arguments(cpu=True)
        assert (given["kv_cache_memory_bytes"], given["max_num_seqs"]) == (4 * 2**30, 32)
        assert given["block_size"] == 32

    def test_what_the_card_says_wins(self) -> None:
        given = arguments(cpu=True, gpu_memory_utilization=0.5, max_num_seqs=8)
        assert "kv_cache_memory_bytes" not in given
        assert (given["gpu_memory_utilization"], given["max_num_seqs"]) == (0.5, 8)

    def test_what_the_environment_says_wins(self) -> None:
        given = arguments(cpu=True, environment={"VLLM_CPU_KVCACHE_SPACE": "2"})
        assert "kv_cache_memory_bytes" not in given


class TestAdapter:
    @pytest.mark.parametrize(
        ("config", "room"),
        [
            ({"r": 1}, 1),
            ({"r": 4}, 8),
            ({"r": 64}, 64),
            ({"r": 8, "rank_pattern": {"q_proj": 20}}, 32),
            ({"r": 8, "rank_pattern": None}, 8),
        ],
    )
    def test_room_for_its_rank(self, tmp_path: Path, config: dict[str, Any], room: int) -> None:
        (tmp_path / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
        assert lora_rank(ModelSpec("m", "p"), tmp_path) == room
        given = arguments(adapter=str(tmp_path))
        assert (given["enable_lora"], given["max_lora_rank"]) == (True, room)

    @pytest.mark.parametrize("content", [None, "{", "{}", '{"r": "many"}', '{"r": 4096}', "[]"])
    def test_a_configuration_that_says_no_rank(self, tmp_path: Path, content: str | None) -> None:
        if content is not None:
            (tmp_path / "adapter_config.json").write_text(content, encoding="utf-8")
        with pytest.raises(UnavailableError, match=r"adapter_config\.json of 'm' cannot be used"):
            lora_rank(ModelSpec("m", "p"), tmp_path)
