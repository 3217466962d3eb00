"""diagnose: a text is shown with what was found in it, for a person and for a program."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from kojudge.cli.diagnose_command import command
from kojudge.cli.handed_text import MOST_BYTES
from kojudge.korean.diagnose import CORRECTNESS, STYLE
from kojudge.korean.thresholds import Genre, threshold

from .outcome import Call, Outcome

SAMPLE = (
    "안녕하세요. 오늘은 다양한 맛집을 소개해 드리겠습니다.\n"
    "이 가게는 사장님에 의해 직접 운영되어지고 있다.\n"
)
KOREAN = """\
글 (글자 59 · 어절 13 · 문장 3)
안녕하세요. 오늘은 [1 다양한] 맛집을 소개해 드리겠습니다.
이 가게는 사장[2 님에 의해] 직접 운영[3 되어지]고 있[4 다].
"""
KOREAN_PLACES = """\
찾은 곳 4곳
1   1:12   다양한          상투적인 표현   '다양한 …'
2   2:9    사장님에 의해   번역투          '-에 의해'
3   2:20   운영되어지고    번역투          이중 피동 '되어지다, 잊혀지다'
4   2:26   있다.           말높이          글의 높임과 어긋나는 종결
"""
ENGLISH = """\
Text (characters 59 · words 13 · sentences 3)
안녕하세요. 오늘은 [1 다양한] 맛집을 소개해 드리겠습니다.
이 가게는 사장[2 님에 의해] 직접 운영[3 되어지]고 있[4 다].
"""
ENGLISH_PLACES = """\
Places found: 4
1   1:12   다양한          Stock phrases    'various …'
2   2:9    사장님에 의해   Translationese   '-에 의해' (passive 'by')
3   2:20   운영되어지고    Translationese   double passive
4   2:26   있다.           Speech level     ending out of step with the text's level
"""
HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

Look = Callable[..., Outcome]


@pytest.fixture
def look(call: Call, tmp_path: Path) -> Look:
    """Diagnose a text written to a file."""

    def looked(text: str, *options: str, lang: str = "en") -> Outcome:
        path = tmp_path / "text.txt"
        path.write_text(text, encoding="utf-8", newline="")
        return call("diagnose", str(path), *options, lang=lang)

    return looked


def lines(printed: str) -> str:
    """What was printed, without the blanks that pad a table."""
    return "\n".join(line.rstrip() for line in printed.split("\n"))


def row(printed: str, label: str) -> list[str]:
    """The cells of the measure called ``label``."""
    found = [line for line in printed.split("\n") if line.startswith(f"  {label}")]
    assert len(found) == 1, f"{label}: {found}"
    return re.split(r" {2,}", found[0].strip())


class TestForAPerson:
    @pytest.mark.parametrize(
        ("lang", "text", "places"),
        [("ko", KOREAN, KOREAN_PLACES), ("en", ENGLISH, ENGLISH_PLACES)],
        ids=["Korean", "English"],
    )
    def test_the_text_is_marked_and_every_place_listed(
        self, look: Look, lang: str, text: str, places: str
    ) -> None:
        done = look(SAMPLE, lang=lang)
        printed = lines(done.out)
        assert (done.code, done.err) == (0, "")
        assert printed.startswith(f"\n{text}")
        assert printed.endswith(f"\n{places}")

    def test_what_exceeds_its_limit_is_marked_and_explained(self, look: Look) -> None:
        printed = look(SAMPLE, lang="ko").out
        limit = f"{threshold('translationese.per_100'):g} 이하"
        assert row(printed, "번역투 표현") == ["번역투 표현 (100어절당)", "15.4", limit, "▲"]
        assert "▲ 번역투 표현: 번역문에서 자주 보이는 표현이 여느 글보다 많습니다." in printed
        assert row(printed, "해라체") == ["해라체(-다)", "33.3%"]
        assert "한두 곳만으로도 보통 값을 넘을 수 있습니다" in printed

    def test_what_lies_within_its_limit_is_neither(self, look: Look) -> None:
        printed = look("오늘은 바람이 시원해서 강가를 오래 걸었다.\n").out
        limit = f"{threshold('translationese.per_100'):g} or less"
        assert row(printed, "translated") == ["translated phrasing (per 100 words)", "0", limit]
        assert "▲" not in printed
        assert printed.rstrip().endswith("Places found: 0")

    def test_correctness_stands_before_and_apart_from_style(self, look: Look) -> None:
        printed = look(SAMPLE, lang="ko").out
        headings = [
            "바르게 썼는지",
            "띄어쓰기\n",
            "맞춤법\n",
            "어떻게 썼는지",
            "말높이 1곳",
            "번역투 2곳",
            "친근함\n",
        ]
        at = [lines(printed).index(heading) for heading in headings]
        assert at == sorted(at)

    def test_a_genre_brings_its_own_limits(self, look: Look) -> None:
        printed = look(SAMPLE, "--genre", "imaginative", lang="ko").out
        limit = threshold("translationese.per_100", "imaginative")
        assert limit != threshold("translationese.per_100")
        assert "보통 (상상 글)" in printed
        assert row(printed, "번역투 표현")[2] == f"{limit:g} 이하"

    def test_a_fault_that_spoils_the_text_is_said_first(self, look: Look) -> None:
        text = "오늘은 날씨가 정말 좋았습니다. 그래서 친구와 함께 강가를 걸으며 이야기를"
        printed = look(text, lang="ko").out
        assert printed.index("✗ 글이 끝맺지 못하고 끊겼습니다.") < printed.index("바르게 썼는지")
        assert row(printed, "중간에 끊김") == ["중간에 끊김", "예", "▲"]

    def test_signs_of_friendliness_are_no_faults(self, look: Look) -> None:
        printed = look("여러분, 어떻게 지내셨나요?\n", lang="ko").out
        assert "친근함으로 찾은 곳은 고칠 데가 아니라" in printed

    def test_marks_inside_a_mark_keep_their_place(self, look: Look) -> None:
        said_before = "우리 집 고양이는 창가에서 다양한 새를 구경한다."
        printed = look(f"{said_before} 비가 온다. {said_before}\n").out
        inner = "우리 집 고양이는 창가에서 [3 다양한] 새를 구경한다."
        assert f"비가 온다. [2 {inner}]" in printed


class TestPlain:
    def test_a_pipe_gets_no_escape_codes(self, look: Look) -> None:
        assert "\x1b" not in look(SAMPLE, lang="ko").out

    @pytest.mark.parametrize("no_color", [False, True])
    def test_a_terminal_gets_colours_unless_they_are_refused(
        self, tmp_path: Path, no_color: bool
    ) -> None:
        path = tmp_path / "text.txt"
        path.write_text(SAMPLE, encoding="utf-8")
        ours = {"TERM": "xterm-256color", "COLUMNS": "120"}
        kept = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR")}
        printed = on_a_terminal(
            ["diagnose", str(path)], kept | ours | ({"NO_COLOR": "1"} if no_color else {})
        )
        colour = re.compile(r"\x1b\[[\d;]*\b(?:3[0-7]|9[0-7])[;m]")
        assert "다양한" in printed
        assert bool(colour.search(printed)) is not no_color


def on_a_terminal(arguments: list[str], environment: dict[str, str]) -> str:
    """What ``kojudge`` prints when its stdout is a terminal."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "kojudge", *arguments],
        stdout=theirs, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(theirs)
    printed = b""
    try:
        while block := os.read(ours, 65536):
            printed += block
    except OSError:  # how Linux says that the other end has closed
        pass
    finally:
        os.close(ours)
    assert running.wait() == 0
    return printed.decode("utf-8")


