"""Start vLLM on a local directory, and stop it so that nothing stays behind."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from multiprocessing import connection
from pathlib import Path
from threading import Thread
from typing import Any

from kojudge.engines.local.loading import end_ids, turn_end
from kojudge.engines.vllm.options import llm_arguments
from kojudge.engines.vllm.watch import Watch
from kojudge.errors import UnavailableError, said
from kojudge.records import ModelSpec

_QUIET = {
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_LOGGING_STREAM": "ext://sys.stderr",  # stdout belongs to --json
    "VLLM_NO_USAGE_STATS": "1",
    # What kojudge has imported by then runs threads, and a forked copy of those can hang.
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
}
"""Environment that vLLM reads; what the user has set stays."""
_GRACE = 30.0
"""Seconds that vLLM's processes have to end by themselves."""


@dataclass(frozen=True, slots=True)
class Running:
    """VLLM, the processes it started, and who ends them if this process is killed."""

    llm: Any
    children: tuple[Any, ...]
    watch: Watch

    def stop(self) -> None:
        """End vLLM's processes and free its memory."""
        self.llm.llm_engine.engine_core.shutdown(timeout=_GRACE)
        _await_end(self.children)
        self.watch.end()


@dataclass(frozen=True, slots=True)
class Started:
    """A model ready to run in vLLM.

    ``context`` is the longest input plus output in tokens, ``end_ids`` end a text,
    ``turn_end`` ends an answer. ``adapter`` goes with every request.
    """

    running: Running
    tokenizer: Any
    context: int
    end_ids: frozenset[int]
    turn_end: int
    adapter: Any


def start(spec: ModelSpec) -> Started:
    """Load ``spec.path`` into vLLM.

    Raises:
        ConfigError: the card's ``vllm`` section is wrong.
        UnavailableError: vLLM is not installed, or the weights or the memory are not there.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    try:
        from transformers import AutoTokenizer
        from vllm import EngineArgs
        from vllm.platforms import current_platform
    except (ImportError, OSError, RuntimeError) as error:  # torch extensions of another build
        raise _not_installed(error) from error
    if not Path(spec.path).is_dir():
        raise _cannot_load(spec, "no such directory")
    known = {field.name for field in fields(EngineArgs)}
    cpu = bool(current_platform.is_cpu())
    arguments = llm_arguments(spec, known, cpu=cpu, environment=os.environ)
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            spec.path, trust_remote_code=spec.trust_remote_code
        )
        ends = end_ids(_configured_ends(spec), tokenizer, spec.stop)
        running = _launch(arguments)
        adapter = _add_adapter(spec, running)
    except Exception as error:  # what a broken file or too little memory raises is up to vLLM
        raise _cannot_load(spec, str(error) or type(error).__name__) from error
    context = int(running.llm.model_config.max_model_len)
    return Started(running, tokenizer, context, frozenset(ends), turn_end(tokenizer, ends), adapter)


def _launch(arguments: Mapping[str, Any]) -> Running:
    from vllm import LLM

    before = set(multiprocessing.active_children())
    watch = Watch()
    try:
        llm = LLM(**arguments)
    except BaseException:  # vLLM has told its processes to end, an interrupt included
        _await_end(tuple(set(multiprocessing.active_children()) - before))
        watch.end()
        raise
    watch.loaded()
    children = tuple(set(multiprocessing.active_children()) - before)
    outputs = getattr(llm.llm_engine.engine_core, "outputs_queue", None)
    if children and outputs is not None:
        Thread(target=_tell_of_death, args=(outputs, children), daemon=True).start()
    return Running(llm, children, watch)


def _tell_of_death(outputs: Any, children: Sequence[Any]) -> None:
    """Wake whoever waits for vLLM's outputs when its process is gone.

    vLLM 0.32 notices that its engine process was killed (by the system, short of memory), but
    leaves the caller waiting for ever. Nobody waits where the end was asked for.
    """
    connection.wait([child.sentinel for child in children])
    outputs.put_nowait(RuntimeError("vLLM's engine process has ended"))


def _await_end(children: Sequence[Any]) -> None:
    """Wait for ``children`` to end; end those that do not."""
    for child in children:
        child.join(_GRACE)
        if child.is_alive():
            child.kill()
            child.join()


def _configured_ends(spec: ModelSpec) -> int | list[int] | None:
    """Return the ends that the model's generation config names."""
    from transformers import AutoConfig, GenerationConfig

    if (Path(spec.path) / "generation_config.json").is_file():
        configured = GenerationConfig.from_pretrained(spec.path)
    else:
        config = AutoConfig.from_pretrained(spec.path, trust_remote_code=spec.trust_remote_code)
        configured = GenerationConfig.from_model_config(config)
    ends: int | list[int] | None = configured.eos_token_id
    return ends


def _add_adapter(spec: ModelSpec, running: Running) -> Any:
    """Hand the LoRA weights to vLLM now, so that a wrong file is found before any request."""
    if spec.adapter is None:
        return None
    from vllm.lora.request import LoRARequest

    adapter = LoRARequest(spec.name, 1, spec.adapter)
    try:
        running.llm.llm_engine.add_lora(adapter)
    except BaseException:
        running.stop()
        raise
    return adapter


def _not_installed(error: Exception) -> UnavailableError:
    return UnavailableError(
        said(f"vllm 엔진에 필요한 패키지를 불러올 수 없습니다: {error}",
             f"The vllm engine needs a package that cannot be imported: {error}."),
        said('GPU에서는 `pip install "kojudge[vllm]"`, CPU에서는 docs/vllm.md를 따라 설치하세요.',
             'Install it: pip install "kojudge[vllm]" for a GPU; for a CPU follow docs/vllm.md.'),
    )  # fmt: skip


def _cannot_load(spec: ModelSpec, why: str) -> UnavailableError:
    return UnavailableError(
        said(f"vLLM이 모델 '{spec.name}'을(를) {spec.path}에서 불러오지 못했습니다: {why}",
             f"vLLM cannot load model '{spec.name}' from {spec.path}: {why}"),
        said("자세한 원인은 위의 vLLM 기록에 있습니다. 메모리가 모자라면 카드의 vllm 항목에서"
             " max_model_len이나 gpu_memory_utilization을 줄이세요.",
             "vLLM's own messages above say more. Where memory is short, lower max_model_len or"
             " gpu_memory_utilization in the card's vllm section."),
    )  # fmt: skip
