"""All of a file comes in, or nothing of it; what is wrong is named by file, line and field."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kojudge.errors import InputError, StoreError
from kojudge.records import Scored, Unscored, identity
from kojudge.store import importing, parts
from kojudge.store.interchange import ImportCount, import_judgments, import_labels, import_texts
from kojudge.store.run import Run

from .builders import (
    LABEL_LINE,
    PAIRWISE_LINE,
    POINTWISE_LINE,
    TEXT_LINE,
    Line,
    full_disk,
    judgment,
    text,
    without,
    write_lines,
)

IMPORTS: dict[str, Callable[[Run, Path], ImportCount]] = {
    "texts": import_texts,
    "judgments": import_judgments,
    "labels": import_labels,
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run.open(tmp_path / "run", create=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lines.jsonl"


def contents(run: Run) -> dict[str, list[str]]:
    """Every file of the run but the lock files."""
    found = {kind: run.directory.child(kind).names() for kind in IMPORTS}
    found["run"] = [name for name in run.directory.names() if not name.endswith(".lock")]
    return found


class TestTexts:
    def test_a_line_becomes_an_imported_text(self, run: Run, file: Path) -> None:
        assert import_texts(run, write_lines(file, [TEXT_LINE])) == ImportCount(1, 0)
        (found,) = run.texts()
        assert found == text(
            identity(["imported-text", "81", "gemma", 0, 1, [], "제주 바람은 짰다."]),
            prompt_id="81",
            prompt="제주 여행기를 써 줘",
            text="제주 바람은 짰다.",
            candidate_id="imported:gemma",
            origin="imported",
        )

    def test_turn_and_history_come_along(self, run: Run, file: Path) -> None:
        history = [
            {"role": "user", "content": "제주 여행기를 써 줘"},
            {"role": "assistant", "content": "제주 바람은 짰다.", "name": "gemma"},
        ]
        import_texts(run, write_lines(file, [TEXT_LINE | {"turn": 2, "history": history}]))
        (found,) = run.texts()
        assert (found.turn, json.loads(found.history)) == (2, history)

    def test_unknown_fields_are_kept(self, run: Run, file: Path) -> None:
        extra = {"url": None, "장르": ["수필", {"n": 1.5}], "model_config": True}
        import_texts(run, write_lines(file, [TEXT_LINE | extra]))
        (found,) = run.texts()
        assert json.loads(found.extra) == extra

    def test_an_empty_text_is_a_text(self, run: Run, file: Path) -> None:
        import_texts(run, write_lines(file, [TEXT_LINE | {"text": ""}]))
        assert [(item.text, item.status) for item in run.texts()] == [("", "ok")]

    def test_a_text_the_run_wrote_itself_is_repeated(self, run: Run, file: Path) -> None:
        run.append_texts([text(prompt_id="81", prompt=TEXT_LINE["prompt"], text=TEXT_LINE["text"])])
        assert import_texts(run, write_lines(file, [TEXT_LINE])) == ImportCount(0, 1)

    def test_a_text_the_run_failed_to_write_may_be_brought(self, run: Run, file: Path) -> None:
        run.append_texts([text(prompt_id="81", text="", status="failed")])
        assert import_texts(run, write_lines(file, [TEXT_LINE])) == ImportCount(1, 0)


class TestJudgments:
    def test_a_score_keeps_its_scale(self, run: Run, file: Path) -> None:
        import_judgments(run, write_lines(file, [POINTWISE_LINE | {"scale": [0, 10]}]))
        (found,) = run.judgments()
        assert found.outcome == Scored(4.0, "imported")
        assert found.scale == (0.0, 10.0)
        assert (found.origin, found.judge, found.category) == ("imported", "external", "all")

    @pytest.mark.parametrize(
        ("preference", "method"),
        [(0, "vote"), (0.5, "vote"), (1, "vote"), (0.75, "imported"), (0.01, "imported")],
    )
    def test_a_preference_is_a_vote_or_a_probability(
        self, run: Run, file: Path, preference: float, method: str
    ) -> None:
        import_judgments(run, write_lines(file, [PAIRWISE_LINE | {"preference": preference}]))
        (found,) = run.judgments()
        assert found.outcome == Scored(preference, method)
        assert (found.baseline, found.order, found.scale) == ("base", "AB", (0.0, 1.0))

    @pytest.mark.parametrize(
        "line", [POINTWISE_LINE | {"score": None}, PAIRWISE_LINE | {"preference": None}]
    )
    def test_no_number_with_a_reason_is_a_judgment(self, run: Run, file: Path, line: Line) -> None:
        import_judgments(run, write_lines(file, [line | {"reason": "답이 없음"}]))
        (found,) = run.judgments()
        assert found.outcome == Unscored("답이 없음", final=True)

    def test_one_file_may_mix_modes_orders_rubrics_turns_and_repeats(
        self, run: Run, file: Path
    ) -> None:
        lines = [
            POINTWISE_LINE,
            POINTWISE_LINE | {"rubric": "strict"},
            POINTWISE_LINE | {"turn": 2},
            POINTWISE_LINE | {"repeat": 1},
            PAIRWISE_LINE,
            PAIRWISE_LINE | {"order": "BA"},
            PAIRWISE_LINE | {"baseline": "other"},
        ]
        assert import_judgments(run, write_lines(file, lines)) == ImportCount(7, 0)
        assert len({item.judgment_id for item in run.judgments()}) == 7

    def test_without_texts_they_point_at_absent_ones(self, run: Run, file: Path) -> None:
        import_judgments(run, write_lines(file, [PAIRWISE_LINE]))
        (found,) = run.judgments()
        assert found.text_id == identity(["absent-text", "81", "gemma", 0, 1])
        assert found.baseline_text_id == identity(["absent-text", "81", "base", 0, 1])

    def test_the_texts_of_the_run_are_linked(self, run: Run, file: Path) -> None:
        texts = [TEXT_LINE, TEXT_LINE | {"candidate": "base", "text": "다른 글"}]
        import_texts(run, write_lines(file, texts))
        ids = {item.candidate: item.text_id for item in run.texts()}
        import_judgments(run, write_lines(file, [PAIRWISE_LINE, PAIRWISE_LINE | {"turn": 2}]))
        first, second = run.judgments()
        assert (first.text_id, first.baseline_text_id) == (ids["gemma"], ids["base"])
        assert second.text_id == identity(["absent-text", "81", "gemma", 0, 2])

    def test_the_only_text_the_run_wrote_is_linked_and_one_of_several_is_not(
        self, run: Run, file: Path
    ) -> None:
        run.append_texts(
            [text("t1", prompt_id="81"),
             text("old", prompt_id="82"), text("new", prompt_id="82")]
        )  # fmt: skip
        lines = [POINTWISE_LINE, POINTWISE_LINE | {"prompt_id": "82"}]
        import_judgments(run, write_lines(file, lines))
        found = {item.prompt_id: item.text_id for item in run.judgments()}
        assert found == {"81": "t1", "82": identity(["absent-text", "82", "gemma", 0, 1])}

    def test_category_is_the_lines_then_the_texts_then_all(self, run: Run, file: Path) -> None:
        run.append_texts([text(prompt_id="81", category="poem")])
        lines = [
            POINTWISE_LINE | {"category": "blog", "repeat": 1},
            POINTWISE_LINE | {"category": None, "repeat": 2},
            POINTWISE_LINE | {"candidate": "nobody here", "repeat": 3},
            POINTWISE_LINE | {"prompt_id": "other", "repeat": 4},
        ]
        import_judgments(run, write_lines(file, lines))
        found = {item.repeat: item.category for item in run.judgments()}
        assert found == {1: "blog", 2: "poem", 3: "poem", 4: "all"}

    def test_a_remark_on_a_score_is_kept(self, run: Run, file: Path) -> None:
        line = POINTWISE_LINE | {"rationale": "말맛이 좋다", "reason": "조사", "분류": 3}
        import_judgments(run, write_lines(file, [line]))
        (found,) = run.judgments()
        assert found.rationale == "말맛이 좋다"
        assert json.loads(found.extra) == {"reason": "조사", "분류": 3}


class TestLabels:
    def test_scores_and_preferences_come_in(self, run: Run, file: Path) -> None:
        pair = without(LABEL_LINE, "score") | {
            "preference": 0.5,
            "baseline": "base",
            "약력": "편집자",
        }
        assert import_labels(run, write_lines(file, [LABEL_LINE, pair])) == ImportCount(2, 0)
        first, second = run.labels().labels
        assert (first.score, first.preference, first.category) == (4.0, None, None)
        assert (second.preference, second.baseline) == (0.5, "base")
        assert second.extra == {"약력": "편집자"}

    def test_turns_are_rated_apart(self, run: Run, file: Path) -> None:
        lines = [LABEL_LINE, LABEL_LINE | {"turn": 2, "score": 1}]
        assert import_labels(run, write_lines(file, lines)) == ImportCount(2, 0)
        assert [item.score for item in run.labels().labels] == [4.0, 1.0]


LINES = {"texts": TEXT_LINE, "judgments": POINTWISE_LINE, "labels": LABEL_LINE}


class TestRepeats:
    @pytest.mark.parametrize("kind", IMPORTS)
    def test_the_same_file_twice_adds_nothing(self, run: Run, file: Path, kind: str) -> None:
        write_lines(file, [LINES[kind] | {"sample": number} for number in range(5)])
        assert IMPORTS[kind](run, file) == ImportCount(5, 0)
        before = contents(run)
        assert IMPORTS[kind](run, file) == ImportCount(0, 5)
        assert contents(run) == before

    @pytest.mark.parametrize("kind", IMPORTS)
    def test_a_line_that_stands_twice_comes_in_once(self, run: Run, file: Path, kind: str) -> None:
        line = LINES[kind]
        reordered = dict(reversed(line.items()))
        assert IMPORTS[kind](run, write_lines(file, [line, line, reordered])) == ImportCount(1, 2)

    @pytest.mark.parametrize("kind", IMPORTS)
    def test_what_is_new_comes_in_beside_what_is_there(
        self, run: Run, file: Path, kind: str
    ) -> None:
        line = LINES[kind]
        IMPORTS[kind](run, write_lines(file, [line]))
        more = write_lines(file, [line, line | {"sample": 1}])
        assert IMPORTS[kind](run, more) == ImportCount(1, 1)

    def test_judgments_stay_repeated_once_their_texts_are_there(
        self, run: Run, file: Path, tmp_path: Path
    ) -> None:
        import_judgments(run, write_lines(file, [POINTWISE_LINE]))
        import_texts(run, write_lines(tmp_path / "texts.jsonl", [TEXT_LINE]))
        assert import_judgments(run, file) == ImportCount(0, 1)

    def test_a_judgment_the_run_made_itself_is_repeated(self, run: Run, file: Path) -> None:
        run.append_judgments([judgment(outcome=Scored(4.0, "expected", 0.9))])
        line = POINTWISE_LINE | {"prompt_id": "p1", "judge": "qwen", "rubric": "naturalness"}
        assert import_judgments(run, write_lines(file, [line])) == ImportCount(0, 1)

    @pytest.mark.parametrize("lines", [7, 3])
    def test_repeats_are_seen_across_staged_chunks(
        self, run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, lines: int
    ) -> None:
        monkeypatch.setattr(importing, "_CHUNK_LINES", 3)
        written = [TEXT_LINE | {"sample": number} for number in range(lines)]
        write_lines(file, [*written, written[0]])
        assert import_texts(run, file) == ImportCount(lines, 1)
        assert [item.sample for item in run.texts()] == list(range(lines))
        assert len(parts.list_parts(run.directory.child("texts"))) == 1


class TestContradictions:
    CASES = (
        ("texts", TEXT_LINE, {"text": "딴 글"}, "prompt_id, candidate, sample, turn"),
        ("texts", TEXT_LINE, {"category": "poem"}, "prompt_id, candidate, sample, turn"),
        ("texts", TEXT_LINE, {"note": 1}, "prompt_id, candidate, sample, turn"),
        ("judgments", POINTWISE_LINE, {"score": 2}, "criterion, rubric, judge"),
        ("judgments", POINTWISE_LINE, {"scale": [0, 5]}, "criterion, rubric, judge"),
        ("judgments", POINTWISE_LINE, {"score": None, "reason": "?"}, "criterion, rubric, judge"),
        ("judgments", PAIRWISE_LINE, {"preference": 0}, "baseline, order, repeat"),
        ("labels", LABEL_LINE, {"score": 2}, "rater, prompt_id, candidate"),
    )

    @pytest.mark.parametrize(("kind", "line", "change", "key"), CASES)
    def test_two_lines_that_contradict_are_both_named(
        self, run: Run, file: Path, kind: str, line: Line, change: Line, key: str
    ) -> None:
        other = line | {"sample": 9}
        write_lines(file, [other, line, other, line | change])
        before = contents(run)
        with pytest.raises(InputError) as caught:
            IMPORTS[kind](run, file)
        message = caught.value.message
        assert message.en.startswith(f"{file}:4:")
        assert "as line 2," in message.en
        assert key in message.en
        assert message.ko.startswith(f"{file}:4:")
        assert "2번째 줄" in message.ko
        assert contents(run) == before

    @pytest.mark.parametrize(("kind", "line", "change", "key"), CASES)
    def test_a_line_that_contradicts_the_run_is_named(
        self, run: Run, file: Path, kind: str, line: Line, change: Line, key: str
    ) -> None:
        IMPORTS[kind](run, write_lines(file, [line]))
        before = contents(run)
        with pytest.raises(InputError, match="already holds other content") as caught:
            IMPORTS[kind](run, write_lines(file, [line | {"sample": 9}, line | change]))
        assert caught.value.message.ko.startswith(f"{file}:2:")
        assert run.path in caught.value.message.ko
        assert contents(run) == before


DEEP = "[" * 100_000
WRONG_LINES: tuple[tuple[str, Line | str | bytes, str, str, str], ...] = (
    # kind, line, field, what is said in English, and in Korean
    ("texts", without(TEXT_LINE, "prompt_id"), ":prompt_id", "is required", "있어야 하는 필드"),
    ("texts", without(TEXT_LINE, "category"), ":category", "is required", "있어야 하는 필드"),
    ("texts", without(TEXT_LINE, "prompt"), ":prompt", "is required", "있어야 하는 필드"),
    ("texts", without(TEXT_LINE, "candidate"), ":candidate", "is required", "있어야 하는 필드"),
    ("texts", without(TEXT_LINE, "sample"), ":sample", "is required", "있어야 하는 필드"),
    ("texts", without(TEXT_LINE, "text"), ":text", "is required", "있어야 하는 필드"),
    ("texts", TEXT_LINE | {"prompt_id": 81}, ":prompt_id", "a string. (given: 81)", "문자열"),
    ("texts", TEXT_LINE | {"prompt_id": ""}, ":prompt_id", "must not be empty", "빈 문자열"),
    ("texts", TEXT_LINE | {"category": None}, ":category", "a string. (given: null)", "문자열"),
    ("texts", TEXT_LINE | {"sample": "0"}, ":sample", 'an integer. (given: "0")', "정수"),
    ("texts", TEXT_LINE | {"sample": 0.0}, ":sample", "an integer", "정수"),
    ("texts", TEXT_LINE | {"sample": True}, ":sample", "an integer", "정수"),
    ("texts", TEXT_LINE | {"sample": -1}, ":sample", "at least 0", "0 이상"),
    ("texts", TEXT_LINE | {"sample": 2**31}, ":sample", "at most 2147483647", "이하"),
    ("texts", TEXT_LINE | {"turn": 0}, ":turn", "at least 1", "1 이상"),
    ("texts", TEXT_LINE | {"text": None}, ":text", "a string", "문자열"),
    ("texts", TEXT_LINE | {"history": "안녕"}, ":history", "a list", "목록"),
    ("texts", TEXT_LINE | {"history": ["안녕"]}, ":history.0", "an object", "JSON 객체"),
    ("texts", TEXT_LINE | {"history": [{"role": "user"}]}, ":history.0.content", "required", "필드"),
    (
        "texts", TEXT_LINE | {"history": [{"role": "bot", "content": ""}]}, ":history.0.role",
        "must be 'system', 'user' or 'assistant'", "'system', 'user', 'assistant' 가운데 하나",
    ),
    ("texts", TEXT_LINE | {"note": [{"n": float("nan")}]}, ":note.0.n", "finite", "유한한"),
    ("judgments", without(POINTWISE_LINE, "judge"), ":judge", "is required", "있어야 하는 필드"),
    ("judgments", without(POINTWISE_LINE, "criterion"), ":criterion", "is required", "필드"),
    ("judgments", without(POINTWISE_LINE, "mode"), ":mode", "is required", "있어야 하는 필드"),
    ("judgments", without(POINTWISE_LINE, "score"), ":score", "with mode pointwise", "pointwise이면"),
    ("judgments", without(POINTWISE_LINE, "scale"), ":scale", "with mode pointwise", "pointwise이면"),
    (
        "judgments", POINTWISE_LINE | {"mode": "both"}, ":mode",
        "must be 'pointwise' or 'pairwise'", "'pointwise', 'pairwise' 가운데 하나",
    ),
    ("judgments", POINTWISE_LINE | {"score": "4"}, ":score", "a number", "숫자"),
    ("judgments", POINTWISE_LINE | {"score": True}, ":score", "a number", "숫자"),
    ("judgments", POINTWISE_LINE | {"score": float("nan")}, ":score", "finite number", "유한한"),
    ("judgments", POINTWISE_LINE | {"score": 10**400}, ":score", "a number", "숫자"),
    ("judgments", POINTWISE_LINE | {"score": 5.01}, ":score", "outside the scale 1–5", "벗어난"),
    ("judgments", POINTWISE_LINE | {"score": 0.99}, ":score", "outside the scale 1–5", "벗어난"),
    ("judgments", POINTWISE_LINE | {"score": None}, ":reason", "required where", "까닭"),
    (
        "judgments", POINTWISE_LINE | {"score": None, "reason": ""}, ":reason",
        "required where", "까닭",
    ),
    ("judgments", POINTWISE_LINE | {"scale": [5, 1]}, ":scale", "below its highest", "작아야"),
    ("judgments", POINTWISE_LINE | {"scale": [4, 4]}, ":scale", "below its highest", "작아야"),
    ("judgments", POINTWISE_LINE | {"scale": [1]}, ":scale", "two numbers", "두 숫자"),
    ("judgments", POINTWISE_LINE | {"scale": [1, 5, 9]}, ":scale", "too many", "너무 많습니다"),
    ("judgments", POINTWISE_LINE | {"scale": None}, ":scale", "two numbers", "두 숫자"),
    ("judgments", POINTWISE_LINE | {"scale": "1-5"}, ":scale", "a list", "목록"),
    ("judgments", POINTWISE_LINE | {"scale": [1, float("inf")]}, ":scale.1", "finite", "유한한"),
    ("judgments", POINTWISE_LINE | {"preference": 1}, ":preference", "does not go", "둘 수 없는"),
    ("judgments", without(PAIRWISE_LINE, "baseline"), ":baseline", "mode pairwise", "pairwise이면"),
    ("judgments", without(PAIRWISE_LINE, "order"), ":order", "mode pairwise", "pairwise이면"),
    ("judgments", without(PAIRWISE_LINE, "preference"), ":preference", "pairwise", "pairwise이면"),
    ("judgments", PAIRWISE_LINE | {"order": "A"}, ":order", "'AB' or 'BA'", "'AB', 'BA' 가운데"),
    ("judgments", PAIRWISE_LINE | {"order": None}, ":order", "must not be null", "null일 수"),
    ("judgments", PAIRWISE_LINE | {"baseline": None}, ":baseline", "not be null", "null일 수"),
    ("judgments", PAIRWISE_LINE | {"preference": 1.5}, ":preference", "at most 1", "1 이하"),
    ("judgments", PAIRWISE_LINE | {"preference": -0.1}, ":preference", "at least 0", "0 이상"),
    ("judgments", PAIRWISE_LINE | {"preference": "win"}, ":preference", "a number", "숫자"),
    ("judgments", PAIRWISE_LINE | {"preference": None}, ":reason", "required where", "까닭"),
    ("judgments", PAIRWISE_LINE | {"score": 3}, ":score", "does not go", "둘 수 없는"),
    ("labels", without(LABEL_LINE, "rater"), ":rater", "is required", "있어야 하는 필드"),
    ("labels", LABEL_LINE | {"rater": ""}, ":rater", "must not be empty", "빈 문자열"),
    ("labels", without(LABEL_LINE, "score"), ":score", "or preference is required", "하나는"),
    ("labels", LABEL_LINE | {"preference": 1}, ":preference", "together with score", "함께"),
    ("labels", LABEL_LINE | {"score": float("inf")}, ":score", "finite", "유한한"),
    (
        "labels", without(LABEL_LINE, "score") | {"preference": 2}, ":preference",
        "at most 1", "1 이하",
    ),
    ("texts", "{", "", "not JSON", "JSON이 아닙니다"),
    ("texts", "prompt_id,text", "", "not JSON", "JSON이 아닙니다"),
    ("texts", '{"prompt_id": "1"} {"prompt_id": "2"}', "", "not JSON", "JSON이 아닙니다"),
    ("texts", DEEP, "", "not JSON", "JSON이 아닙니다"),
    ("texts", "[1, 2]", "", "not a JSON object (list)", "JSON 객체가 아닙니다"),
    ("texts", '"글"', "", "not a JSON object (str)", "JSON 객체가 아닙니다"),
    ("texts", '{"text": "a", "text": "b"}', ":text", "stands there twice", "두 번"),
    ("texts", b'{"text": "\xb0\xa1"}', "", "byte 11 of the line is not UTF-8", "11번째 바이트"),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "wrong", "field", "english", "korean"), WRONG_LINES)
def test_a_wrong_line_is_named_and_nothing_comes_in(
    run: Run,
    file: Path,
    kind: str,
    wrong: Line | str | bytes,
    field: str,
    english: str,
    korean: str,
) -> None:
    good = json.dumps(LINES[kind] | {"sample": 7})
    line = json.dumps(wrong) if isinstance(wrong, dict) else wrong
    content = line if isinstance(line, bytes) else line.encode()
    file.write_bytes(good.encode() + b"\n\n" + content + b"\n" + good.encode())
    before = contents(run)
    with pytest.raises(InputError) as caught:
        IMPORTS[kind](run, file)
    message = caught.value.message
    assert message.en.startswith(f"{file}:3{field}: ")
    assert message.ko.startswith(f"{file}:3{field}: ")
    assert english in message.en
    assert korean in message.ko
    assert caught.value.hint is not None
    assert contents(run) == before


class TestFiles:
    @pytest.mark.parametrize("content", [b"", b"\n \r\n\n", b"\xef\xbb\xbf"])
    @pytest.mark.parametrize("kind", IMPORTS)
    def test_an_empty_file_is_an_error(
        self, run: Run, file: Path, kind: str, content: bytes
    ) -> None:
        file.write_bytes(content)
        with pytest.raises(InputError, match="the file is empty"):
            IMPORTS[kind](run, file)

    def test_a_byte_order_mark_crlf_and_blank_lines_are_taken(self, run: Run, file: Path) -> None:
        lines = [
            json.dumps(TEXT_LINE | {"sample": number}, ensure_ascii=False) for number in (0, 1)
        ]
        file.write_bytes(("\ufeff" + "\r\n\r\n".join(lines)).encode())
        assert import_texts(run, file) == ImportCount(2, 0)

    @pytest.mark.parametrize("kind", IMPORTS)
    def test_a_missing_file_is_an_error(self, run: Run, tmp_path: Path, kind: str) -> None:
        with pytest.raises(InputError, match=r"none\.jsonl: the file cannot be read"):
            IMPORTS[kind](run, tmp_path / "none.jsonl")

    def test_a_line_without_end_is_refused(
        self, run: Run, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kojudge.store.lines._LONGEST_LINE", 1000)
        write_lines(file, [TEXT_LINE, TEXT_LINE | {"sample": 1, "text": "길" * 1000}])
        with pytest.raises(InputError, match=r"lines\.jsonl:2: the line is too long"):
            import_texts(run, file)

    def test_lone_surrogates_come_in_replaced_and_repeat(self, run: Run, file: Path) -> None:
        write_lines(file, [TEXT_LINE | {"text": "a\ud800", "n\udfff": ["\udc00"]}])
        assert import_texts(run, file) == ImportCount(1, 0)
        (found,) = run.texts()
        assert (found.text, json.loads(found.extra)) == ("a\ufffd", {"n\ufffd": ["\ufffd"]})
        assert import_texts(run, file) == ImportCount(0, 1)


class TestStaging:
    def test_what_a_killed_import_left_is_swept_up_and_never_read(
        self, run: Run, file: Path
    ) -> None:
        left = Path(run.path) / ".import-killed"
        left.mkdir()
        (left / "part-1.parquet").write_bytes(b"half")
        assert import_texts(run, write_lines(file, [TEXT_LINE])) == ImportCount(1, 0)
        assert [item.prompt_id for item in run.texts()] == ["81"]
        assert not left.exists()

    def test_a_full_disk_takes_nothing_in(self, run: Run, file: Path) -> None:
        write_lines(file, [TEXT_LINE])
        before = contents(run)

        with full_disk(), pytest.raises(StoreError, match="Free some disk"):
            import_texts(run, file)
        assert contents(run) == before

    def test_a_remote_run_takes_imports_too(self, file: Path) -> None:
        remote = Run.open(f"memory://{uuid.uuid4().hex}/run", create=True)
        write_lines(file, [TEXT_LINE])
        assert import_texts(remote, file) == ImportCount(1, 0)
        write_lines(file, [POINTWISE_LINE, PAIRWISE_LINE])
        assert import_judgments(remote, file) == ImportCount(2, 0)
        write_lines(file, [LABEL_LINE])
        assert import_labels(remote, file) == ImportCount(1, 0)
        (found,) = remote.texts()
        assert {item.text_id for item in remote.judgments()} == {found.text_id}


def test_no_field_of_the_contract_is_optional_by_accident(run: Run, file: Path) -> None:
    """The least a line may hold, exactly; every one of these fields is missed if it is gone."""
    least: tuple[tuple[str, dict[str, Any]], ...] = (
        ("texts", TEXT_LINE),
        ("judgments", POINTWISE_LINE),
        ("judgments", PAIRWISE_LINE),
        ("labels", LABEL_LINE),
    )
    for kind, line in least:
        for name in line:
            with pytest.raises(InputError, match=f":1:{name}: .*required"):
                IMPORTS[kind](run, write_lines(file, [without(line, name)]))
        assert IMPORTS[kind](run, write_lines(file, [line])).added == 1