class TestForAProgram:
    def test_the_names_are_fixed(self, look: Look) -> None:
        done = look(SAMPLE, "--json")
        found = done.json
        assert (done.code, done.err) == (0, "")
        assert list(found) == [
            "schema", "characters", "eojeols", *CORRECTNESS, *STYLE, "hits", "gates",
        ]  # fmt: skip
        assert found["schema"] == "kojudge.diagnose/1"
        for group, names in {
            "script": {"han", "kana", "latin", "hangul_share"},
            "degeneration": {"rep4", "duplicate_sentences"},
            "speech_level": {"mixing", "share"},
            "translationese": {"per_100"},
            "cliche": {"per_100"},
            "spacing": {"per_100"},
            "spelling": {"per_100"},
            "friendliness": {"haeyo", "interactional"},
        }.items():
            assert names <= set(found[group])
        assert found["hits"][1] == {
            "group": "translationese", "name": "by_agent", "start": 39, "end": 44, "text": "님에 의해",
        }  # fmt: skip
        assert found["gates"] == []

    def test_the_language_of_messages_changes_nothing(self, look: Look) -> None:
        assert look(SAMPLE, "--json", lang="ko").out == look(SAMPLE, "--json").out

    def test_the_prompt_sets_language_and_allowed_words(self, look: Look) -> None:
        english = "It rained all day, and so we stayed at home and read.\n"
        assert look(english, "--json").json["gates"] == ["wrong_language"]
        asked = look(english, "--json", "--prompt", "비 오는 날을 영어로 써 줘").json
        assert asked["gates"] == []
        assert asked["script"]["latin"] == 0
        word = "이 카페의 시그니처는 affogato 한 잔이다.\n"
        assert look(word, "--json").json["script"]["latin"] > 0
        allowed = look(word, "--json", "--prompt", "affogato를 소개해 줘").json
        assert allowed["script"]["latin"] == 0

    def test_a_byte_order_mark_is_no_part_of_the_text(self, look: Look) -> None:
        assert look("\ufeff" + SAMPLE, "--json").out == look(SAMPLE, "--json").out


