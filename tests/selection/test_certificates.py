"""Which certificate speaks of a judge: lookup, precedence, broken files, keeping one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kojudge.audit.certificate import VERSION
from kojudge.audit.texts import audit_hash, load_sources
from kojudge.cards import judge_identity
from kojudge.errors import InputError, StoreError
from kojudge.records import Mode
from kojudge.selection import METHOD, Asked, certificates_for
from kojudge.selection.certificates import keep, kept, name_of
from kojudge.workspace import Workspace

from .building import asked, judge, rubric

PLACES: tuple[tuple[str, Mode], ...] = (("naturalness", "pointwise"), ("naturalness", "pairwise"))
LINE = {"id": "a", "source_id": "s", "category": "blog", "kind": "original", "text": "안녕하세요."}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with one audit text."""
    made = Workspace(tmp_path / "space")
    made.audit.mkdir(parents=True)
    (made.audit / "blog.jsonl").write_text(json.dumps(LINE) + "\n", encoding="utf-8")
    return made


@pytest.fixture
def of(workspace: Workspace) -> Asked:
    """One judge, a rubric for single texts and one for pairs."""
    return replace(asked(), workspace=workspace)


def judge_id(name: str = "judge") -> str:
    return judge_identity(judge(name), "fake", METHOD)


def certificate(of: Asked, key: str = "key-1", **changes: Any) -> dict[str, Any]:
    """A certificate of what the workspace has now, provisional everywhere."""
    assert of.workspace is not None
    entries = [
        {"criterion": c, "mode": m, "grade": "provisional", "reasons": [], "people": None}
        for c, m in PLACES
    ]
    plain = {
        "version": VERSION,
        "judge": "judge",
        "judge_id": judge_id(),
        "key": key,
        "audit_set": audit_hash(load_sources(of.workspace.audit)),
        "quick": False,
        "grade": "provisional",
        "rubrics": {f"{r.criterion}/{r.mode}": r.rubric_id for r in of.rubrics},
        "skipped": {},
        "entries": entries,
    }
    return plain | changes


def with_people(of: Asked, key: str, **changes: Any) -> dict[str, Any]:
    made = certificate(of, key, **changes)
    return made | {"entries": [e | {"people": {"units": 40}} for e in made["entries"]]}


def write(of: Asked, content: object, name: str = "certificate-1.json") -> Path:
    """Write a certificate beside the judge's audit."""
    assert of.workspace is not None
    path = of.workspace.audits / "judge" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def keys_of(of: Asked) -> set[str]:
    return {str(entry["certificate"]) for entry in certificates_for(of).values()}


