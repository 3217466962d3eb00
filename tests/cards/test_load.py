from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.cards import (
    CandidateCard,
    JudgeCard,
    candidate_identity,
    judge_identity,
    load_candidate,
    load_candidates,
    load_judges,
    to_spec,
)
from kojudge.errors import ConfigError, InputError
from kojudge.records import ModelSpec

from .conftest import a_card

Write = Callable[[str, str], Path]

SHA = "a" * 64
WHEEL = {"package": "p", "version": "1", "filename": "p.whl", "sha256": SHA}
WHEELS = {
    "gguf_sha256": SHA,
    "gguf_bytes": 10,
    "gguf_quantization": "Q4_K_M",
    "member": "*",
    "wheels": [WHEEL],
}


def test_cards_come_by_name_in_alphabetical_order(folder: Path, write: Write) -> None:
    for name in ("b", "a", "c"):
        write(name, f"name: {name}\nsource: {{hub: x/y}}\n")
    write(".draft", "not a card")
    (folder / "README.md").write_text("about cards", encoding="utf-8")
    assert list(load_candidates(folder)) == ["a", "b", "c"]


def test_a_card_is_named_after_its_file(folder: Path, write: Write) -> None:
    path = write("gemma", "source: {hub: x/y}\nname: gema\n")
    with pytest.raises(InputError) as caught:
        load_candidate(folder, "gemma")
    assert caught.value.message.en.startswith(f"{path}:2: ")
    assert "gema.yaml" in str(caught.value.hint)


def test_an_unknown_name_brings_the_nearest(folder: Path, write: Write) -> None:
    write("gemma-2-2b-it", "name: gemma-2-2b-it\nsource: {hub: x/y}\n")
    with pytest.raises(ConfigError, match=r"no card `gemma-2b-it`.*Did you mean: gemma-2-2b-it"):
        load_candidate(folder, "gemma-2b-it")


def test_one_card_loads_beside_a_broken_one(folder: Path, write: Write) -> None:
    write("broken", "name: [\n")
    write("good", "name: good\nsource: {hub: x/y}\n")
    assert load_candidate(folder, "good").name == "good"


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no card folder"):
        load_candidates(tmp_path / "none")


def test_another_extension_is_not_passed_over(folder: Path) -> None:
    (folder / "a.yml").write_text("name: a", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"end in \.yaml"):
        load_candidates(folder)


def test_a_spec_carries_what_an_engine_needs() -> None:
    card = a_card(
        format="completion",
        completion_template="{{ request }}",
        stop=["\n\n", "끝"],
        dtype="float32",
        trust_remote_code=True,
    )
    assert to_spec(card, Path("/weights")) == ModelSpec(
        name="model",
        path="/weights",
        format="completion",
        completion_template="{{ request }}",
        stop=("\n\n", "끝"),
        dtype="float32",
        trust_remote_code=True,
    )


COMPLETION = {"format": "completion", "completion_template": "{{ request }}"}

DECIDES = [
    ({}, {"source": {"hub": "org/other"}}),
    ({}, {"source": {"hub": "org/model", "revision": "abc"}}),
    ({}, {"source": {"hub": "org/model", "gguf": "q4.gguf"}}),
    ({}, {"source": {"path": "/models/a"}}),
    ({"source": {"path": "/models/a"}}, {"source": {"path": "/models/b"}}),
    ({}, {"source": {"hub": "org/model", "wheels": WHEELS}}),
    (
        {"source": {"wheels": WHEELS}},
        {"source": {"wheels": {**WHEELS, "gguf_sha256": "b" * 64}}},
    ),
    (
        {"source": {"wheels": WHEELS}},
        {"source": {"wheels": {**WHEELS, "gguf_quantization": "Q8_0"}}},
    ),
    ({}, {"dtype": "float32"}),
    ({}, {"chat_template": "{{ messages }}"}),
    ({}, COMPLETION),
    (COMPLETION, {**COMPLETION, "completion_template": "글: {{ request }}"}),
    ({}, {"system": "merge"}),
    ({}, {"stop": ["끝"]}),
    ({"stop": ["가", "나"]}, {"stop": ["가나"]}),
    ({}, {"thinking": "strip"}),
    ({}, {"sampling": {"temperature": 0.7}}),
    ({}, {"sampling": {"top_p": 0.9}}),
    ({}, {"sampling": {"max_tokens": 64}}),
    ({}, {"sampling": {"repetition_penalty": 1.1}}),
    ({}, {"adapter": {"path": "/adapters/step-100"}}),
    (
        {"adapter": {"path": "/adapters/step-100"}},
        {"adapter": {"path": "/adapters/step-200"}},
    ),
]


@pytest.mark.parametrize(("before", "after"), DECIDES)
def test_what_decides_a_text_changes_the_identity(
    before: dict[str, object], after: dict[str, object]
) -> None:
    one = candidate_identity(a_card(**before), "transformers")
    other = candidate_identity(a_card(**after), "transformers")
    assert one != other


def test_the_engine_changes_the_identity() -> None:
    assert candidate_identity(a_card(), "vllm") != candidate_identity(a_card(), "transformers")


@pytest.mark.parametrize(
    ("engine", "fields"),
    [
        ("vllm", {"vllm": {"quantization": "fp8"}}),
        ("openai", {"server": {"extra": {"top_k": 20}}}),
    ],
)
def test_what_an_engine_is_told_decides_there_and_nowhere_else(
    engine: str, fields: dict[str, object]
) -> None:
    told = a_card(**fields)
    assert candidate_identity(told, engine) != candidate_identity(a_card(), engine)
    assert candidate_identity(told, "transformers") == candidate_identity(a_card(), "transformers")