class TestStdin:
    @pytest.fixture
    def stdin(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
        def put(raw: bytes) -> None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), "ascii"))

        return put

    def test_a_dash_reads_utf_8_whatever_the_locale(
        self, look: Look, call: Call, stdin: Callable[[bytes], None]
    ) -> None:
        stdin(SAMPLE.encode())
        assert call("diagnose", "-", "--json").out == look(SAMPLE, "--json").out

    def test_nothing_on_it_is_an_error(self, call: Call, stdin: Callable[[bytes], None]) -> None:
        stdin(b" \n")
        done = call("diagnose", "-", lang="ko")
        assert done.code == 2
        assert "표준 입력: 글이 비어 있습니다." in done.err


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "바람이 \u202e분다\u202c. \u2066그리고\u2069 나는 저는 간다.",
            "가\u200b나\u200d다 \x1b[31m빨강\x1b[0m \x07\x9b2J",
            "첫 줄\r둘째 줄\r\n셋째 줄\x0c끝",
            "\x00\u2028\u2029ᄒᆞᆫ글 😀 e\u0301",
        ],
    )
    def test_hidden_characters_are_made_visible(self, look: Look, text: str) -> None:
        done = look(text)
        assert done.code == 0
        assert "⟦U+" in done.out
        assert not HIDDEN.search(done.out)

    def test_markup_is_text(self, look: Look) -> None:
        text = "[red]빨강[/red] :smile: [link=x]가게[/link] [/]"
        printed = look(text).out
        assert "빨강" in printed
        assert ":smile:" in re.sub(r"\[\d+ (\w+)\]", r"\1", printed)

    def test_a_megabyte_of_one_syllable_prints_little(self, look: Look) -> None:
        done = look("가" * 333_333, lang="ko")
        assert done.code == 0
        assert len(done.out) < 40_000
        assert "✗ 같은 말이 끝없이 되풀이됩니다." in done.out
        assert "앞 20,000자만 보였습니다" in done.out
        assert "긴 글이라(333,333자)" in done.err

    def test_of_many_places_the_first_are_listed(self, look: Look) -> None:
        done = look("여러분, 다양한 맛집이 있다.\n" * 1_200, lang="ko")
        assert re.search(r"^ *1000 {3}", done.out, re.MULTILINE)
        assert not re.search(r"^ *1001 {3}", done.out, re.MULTILINE)
        assert "앞 1,000곳만 보였습니다. 모두 보려면 --json을 쓰세요." in done.out


