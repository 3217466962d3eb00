from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kojudge.cards import load_candidate, load_judge
from kojudge.errors import InputError
from kojudge.records import Sampling

HUB = "name: model\nsource: {hub: org/model}\n"
SHA = "a" * 64
WHEELS = f"""\
name: model
source:
  wheels:
    gguf_sha256: {SHA}
    gguf_bytes: 10
    gguf_quantization: Q4_K_M
    member: "*/data/*"
    wheels:
      - {{package: one, version: "1.0", filename: one-1.0-py3-none-any.whl, sha256: {SHA}}}
"""
NO_WHEELS = WHEELS[: WHEELS.rindex("wheels:")] + "wheels: []\n"


def test_a_name_and_a_source_are_enough(folder: Path, write: Callable[[str, str], Path]) -> None:
    write("model", HUB)
    card = load_candidate(folder, "model")
    assert (card.format, card.system, card.dtype, card.engine) == (
        "chat",
        "native",
        "bfloat16",
        None,
    )
    assert card.sampling.to_record() == Sampling(0.8, 0.95, 512, 1.0)


def test_a_judge_runs_on_the_runs_engine_and_has_a_mass_floor(
    folder: Path, write: Callable[[str, str], Path]
) -> None:
    write("model", HUB)
    card = load_judge(folder, "model")
    assert (card.engine, card.mass_floor, card.needs) == (None, 0.5, "")


@pytest.mark.parametrize("value", ["off", "strip"])
def test_thinking_is_a_word_and_not_a_boolean(
    folder: Path, write: Callable[[str, str], Path], value: str
) -> None:
    write("model", f"{HUB}thinking: {value}\n")
    assert load_candidate(folder, "model").thinking == value


@pytest.mark.parametrize(
    "text",
    [
        WHEELS,
        "name: model\nsource: {path: fake}\nengine: fake\n",
        'name: model\nsource: {path: "fake:warm"}\nengine: fake\n',
        "name: model\nsource: {hub: org/model, gguf: sub/model-q8.gguf}\n",
        HUB + "format: completion\ncompletion_template: '{{ request }}'\n",
        HUB + "leaderboard: {Average: 30.61, Ko-EQ Bench: 0}\n",
    ],
)
def test_good_cards_load(folder: Path, write: Callable[[str, str], Path], text: str) -> None:
    write("model", text)
    assert load_candidate(folder, "model").name == "model"