class TestLookup:
    def test_each_judge_criterion_and_mode_finds_its_entry(self, of: Asked) -> None:
        written = certificate(of)
        write(of, written)
        found = certificates_for(of)
        assert found.keys() == {("judge", criterion, mode) for criterion, mode in PLACES}
        pair = found["judge", "naturalness", "pairwise"]
        assert (pair["mode"], pair["grade"], pair["quick"]) == ("pairwise", "provisional", False)
        assert (pair["certificate"], pair["audit_set"]) == ("key-1", written["audit_set"])

    def test_one_that_came_with_the_workspace_counts(self, of: Asked) -> None:
        assert of.workspace is not None
        of.workspace.certificates.mkdir()
        path = of.workspace.certificates / "any-name.json"
        path.write_text(json.dumps(certificate(of)), encoding="utf-8")
        assert len(certificates_for(of)) == 2

    @pytest.mark.parametrize("field", ["judge_id", "audit_set"])
    def test_one_of_another_judge_or_other_texts_does_not(self, of: Asked, field: str) -> None:
        write(of, certificate(of, **{field: "another"}))
        assert certificates_for(of) == {}

    def test_a_judge_is_known_by_what_it_is_not_by_its_name(self, of: Asked) -> None:
        write(of, certificate(of, judge="an-older-name"))
        assert {name for name, _, _ in certificates_for(of)} == {"judge"}

    def test_changed_audit_texts_make_the_judge_unaudited(self, of: Asked) -> None:
        assert of.workspace is not None
        write(of, certificate(of))
        assert len(certificates_for(of)) == 2
        changed = LINE | {"text": "안녕히 계세요."}
        (of.workspace.audit / "blog.jsonl").write_text(json.dumps(changed), encoding="utf-8")
        assert certificates_for(of) == {}

    def test_a_changed_rubric_makes_only_its_own_entry_unaudited(self, of: Asked) -> None:
        write(of, certificate(of))
        edited = replace(of, rubrics=(rubric("points", rubric_id="edited"), of.rubrics[1]))
        assert [*certificates_for(edited)] == [("judge", "naturalness", "pairwise")]

    def test_two_judges_have_each_their_own(self, of: Asked) -> None:
        assert of.workspace is not None
        both = asked(judges=(judge(), judge("other")))
        both = replace(both, workspace=of.workspace)
        write(both, certificate(both))
        own = certificate(both, "key-2", judge="other", judge_id=judge_id("other"))
        write(both, own, "certificate-2.json")
        found = certificates_for(both)
        assert found["judge", "naturalness", "pointwise"]["certificate"] == "key-1"
        assert found["other", "naturalness", "pointwise"]["certificate"] == "key-2"

    def test_nothing_is_audited_without_a_workspace_or_audit_texts(self, of: Asked) -> None:
        assert certificates_for(asked()) == {}
        assert of.workspace is not None
        write(of, certificate(of))
        (of.workspace.audit / "blog.jsonl").unlink()
        assert certificates_for(of) == {}


class TestSeveral:
    """Of two certificates of one judge the better founded speaks, however they are named."""

    @pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
    def test_a_full_audit_before_a_quick_one(self, of: Asked, names: tuple[str, str]) -> None:
        for name, quick in zip(names, (True, False), strict=True):
            write(of, certificate(of, f"quick-{quick}", quick=quick), f"certificate-{name}.json")
        assert keys_of(of) == {"quick-False"}

    @pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
    def test_one_compared_with_people_before_one_that_was_not(
        self, of: Asked, names: tuple[str, str]
    ) -> None:
        write(of, certificate(of, "without"), f"certificate-{names[0]}.json")
        write(of, with_people(of, "with"), f"certificate-{names[1]}.json")
        assert keys_of(of) == {"with"}

    def test_a_full_audit_without_people_before_a_quick_one_with_them(self, of: Asked) -> None:
        write(of, certificate(of, "full"), "certificate-a.json")
        write(of, with_people(of, "quick", quick=True), "certificate-b.json")
        assert keys_of(of) == {"full"}

    def test_each_entry_has_the_best_that_speaks_of_it(self, of: Asked) -> None:
        one = certificate(of, "full")
        one["entries"] = one["entries"][:1]
        write(of, one, "certificate-a.json")
        write(of, certificate(of, "quick", quick=True), "certificate-b.json")
        found = certificates_for(of)
        assert found["judge", "naturalness", "pointwise"]["certificate"] == "full"
        assert found["judge", "naturalness", "pairwise"]["certificate"] == "quick"