class TestErrors:
    @pytest.mark.parametrize(
        ("raw", "ko", "en", "next_step"),
        [
            (b"", "글이 비어 있습니다", "there is no text", "Put the text"),
            (b"\xef\xbb\xbf \n\n", "글이 비어 있습니다", "there is no text", "Put the text"),
            ("첫 줄\n".encode() + "둘째 줄".encode("cp949"), "2번째 줄이 UTF-8이 아닙니다",
             "line 2 is not UTF-8", "as UTF-8"),
            ("한국어".encode("cp949"), "1번째 줄이 UTF-8이 아닙니다",
             "line 1 is not UTF-8", "iconv -f CP949 -t UTF-8"),
            ("한국어".encode("utf-16"), "UTF-8이 아닙니다", "not UTF-8", "iconv -f UTF-16"),
            (b"\xff\x00\x81\xfe", "UTF-8이 아닙니다", "not UTF-8", "Check that it is a text file"),
            (b"a" * (MOST_BYTES + 1), "글이 너무 깁니다", "too long", "Split it"),
        ],
        ids=["empty", "blank", "partly CP949", "CP949", "UTF-16", "binary", "too long"],
    )  # fmt: skip
    @pytest.mark.parametrize("options", [(), ("--json",)], ids=["", "json"])
    def test_a_file_that_holds_no_text_is_named_with_the_next_step(
        self, call: Call, tmp_path: Path, raw: bytes, ko: str, en: str, next_step: str,
        options: tuple[str, ...],
    ) -> None:  # fmt: skip
        path = tmp_path / "글.txt"
        path.write_bytes(raw)
        english = call("diagnose", str(path), *options)
        korean = call("diagnose", str(path), *options, lang="ko")
        assert (english.code, korean.code) == (2, 2)
        assert (english.out, korean.out) == ("", "")
        assert f"{path}: " in english.err
        assert en in english.err
        assert next_step in english.err.rpartition("→")[2]
        assert ko in korean.err

    def test_a_missing_file_says_how_to_hand_over_a_text(self, call: Call, tmp_path: Path) -> None:
        path = str(tmp_path / "nowhere.txt")
        english, korean = call("diagnose", path), call("diagnose", path, lang="ko")
        assert (english.code, korean.code) == (2, 2)
        assert f"{path}: there is no such file." in english.err
        assert "write - for the file" in english.err
        assert f"{path}: 파일이 없습니다." in korean.err

    def test_a_folder_is_no_file(self, call: Call, tmp_path: Path) -> None:
        english, korean = (
            call("diagnose", str(tmp_path)),
            call("diagnose", str(tmp_path), lang="ko"),
        )
        assert (english.code, korean.code) == (2, 2)
        assert "this is a folder" in english.err
        assert "폴더입니다" in korean.err

    def test_a_text_in_the_place_of_a_file_is_told_where_to_go(self, call: Call) -> None:
        done = call("diagnose", SAMPLE * 9, lang="ko")
        assert done.code == 2
        assert "표준 입력으로 주세요" in done.err
        assert len(done.err) < 500

    def test_a_device_without_end_is_not_read_to_its_end(self, call: Call) -> None:
        done = call("diagnose", "/dev/zero")
        assert done.code == 2
        assert "too long" in done.err

    @pytest.mark.parametrize("arguments", [(), ("x.txt", "--genre", "poem")])
    def test_a_wrong_call_is_explained(self, call: Call, arguments: tuple[str, ...]) -> None:
        done = call("diagnose", *arguments)
        assert done.code == 2
        assert "kojudge diagnose --help" in done.err


def test_the_genres_to_choose_are_those_that_have_limits() -> None:
    option = next(p for p in command.params if p.name == "genre")
    assert json.loads(json.dumps(option.to_info_dict()["type"]["choices"])) == list(get_args(Genre))


def test_a_program_that_asks_for_json_loads_only_the_analyser() -> None:
    code = (
        "import sys; from kojudge.cli.main import run; "
        "sys.stdin = open(0, encoding='utf-8'); code = run(['diagnose', '-', '--json']); "
        "print(sorted({n.partition('.')[0] for n in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=SAMPLE, capture_output=True, text=True, encoding="utf-8"
    )
    loaded = set(re.findall(r"'(\w+)'", done.stderr.splitlines()[-1]))
    assert json.loads(done.stdout)["schema"] == "kojudge.diagnose/1"
    assert "kiwipiepy" in loaded
    heavy = {
        "torch",
        "transformers",
        "vllm",
        "ray",
        "datasets",
        "pandas",
        "duckdb",
        "pyarrow",
        "scipy",
    }
    assert loaded.isdisjoint(heavy)
