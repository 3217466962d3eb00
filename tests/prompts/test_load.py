"""Reading prompt files: sets, the mini set, and mistakes told with file, line and field."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kojudge.errors import ConfigError, InputError
from kojudge.prompts import Split, for_tuning, load_prompts
from kojudge.records import Message

Line = dict[str, Any]


def line(name: str = "a-1", **changes: Any) -> Line:
    request = [{"role": "user", "content": f"{name}에 대해 써 줘."}]
    return {"id": name, "category": "mail", "messages": request} | changes


def write(folder: Path, *lines: Line | str, name: str = "mail") -> Path:
    texts = [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines]
    (folder / f"{name}.jsonl").write_text("\n".join(texts) + "\n", encoding="utf-8")
    return folder


def turns(*roles: str) -> list[dict[str, str]]:
    return [{"role": role, "content": f"{role}의 말"} for role in roles]


def test_a_line_becomes_a_prompt(tmp_path: Path) -> None:
    about = {
        "topic": "안부", "audience": "친구", "tone": "반말", "length": "짧게",
        "constraints": ["이모지 없이"], "language": "en", "friendly": False, "holdout": True,
    }  # fmt: skip
    messages = turns("system", "user", "assistant", "user")
    (prompt,) = load_prompts(write(tmp_path, line(messages=messages, **about)), ["mail"])
    assert prompt.name == "a-1"
    assert prompt.messages[0] == Message("system", "system의 말")
    assert (prompt.request, len(prompt.history)) == ("user의 말", 3)
    assert (prompt.topic, prompt.audience, prompt.tone, prompt.length) == (
        "안부", "친구", "반말", "짧게",
    )  # fmt: skip
    assert (prompt.constraints, prompt.language, prompt.friendly) == (("이모지 없이",), "en", False)


def test_what_a_line_leaves_out_has_a_plain_value(tmp_path: Path) -> None:
    (prompt,) = load_prompts(write(tmp_path, line()), ["mail"])
    assert (prompt.language, prompt.friendly, prompt.constraints, prompt.topic) == (
        "ko", None, (), "",
    )  # fmt: skip


def test_sets_come_in_the_order_they_are_named_and_lines_in_that_of_the_file(
    tmp_path: Path,
) -> None:
    write(tmp_path, line("m-2"), line("m-1"))
    write(tmp_path, line("a-1"), name="another")
    names = [prompt.name for prompt in load_prompts(tmp_path, ["mail", "another"])]
    assert names == ["m-2", "m-1", "a-1"]


def test_mini_keeps_the_lines_marked_so(tmp_path: Path) -> None:
    write(tmp_path, line("a"), line("b", mini=True), line("c", mini=False))
    assert [prompt.name for prompt in load_prompts(tmp_path, ["mail"], mini=True)] == ["b"]
    assert len(load_prompts(tmp_path, ["mail"])) == 3


@pytest.mark.parametrize(
    ("split", "names"), [("all", ["a", "b"]), ("tuning", ["a"]), ("holdout", ["b"])]
)
def test_a_split_is_one_side_of_the_holdout(tmp_path: Path, split: Split, names: list[str]) -> None:
    write(tmp_path, line("a"), line("b", holdout=True))
    found = load_prompts(tmp_path, ["mail"], split=split)
    assert [prompt.name for prompt in found] == names


def test_the_mark_of_the_holdout_is_no_part_of_what_is_asked(tmp_path: Path) -> None:
    (shown,) = load_prompts(write(tmp_path, line()), ["mail"])
    (held,) = load_prompts(write(tmp_path, line(holdout=True)), ["mail"])
    assert shown.prompt_id == held.prompt_id
    assert (shown.holdout, held.holdout) == (False, True)


def test_tuning_reads_what_is_not_held_out_and_refuses_where_nothing_is_left(
    tmp_path: Path,
) -> None:
    prompts = load_prompts(write(tmp_path, line("a"), line("b", holdout=True)), ["mail"])
    assert [prompt.name for prompt in for_tuning(prompts)] == ["a"]
    assert for_tuning([]) == []
    with pytest.raises(ConfigError, match="held out"):
        for_tuning(prompts[1:])


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf%s\n%s\n",
        b"%s\r\n%s\r\n",
        b"\n%s\n\n  \n%s",
    ],
    ids=["byte order mark", "CRLF", "blank lines"],
)
def test_files_of_every_editor_are_read(tmp_path: Path, content: bytes) -> None:
    lines = tuple(json.dumps(line(name), ensure_ascii=False).encode() for name in ("a", "b"))
    (tmp_path / "mail.jsonl").write_bytes(content % lines)
    assert [prompt.name for prompt in load_prompts(tmp_path, ["mail"])] == ["a", "b"]


def test_a_line_separator_inside_a_string_does_not_end_the_line(tmp_path: Path) -> None:
    text = "첫 줄\u2028둘째 줄\u0085셋째"
    messages = [{"role": "user", "content": text}]
    write(tmp_path, line(messages=messages), line("a-2"))
    assert load_prompts(tmp_path, ["mail"])[0].request == text


class TestMistakes:
    @pytest.mark.parametrize(
        ("wrong", "field", "why"),
        [
            ('{"id": "x", ', "json", "not JSON"),
            ("[]", "json", "must be names with values"),
            (line("x") | {"id": ""}, "id", "must not be empty"),
            (line("x") | {"category": ""}, "category", "must not be empty"),
            (line("x") | {"id": 3}, "id", "must be text"),
            (line("x", messages=[]), "messages", "has too few entries"),
            (line("x", messages="써 줘"), "messages", "must be a list"),
            (line("x", messages=turns("assistant")), "messages", "end with user"),
            (line("x", messages=turns("user", "assistant")), "messages", "end with user"),
            (line("x", messages=turns("user", "user")), "messages", "must alternate"),
            (line("x", messages=turns("system")), "messages", "end with user"),
            (line("x", messages=turns("system", "user", "system", "user")), "messages",
             "must alternate"),
            (line("x", messages=turns("user", "assistant", "system", "user")), "messages",
             "a system message may only come first"),
            (line("x", messages=[{"role": "bot", "content": "가"}]), "messages.0.role",
             "must be one of 'system', 'user', 'assistant'"),
            (line("x", messages=[{"role": "user", "content": ""}]), "messages.0.content",
             "must not be empty"),
            (line("x", messages=[{"role": "user", "text": "가"}]), "messages.0.content",
             "is required and missing"),
            (line("x", friendly="아마"), "friendly", "must be true or false"),
            (line("x", tpoic="안부"), "tpoic", "is not a known entry"),
            (line("a-1", category="other"), "id", "mail.jsonl:1 (a-1)"),
            (line("other", messages=line("a-1")["messages"]), "messages", "mail.jsonl:1 (other)"),
        ],
    )  # fmt: skip
    def test_they_are_told_with_file_line_and_field(
        self, tmp_path: Path, wrong: Line | str, field: str, why: str
    ) -> None:
        write(tmp_path, line("a-1"), wrong)
        with pytest.raises(InputError) as caught:
            load_prompts(tmp_path, ["mail"])
        place = f"{tmp_path / 'mail.jsonl'}:2"
        assert caught.value.message.en.startswith(f"{place}: field '{field}': ")
        assert why in caught.value.message.en
        assert caught.value.message.ko.startswith(f"{place}: '{field}' 항목: ")
        assert caught.value.hint is not None

    def test_repeats_are_found_across_sets(self, tmp_path: Path) -> None:
        write(tmp_path, line("same"))
        write(tmp_path, line("same", category="other"), name="other")
        with pytest.raises(
            InputError, match=r"other\.jsonl:1: field 'id': repeats .*mail\.jsonl:1"
        ):
            load_prompts(tmp_path, ["mail", "other"])

    def test_a_misspelt_key_is_met_with_the_nearest(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="Did you mean: audience"):
            load_prompts(write(tmp_path, line(audiense="친구")), ["mail"])

    def test_an_unknown_set_is_met_with_the_nearest(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"No prompt set 'mial'.*Did you mean: mail"):
            load_prompts(write(tmp_path, line()), ["mial"])

    @pytest.mark.parametrize("mini", [True, False])
    def test_no_prompt_at_all_is_an_error(self, tmp_path: Path, mini: bool) -> None:
        write(tmp_path, *([line()] if mini else []))
        with pytest.raises(ConfigError, match="lines that fit mini and split"):
            load_prompts(tmp_path, ["mail"], mini=mini)


@settings(deadline=None)
@given(st.text(min_size=1), st.text())
def test_every_request_there_can_be_is_kept_to_the_letter(request: str, tone: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        messages = [{"role": "user", "content": request}]
        content = json.dumps(line(messages=messages, tone=tone))
        (Path(folder) / "mail.jsonl").write_text(content, encoding="utf-8")
        (prompt,) = load_prompts(Path(folder), ["mail"])
    assert (prompt.request, prompt.tone) == (request, tone)
