"""Whatever is wrong is named with its place and the next step, in English and in Korean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kojudge.store.run import Run

from .outcome import Call

Spoil = Callable[[Path], object]


def swap(file: str, old: str, new: str) -> Spoil:
    """Spoil ``file`` by putting ``new`` in the place of the first ``old``."""

    def spoil(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return spoil


def put(file: str, content: bytes) -> Spoil:
    """Spoil ``file`` by writing ``content`` over it."""
    return lambda root: (root / file).write_bytes(content)


def nothing(root: Path) -> None:
    """Spoil nothing: the command line itself is wrong."""


@dataclass(frozen=True, slots=True)
class Case:
    """A mistake, the command that meets it, and what the message must hold.

    ``place`` is the file with line or field; ``why`` and ``next_step`` stand in the English
    message, ``ko`` in the Korean one.
    """

    name: str
    spoil: Spoil
    command: tuple[str, ...]
    place: str
    why: str
    next_step: str
    ko: str


DRY = ("generate", "--dry-run")
SCORE = ("score", "--dry-run")
TOML, BLOG = "kojudge.toml", "prompts/blog.jsonl"
WARM, RUBRIC = "candidates/fake-warm.yaml", "rubrics/naturalness.md.j2"
ROLE = '"role": "user"'
SAY = '{{ fenced("글", text, fence'

CASES = [
    # kojudge.toml
    Case("broken TOML", swap(TOML, "seed = 7", "seed = = 7"), DRY,
         "kojudge.toml", "line 7, column 8", "Check quotes and brackets", "TOML로 읽을 수 없"),
    Case("unknown key", swap(TOML, "seed", "sede"), DRY,
         "kojudge.toml: [workspace] sede", "not a known entry", "Did you mean: seed", "혹시 이 이름"),
    Case("unknown key of a profile", swap(TOML, 'prompts = ["imag', 'promps = ["imag'),
         ("--profile", "tiny", *DRY),
         "kojudge.toml: [profiles.tiny] promps", "not a known", "Did you mean: prompts", "없는 항목"),
    Case("unknown key beside a profile", swap(TOML, "seed", "sede"), ("--profile", "tiny", *DRY),
         "kojudge.toml: [workspace] sede", "not a known entry", "Did you mean: seed", "없는 항목"),
    Case("unknown table", swap(TOML, "[profiles.", "[profile."), DRY,
         "kojudge.toml: profile", "not a known entry", "Did you mean: profiles", "없는 항목"),
    Case("unknown margin", swap(TOML, "[profiles", "[workspace.margins]\npoint = 1\n[profiles"),
         DRY, "[workspace] margins.point", "not a known", "pointwise", "없는 항목"),
    Case("wrong kind of value", swap(TOML, "seed = 7", 'seed = "seven"'), DRY,
         "[workspace] seed", "whole number. (given: 'seven')", "run the same command", "정수여야"),
    Case("value out of range", swap(TOML, "seed = 7", "samples = 0"), DRY,
         "[workspace] samples", "must be at least 1", "run the same command", "1 이상이어야"),
    Case("unknown engine in the settings", swap(TOML, '"fake"', '"fkae"'), DRY,
         "[workspace] engine", "must be one of 'transformers', 'vllm', 'openai', 'ray', 'fake'", "Mend", "쓸 수 있는 값"),
    Case("missing key", swap(TOML, "baseline", "#"), DRY,
         "[workspace] baseline", "required and missing", "kojudge init", "꼭 필요한데 빠졌"),
    Case("modes at odds", swap(TOML, "seed", 'mode = "pointwise"\nseed'), DRY,
         "kojudge.toml: [workspace]", "primary_mode pairwise", "Mend", "실행되지 않습니다"),
    Case("settings not UTF-8", put(TOML, "# 설정".encode("cp949")), DRY,
         "kojudge.toml", "not UTF-8", "Save it again", "UTF-8로 다시 저장"),
    # names and flags
    Case("unknown profile", nothing, ("--profile", "tny", *DRY),
         "kojudge.toml", "No profile 'tny'", "Did you mean: tiny", "프로필 'tny'"),
    Case("unknown candidate", nothing, (*DRY, "--candidate", "fake-wram"),
         "candidates", "no card `fake-wram`", "Did you mean: fake-warm", "카드가 없습니다"),
    Case("unknown judge", nothing, (*SCORE, "--judge", "fake-jugde"),
         "judge", "no card `fake-jugde`", "Did you mean: fake-judge", "카드가 없습니다"),
    Case("unknown rubric", nothing, (*SCORE, "--rubric", "naturalnes"),
         "rubrics", "No rubric 'naturalnes'", "Did you mean: naturalness", "루브릭 'naturalnes'"),
    Case("unknown prompt set", nothing, (*DRY, "--prompts", "blgo"),
         "prompts", "No prompt set 'blgo'", "Did you mean: blog", "프롬프트 묶음 'blgo'"),
    Case("one model twice", swap("candidates/fake-warm.yaml", "fake:warm", "fake:plain"), DRY,
         "fake-plain", "fake-warm", "Leave one of them out", "같은 모델을 같은 설정으로"),
    Case("one judge twice", lambda root: (root / "judge/twin.yaml").write_text(
             (root / "judge/fake-judge.yaml").read_text("utf-8").replace("fake-judge", "twin"),
             encoding="utf-8"),
         (*SCORE, "--judge", "twin"),
         "fake-judge", "twin", "Leave one of them out", "같은 모델을 같은 설정으로"),
    Case("unknown candidate in the settings", swap(TOML, "fake-warm", "fake-wram"), DRY,
         "candidates", "no card `fake-wram`", "Did you mean: fake-warm", "카드가 없습니다"),
    Case("unknown command", nothing, ("genrate",),
         "genrate", "Did you mean: generate", "kojudge --help", "명령이 없습니다. 혹시"),
    Case("unknown option", nothing, ("generate", "--dryrun"),
         "--dryrun", "No option", "Did you mean: --dry-run", "옵션이 없습니다"),
    Case("unknown engine", nothing, (*DRY, "--engine", "fkae"),
         "--engine", "must be one of: transformers, vllm, openai, ray, fake", "kojudge generate --help", "쓸 수 있는 값"),
    Case("a number out of range", nothing, (*DRY, "--samples", "0"),
         "--samples", "0 is not in the range", "kojudge generate --help", "값이 잘못되었습니다"),
    Case("missing argument", nothing, ("init",),
         "DIRECTORY", "required and missing", "kojudge init --help", "꼭 필요한데"),
    Case("missing option", nothing, ("import",),
         "--run", "required and missing", "kojudge import --help", "꼭 필요한데"),
    # cards
    Case("broken card", swap(WARM, "source: {", "source: {{"), DRY,
         "fake-warm.yaml:3", "broken YAML", "Check the indentation", "YAML 문법"),
    Case("unknown card key", swap(WARM, "license", "licence"), DRY,
         "fake-warm.yaml:4", "`licence`", "Did you mean: license", "카드에 없는 항목"),
    # prompts
    Case("broken line", swap(BLOG, '"blog-002", ', '"blog-002" '), DRY,
         "blog.jsonl:2", "not JSON", "prompts/README.md", "JSON이 아닙니다"),
    Case("last turn not the user's", swap(BLOG, ROLE, '"role": "assistant"'), DRY,
         "blog.jsonl:1: field 'messages'", "end with user", "prompts/README.md", "user로 끝나야"),
    Case("a second system turn", swap(BLOG, f"[{{{ROLE}",
         f'[{{{ROLE}, "content": "가"}}, {{"role": "system", "content": "나"}}, {{{ROLE}'),
         DRY, "blog.jsonl:1: field 'messages'", "turns must alternate", "README", "번갈아"),
    Case("duplicate id", swap(BLOG, "blog-001", "blog-002"), DRY,
         "blog.jsonl:2: field 'id'", "blog.jsonl:1 (blog-002)", "prompts/README.md", "의 것과 같습니다"),
    Case("duplicate content", lambda root: (root / BLOG).write_text(
             '{"id": "a", "category": "c", "messages": [{"role": "user", "content": "가"}]}\n'
             '{"id": "b", "category": "c", "messages": [{"role": "user", "content": "가"}]}\n',
             encoding="utf-8"),
         DRY, "blog.jsonl:2: field 'messages'", "blog.jsonl:1", "prompts/README.md", "의 것과 같습니다"),
    Case("unknown prompt key", swap(BLOG, '"topic"', '"tpoic"'), DRY,
         "blog.jsonl:1: field 'tpoic'", "not a known entry", "Did you mean: topic", "없는 항목"),
    Case("prompts not UTF-8", put(BLOG, "프롬프트".encode("cp949")), DRY,
         "blog.jsonl", "not UTF-8", "Save it again", "UTF-8로 다시 저장"),
    # rubrics
    Case("template syntax", swap(RUBRIC, "{% endfor %}", "{% endfro %}"), SCORE,
         "naturalness.md.j2:36", "unknown tag 'endfro'", "tags are closed", "템플릿 문법"),
    Case("undefined variable", swap(RUBRIC, "# 주의", "{{ txet }}\n# 주의"), SCORE,
         "naturalness.md.j2:38", "'txet' is undefined", "prompt.request", "쓸 수 있는 변수"),
    Case("undefined variable handed to a partial", swap(RUBRIC, SAY, SAY.replace("text,", "txet,")),
         SCORE, "naturalness.md.j2:45", "'txet' is undefined", "fence, text", "쓸 수 있는 변수"),
    Case("undefined variable in a partial", swap("rubrics/_fence.md.j2", "{{ text", "{{ txet"),
         SCORE, "_fence.md.j2:6", "'txet' is undefined", "Variables there are", "쓸 수 있는 변수"),
    Case("unknown field of the prompt", swap(RUBRIC, "# 주의", "{{ prompt.tpoic }}\n# 주의"), SCORE,
         "naturalness.md.j2:38", "'tpoic'", "prompt.topic", "쓸 수 있는 변수"),
    Case("an expression that fails", swap(RUBRIC, "# 주의", "{{ 1 / 0 }}\n# 주의"), SCORE,
         "naturalness.md.j2:38", "ZeroDivisionError", "Variables there are", "템플릿을 채울 수 없"),
    Case("missing partial", swap(RUBRIC, '"_answer.', '"_anwser.'), SCORE,
         "naturalness.md.j2:18", "'_anwser.md.j2' is not in", "Did you mean: _answer", "불러오는 템플릿"),
    Case("level without description", swap(RUBRIC, "  3: 뜻은", "  3: # 뜻은"), SCORE,
         "naturalness.md.j2:8: front matter: scale.3", "must be text", "README.md", "머리말: scale.3"),
    Case("level with an empty description", swap(RUBRIC, "  3: 뜻은", "  3: ''\n  # 뜻은"), SCORE,
         "naturalness.md.j2:8: front matter: scale", "level 3 has no description", "rubrics/README.md", "단계 3에 설명이 없"),
    Case("levels out of order", swap(RUBRIC, "  3: ", "  7: "), SCORE,
         "naturalness.md.j2:8", "whole numbers", "rubrics/README.md", "정수여야"),
    Case("unknown key of the front matter", swap(RUBRIC, "version:", "verison: 1\nversion:"), SCORE,
         "naturalness.md.j2:5", "not a known entry", "Did you mean: version", "없는 항목"),
    Case("broken front matter", swap(RUBRIC, "scale:", "scale: {"), SCORE,
         "naturalness.md.j2:10", "broken YAML", "indentation and quotes", "YAML 문법"),
    Case("no front matter", swap(RUBRIC, "---", "--"), SCORE,
         "naturalness.md.j2:1", "no front matter", "rubrics/README.md", "머리말이 없습니다"),
    Case("rubric not UTF-8", put(RUBRIC, "---\n루브릭".encode("cp949")), SCORE,
         "naturalness.md.j2", "not UTF-8", "Save it again", "UTF-8로 다시 저장"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_mistake_is_named_with_its_place_and_the_next_step(
    case: Case, workspace: Path, call: Call, request: pytest.FixtureRequest
) -> None:
    if case.command[0] == "score":
        request.getfixturevalue("scored")
    request.getfixturevalue("no_model")
    case.spoil(workspace)
    english, korean = call(*case.command), call(*case.command, lang="ko")
    assert (english.code, korean.code) == (2, 2)
    assert (english.out, korean.out) == ("", "")
    assert case.place in english.err
    assert case.why in english.err
    assert case.next_step in english.err.rpartition("→")[2]
    assert case.place.partition(": field")[0].partition(": front matter")[0] in korean.err
    assert case.ko in korean.err


class TestNoWorkspace:
    @pytest.mark.parametrize("command", ["generate", "score", "plan", "compact"])
    def test_it_says_how_to_make_one(self, command: str, call: Call, tmp_path: Path) -> None:
        away = str(tmp_path / "away")
        english, korean = call("-C", away, command), call("-C", away, command, lang="ko")
        assert (english.code, korean.code) == (2, 2)
        assert f"No kojudge.toml in {away}" in english.err
        assert "kojudge init DIR" in english.err
        assert "작업 공간을 만들거나" in korean.err


class TestNoRun:
    @pytest.mark.parametrize("command", ["score", "report", "compact", "export"])
    def test_it_says_how_to_make_one(self, command: str, call: Call, workspace: Path) -> None:
        files = ("--texts", "t.jsonl") if command == "export" else ()
        done = call(command, *files)
        assert done.code == 2
        assert f"{workspace / 'runs' / 'main'}: there is no run here" in done.err
        assert f"kojudge generate --run {workspace / 'runs' / 'main'}" in done.err

    def test_it_names_the_runs_there_are(self, call: Call, workspace: Path) -> None:
        for name in ("spring", "summer"):
            assert (
                call("generate", "--limit", "1", "--run", str(workspace / "runs" / name)).code == 0
            )
        english, korean = call("report"), call("report", lang="ko")
        assert (english.code, korean.code) == (2, 2)
        assert "Names there are: spring, summer" in english.err
        assert "쓸 수 있는 이름: spring, summer" in korean.err
        assert "Make texts" not in korean.err


class TestUnwritableRun:
    @pytest.mark.parametrize("command", ["generate", "score", "report"])
    @pytest.mark.parametrize("blocked", ["runs", "runs/main"])
    def test_a_file_in_its_place_is_named(
        self, command: str, blocked: str, call: Call, workspace: Path
    ) -> None:
        (workspace / blocked).parent.mkdir(exist_ok=True)
        (workspace / blocked).write_text("", encoding="utf-8")
        english, korean = call(command), call(command, lang="ko")
        assert (english.code, korean.code) == (2, 2)
        assert str(workspace / "runs" / "main") in english.err
        assert "name another directory with --run" in english.err
        assert "파일이 있거나" in korean.err

    def test_a_page_that_cannot_be_written_keeps_the_old_one(
        self, scored: Run, call: Call, tmp_path: Path
    ) -> None:
        (tmp_path / "page.html").mkdir()
        done = call("report", "--out", str(tmp_path / "page.html"))
        assert done.code == 2
        assert str(tmp_path / "page.html") in done.err
        assert "--out" in done.err
        assert [path.name for path in tmp_path.glob(".page*")] == []