@pytest.mark.parametrize(
    ("engine", "fields"),
    [
        ("vllm", {"vllm": {"tensor_parallel_size": 2, "gpu_memory_utilization": 0.8}}),
        ("openai", {"server": {"url": "http://127.0.0.1:9/v1", "concurrency": 2}}),
    ],
)
def test_where_a_model_runs_and_how_fast_decides_nothing(
    engine: str, fields: dict[str, object]
) -> None:
    placed = candidate_identity(a_card(**fields), engine)
    assert placed == candidate_identity(a_card(), engine)


DESCRIBES = [
    ({}, {"name": "renamed"}),
    ({}, {"license": "mit"}),
    ({}, {"parameters": 7}),
    ({}, {"kv": {"layers": 1, "heads": 1, "head_dim": 1}}),
    ({}, {"context": 2048}),
    ({}, {"trust_remote_code": True}),
    ({}, {"family": "gemma"}),
    ({}, {"notes": "좋다"}),
    ({}, {"leaderboard": {"Average": 1}}),
    ({}, {"verified": "2026"}),
    ({}, {"unverified": "형식"}),
    (
        {"chat_template": "{{ messages }}"},
        {"chat_template": "{{ messages }}", "differs": "날짜를 뺀다"},
    ),
    ({}, {"engine": "vllm"}),
    ({}, {"vllm": {"quantization": "fp8"}}),  # of an engine that does not run here
    ({}, {"server": {"url": "http://127.0.0.1:9/v1"}}),
    ({}, {"sampling": {"temperature": 0.8}}),
    (
        {"source": {"hub": "a/b", "wheels": WHEELS}},
        {"source": {"wheels": {**WHEELS, "wheels": [WHEEL, WHEEL], "member": "x"}}},
    ),
]


@pytest.mark.parametrize(("before", "after"), DESCRIBES)
def test_what_only_describes_a_model_does_not(
    before: dict[str, object], after: dict[str, object]
) -> None:
    one = candidate_identity(a_card(**before), "transformers")
    other = candidate_identity(a_card(**after), "transformers")
    assert one == other


def test_every_entry_is_known_to_decide_or_to_describe() -> None:
    tried = {key for _, after in DECIDES + DESCRIBES for key in after}
    assert tried == set(CandidateCard.model_fields)


def a_judge(**fields: object) -> JudgeCard:
    return JudgeCard.model_validate({"name": "j", "source": {"hub": "org/model"}, **fields})


@pytest.mark.parametrize("fields", [{"mass_floor": 0.6}, {"dtype": "float32"}, {"stop": ["끝"]}])
def test_what_decides_a_judgment_changes_the_judge(fields: dict[str, object]) -> None:
    one = judge_identity(a_judge(), "vllm", "expected")
    assert judge_identity(a_judge(**fields), "vllm", "expected") != one


@pytest.mark.parametrize("fields", [{"needs": "GPU"}, {"family": "q"}, {"name": "k"}])
def test_what_only_describes_a_judge_does_not(fields: dict[str, object]) -> None:
    one = judge_identity(a_judge(), "vllm", "expected")
    assert judge_identity(a_judge(**fields), "vllm", "expected") == one


def test_a_judges_method_and_engine_count() -> None:
    ids = {
        judge_identity(a_judge(), engine, method)
        for engine in ("vllm", "transformers")
        for method in ("expected", "argmax")
    }
    assert len(ids) == 4


def test_a_candidate_and_a_judge_of_one_model_differ() -> None:
    assert candidate_identity(a_card(), "vllm") != judge_identity(a_judge(), "vllm", "expected")


REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("card", load_candidates(REPOSITORY / "candidates").values())
def test_a_shipped_candidate_is_described(card: CandidateCard) -> None:
    assert card.license
    assert card.family
    assert card.parameters
    assert card.kv
    assert card.context
    assert card.notes
    pinned = card.source.revision or card.source.wheels
    assert pinned or "리비전" in card.unverified


@pytest.mark.parametrize("card", load_judges(REPOSITORY / "judge").values())
def test_a_shipped_judge_says_what_it_needs(card: JudgeCard) -> None:
    assert card.license
    assert card.parameters
    assert card.needs
    assert card.notes


def test_the_baseline_merges_the_system_turn() -> None:
    # Gemma 2's template refuses a system turn.
    card = load_candidate(REPOSITORY / "candidates", "gemma-2-2b-it")
    assert card.system == "merge"


def test_the_base_model_is_shown_the_whole_conversation() -> None:
    from jinja2 import Environment

    from kojudge.records import Message

    card = load_candidate(REPOSITORY / "candidates", "gemma-3-270m")
    turns = [
        Message("system", "짧게 써 주세요."),
        Message("user", "바다 이야기를 써 줘."),
        Message("assistant", "바다는 넓다."),
        Message("user", "더 길게."),
    ]
    template = Environment(autoescape=False).from_string(str(card.completion_template))
    text = template.render(messages=turns, request="더 길게.")
    assert text.endswith(
        "(끝)\n\n짧게 써 주세요.\n\n주제: 바다 이야기를 써 줘.\n글: 바다는 넓다.\n(끝)\n\n"
        "주제: 더 길게.\n글:"
    )


def test_the_base_model_stops_where_its_examples_end() -> None:
    card = load_candidate(REPOSITORY / "candidates", "gemma-3-270m")
    examples = str(card.completion_template).split("{%", maxsplit=1)[0]
    assert examples.count("글: ") == examples.count(card.stop[0])