class TestFiles:
    @pytest.mark.parametrize("version", [VERSION - 1, VERSION + 1])
    def test_another_version_is_ignored(self, of: Asked, version: int) -> None:
        write(of, certificate(of, version=version))
        assert certificates_for(of) == {}

    def test_another_version_may_look_otherwise(self, of: Asked) -> None:
        write(of, {"version": VERSION + 1, "judges": []})
        assert certificates_for(of) == {}

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            ("", "Expecting value"),
            ('{"version": 1, "judge": "ju', "Unterminated"),
            ("[]", "not an object"),
            ("null", "not an object"),
            ("{}", "version"),
        ],
    )
    def test_a_broken_file_is_one_clear_error(self, of: Asked, content: str, why: str) -> None:
        path = write(of, content)
        with pytest.raises(InputError, match="no certificate") as caught:
            certificates_for(of)
        for language in ("ko", "en"):
            assert str(path) in caught.value.message.in_(language)  # type: ignore[arg-type]
        assert why in caught.value.message.en
        assert caught.value.hint is not None
        assert "kojudge audit" in caught.value.hint.ko

    @pytest.mark.parametrize(
        ("changes", "lacking"),
        [
            ({"entries": []}, "entries"),
            ({"entries": None}, "entries"),
            ({"entries": [{"criterion": "naturalness", "mode": "pairwise"}]}, "grade, reasons"),
            ({"entries": ["naturalness"]}, "criterion, grade, mode, reasons"),
        ],
    )
    def test_so_is_one_whose_entries_say_too_little(
        self, of: Asked, changes: dict[str, Any], lacking: str
    ) -> None:
        write(of, certificate(of, **changes))
        with pytest.raises(InputError, match=f"no {lacking}"):
            certificates_for(of)

    @pytest.mark.parametrize("field", ["judge_id", "key", "audit_set", "quick", "rubrics", "grade"])
    def test_so_is_one_without_a_field(self, of: Asked, field: str) -> None:
        whole = certificate(of)
        write(of, {name: value for name, value in whole.items() if name != field})
        with pytest.raises(InputError, match=f"no {field}"):
            certificates_for(of)


class TestKeeping:
    def test_what_is_kept_is_found_by_its_key(self, of: Asked) -> None:
        assert of.workspace is not None
        made = certificate(of, "0123456789abcdef0123")
        path = keep(of.workspace.audits / "judge", made)
        assert path.name == name_of(made["key"]) == "certificate-0123456789abcdef.json"
        assert kept(of.workspace, made["key"]) == made
        assert kept(of.workspace, "another") is None
        assert len(certificates_for(of)) == 2

    def test_korean_stays_readable_and_no_other_file_is_left(self, tmp_path: Path) -> None:
        path = keep(tmp_path, {"key": "k", "reasons": ["사람과 견주지 않았습니다."]})
        assert "사람과 견주지 않았습니다." in path.read_text(encoding="utf-8")
        assert [*tmp_path.iterdir()] == [path]

    def test_a_later_one_with_the_same_key_takes_its_place(self, tmp_path: Path) -> None:
        keep(tmp_path, {"key": "k", "grade": "failed"})
        path = keep(tmp_path, {"key": "k", "grade": "provisional"})
        assert json.loads(path.read_text(encoding="utf-8"))["grade"] == "provisional"
        assert [*tmp_path.iterdir()] == [path]

    @pytest.mark.parametrize("step", ["write_text", "replace"])
    def test_a_full_disk_leaves_the_old_one_and_says_what_to_do(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        path = keep(tmp_path, {"key": "k", "grade": "provisional"})
        before = path.read_bytes()

        def full(self: Path, *arguments: object, **options: object) -> None:
            if step == "write_text":
                self.write_bytes(b'{"key"')  # what fitted
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, step, full)
        with pytest.raises(StoreError, match="No space left") as caught:
            keep(tmp_path, {"key": "k", "grade": "failed"})
        assert str(path) in caught.value.message.ko
        assert caught.value.hint is not None
        assert "판정은 저장되어 있습니다" in caught.value.hint.ko
        assert "run again" in caught.value.hint.en
        assert path.read_bytes() == before
        assert [*tmp_path.iterdir()] == [path]

    def test_a_folder_that_cannot_be_made_is_the_same_error(self, tmp_path: Path) -> None:
        file = tmp_path / "audits"
        file.write_text("여기에는 폴더가 와야 합니다.", encoding="utf-8")
        with pytest.raises(StoreError, match="Cannot write"):
            keep(file / "judge", {"key": "k"})
        assert file.is_file()

    def test_a_folder_that_may_not_be_written_is_the_same_error(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refused(self: Path, *arguments: object, **options: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "write_text", refused)
        monkeypatch.setattr(Path, "unlink", refused)
        with pytest.raises(StoreError, match="Permission denied"):
            keep(tmp_path, {"key": "k"})