TABLE = [
    # what is written                                  line  what the message says
    (HUB + "smapling: {top_p: 1}\n", 3, "`smapling` is not an entry"),
    (HUB + "sampling:\n  temprature: 1\n", 4, "`sampling.temprature` is not an entry"),
    ("name: model\nsource: {hbu: org/model}\n", 2, "`source.hbu` is not an entry"),
    ("name: model\n", 1, "`source` is required and missing"),
    ("name: model\nsorce: {hub: a/b}\n", 2, "`sorce` is not an entry"),
    (NO_WHEELS, 3, "lists no wheels"),
    ("name: model\nsource: {}\n", 2, "needs at least one of hub, path, wheels"),
    ("name: model\nsource: {path: a, gguf: b.gguf}\n", 2, "hub is needed too"),
    ("name: model\nsource: {hub: a/b, gguf: b.bin}\n", 2, "`source.gguf` must look like"),
    ("name: model\nsource: {hub: a b}\n", 2, "`source.hub` must look like"),
    ("name: model\nsource: org/model\n", 2, "`source` must be 'name: value' entries"),
    ("name: ../model\nsource: {hub: a/b}\n", 1, "`name` must look like"),
    (HUB + "format: prompt\n", 3, "`format` must be one of 'chat', 'completion': 'prompt'"),
    (HUB + "thinking: false\n", 3, "`thinking` must be one of 'off', 'strip': False"),
    (HUB + "dtype: int4\n", 3, "`dtype` must be one of"),
    (HUB + "engine: gpt\n", 3, "`engine` must be one of"),
    (HUB + "format: completion\n", 1, "needs a completion_template"),
    (HUB + "differs: 날짜를 뺀다\n", 1, "differs is only for a card with a chat_template"),
    (HUB + "completion_template: '{{ request }}'\n", 1, "is not used by format: chat"),
    (
        HUB + "format: completion\ncompletion_template: '{{ request'\n",
        1,
        "Jinja error on its line 1",
    ),
    (
        HUB + "format: completion\ncompletion_template: '{{ topic }} {{ request }}'\n",
        1,
        "unknown: topic",
    ),
    (HUB + "format: completion\ncompletion_template: 써 줘\n", 1, "must use one of them"),
    (HUB + "sampling: {temperature: hot}\n", 3, "`sampling.temperature` must be a number"),
    (HUB + "sampling: {temperature: -1}\n", 3, "must be at least 0"),
    (HUB + "sampling: {top_p: 0}\n", 3, "must be more than 0"),
    (HUB + "sampling: {top_p: 1.5}\n", 3, "must be at most 1"),
    (HUB + "sampling: {max_tokens: 2.5}\n", 3, "must be a whole number"),
    (HUB + "stop: 끝\n", 3, "`stop` must be a list"),
    (HUB + "stop: [끝, '']\n", 3, "`stop[1]` must not be empty"),
    (HUB + "notes: 12\n", 3, "must be text (quote it"),
    (HUB + "kv: {layers: 4, heads: 2}\n", 3, "`kv.head_dim` is required"),
    (HUB + "leaderboard: {Average: high}\n", 3, "`leaderboard.Average` must be a number"),
    (HUB + "trust_remote_code: maybe\n", 3, "must be true or false"),
    (WHEELS.replace('"1.0"', "1.0"), 9, "wheels[0].version` must be text"),
    (WHEELS.replace(SHA, "abc", 1), 4, "`source.wheels.gguf_sha256` must look like"),
    (WHEELS.replace("filename: one", "filename: ../one"), 9, "filename` must look like"),
    (WHEELS.replace("package: one", "package: --index"), 9, "package` must look like"),
    (WHEELS.replace("package:", "packge:"), 9, "`source.wheels.wheels[0].packge` is not"),
]


@pytest.mark.parametrize(("text", "line", "says"), TABLE)
def test_a_wrong_card_is_told_with_file_line_and_entry(
    folder: Path, write: Callable[[str, str], Path], text: str, line: int, says: str
) -> None:
    path = write("model", text)
    with pytest.raises(InputError) as caught:
        load_candidate(folder, "model")
    message = caught.value.message
    assert message.en.startswith(f"{path}:{line}: ")
    assert message.ko.startswith(f"{path}:{line}: ")
    assert says in message.en
    assert message.ko != message.en


@pytest.mark.parametrize(
    ("text", "suggests"),
    [
        (HUB + "smapling: {}\n", "sampling"),
        (HUB + "sampling: {temprature: 1}\n", "temperature"),
        ("name: model\nsource: {hub: a/b, revison: x}\n", "revision"),
        (WHEELS.replace("package:", "packge:"), "package"),
    ],
)
def test_an_unknown_entry_comes_with_the_nearest_one(
    folder: Path, write: Callable[[str, str], Path], text: str, suggests: str
) -> None:
    write("model", text)
    with pytest.raises(InputError) as caught:
        load_candidate(folder, "model")
    assert caught.value.hint is not None
    assert suggests in caught.value.hint.en.removeprefix("Did you mean: ").rstrip("?").split(", ")


def test_the_first_wrong_line_of_the_file_is_told(
    folder: Path, write: Callable[[str, str], Path]
) -> None:
    write("model", HUB + "stop: 끝\ndtype: int4\n")
    with pytest.raises(InputError, match=r":3: `stop`"):
        load_candidate(folder, "model")


def test_a_judge_may_not_have_a_mass_floor_above_one(
    folder: Path, write: Callable[[str, str], Path]
) -> None:
    write("model", HUB + "mass_floor: 50\n")
    with pytest.raises(InputError, match="must be at most 1"):
        load_judge(folder, "model")


def test_a_candidate_has_no_mass_floor(folder: Path, write: Callable[[str, str], Path]) -> None:
    write("model", HUB + "mass_floor: 0.5\n")
    with pytest.raises(InputError, match="`mass_floor` is not an entry"):
        load_candidate(folder, "model")
