"""A head card: where its head is, what it may not say, what makes it another judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from kojudge.cards import JudgeCard, judge_identity, load_judge, to_spec, weights_of
from kojudge.errors import ConfigError, InputError
from kojudge.workspace.head_files import HEAD_JSON, HEAD_TENSORS

BODY = "engine: head\nsource: {hub: a/b}\nhead: {path: heads/h}\n"


def write(folder: Path, name: str = "h", body: str = BODY) -> JudgeCard:
    (folder / f"{name}.yaml").write_text(f"name: {name}\n{body}", encoding="utf-8")
    return load_judge(folder, name)


def put_head(folder: Path, layer: int = 1, numbers: bytes = b"1", facts: str = "{}") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    told = f'{{"layer": {layer}, "name": "x", "facts": {facts}, "safetensors_sha256": "0"}}'
    (folder / HEAD_JSON).write_text(told, encoding="utf-8")
    (folder / HEAD_TENSORS).write_bytes(numbers)


def test_its_path_is_relative_to_the_card(tmp_path: Path) -> None:
    card = write(tmp_path)
    assert card.head is not None
    assert card.head.folder == tmp_path / "heads" / "h"
    assert to_spec(card, "/model").head == str(tmp_path / "heads" / "h")
    assert card.model_dump(exclude_defaults=True)["head"] == {"path": "heads/h"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("engine: head\nsource: {hub: a/b}\n", "go together"),
        ("source: {hub: a/b}\nhead: {path: heads/h}\n", "go together"),
        ("engine: vllm\nsource: {hub: a/b}\nhead: {path: heads/h}\n", "go together"),
        (BODY + "rationale: after\n", "rationale is not for engine: head"),
        (BODY + "calibration: content_free\n", "calibration is not for engine: head"),
        (BODY.replace("path:", "paht:"), "not an entry of a card"),
        (BODY.replace("heads/h", "''"), "must not be empty"),
    ],
)
def test_what_no_head_card_may_say(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        write(tmp_path, body=body)


def test_the_head_is_part_of_the_judges_identity(tmp_path: Path) -> None:
    put_head(tmp_path / "heads" / "h")
    first = judge_identity(write(tmp_path), "head", "expected")
    put_head(tmp_path / "heads" / "h", facts='{"teacher": "t"}')
    assert judge_identity(write(tmp_path), "head", "expected") == first
    for change in ({"layer": 2}, {"numbers": b"2"}):
        put_head(tmp_path / "heads" / "h", **change)  # type: ignore[arg-type]
        assert judge_identity(write(tmp_path), "head", "expected") != first


def test_a_moved_head_is_the_same_judge(tmp_path: Path) -> None:
    for place in ("heads/h", "elsewhere"):
        put_head(tmp_path / place)
    moved = BODY.replace("heads/h", "elsewhere")
    assert judge_identity(write(tmp_path), "head", "m") == judge_identity(
        write(tmp_path, body=moved), "head", "m"
    )


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_head_that_is_no_head_says_where_it_should_be(tmp_path: Path, content: str) -> None:
    put_head(tmp_path / "heads" / "h")
    (tmp_path / "heads" / "h" / HEAD_JSON).write_text(content, encoding="utf-8")
    with pytest.raises(Exception, match="cannot be read from"):
        judge_identity(write(tmp_path), "head", "m")


class TestWeights:
    def test_a_name_stands_for_hub_weights(self, tmp_path: Path) -> None:
        named = weights_of(write(tmp_path))
        assert (named["hub"], "revision" in named) == ("a/b", False)

    def test_a_local_path_is_no_name(self, tmp_path: Path) -> None:
        local = write(tmp_path, body=BODY.replace("hub: a/b", "path: /m, hub: a/b"))
        assert set(weights_of(local)) == {"format"}

    def test_the_chat_format_is_told_apart(self, tmp_path: Path) -> None:
        merged = write(tmp_path, "m", BODY + "system: merge\n")
        assert weights_of(merged) != weights_of(write(tmp_path))


def test_two_cards_of_one_head_are_one_judge(tmp_path: Path) -> None:
    from kojudge.selection.asked import _refuse_twins

    put_head(tmp_path / "heads" / "h")
    ids = {n: judge_identity(write(tmp_path, n), "head", "m") for n in ("one", "two")}
    with pytest.raises(ConfigError, match="are one model"):
        _refuse_twins(ids)
