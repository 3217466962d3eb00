"""Which certificates are there, and which of them speak of the judges and rubrics in use."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from kojudge.cards import judge_identity
from kojudge.errors import InputError, StoreError, said
from kojudge.judging import rubric_key
from kojudge.selection.asked import METHOD, Asked, engine_for
from kojudge.workspace import Workspace

__all__ = ["certificates_for", "keep", "kept", "name_of"]

Entry = Mapping[str, Any]
_FIELDS = frozenset(
    {"version", "judge", "judge_id", "key", "audit_set", "quick", "grade", "rubrics", "entries"}
)
_OF_ENTRY = frozenset({"criterion", "mode", "grade", "reasons"})


def name_of(key: str) -> str:
    """Return the file name of the certificate with this key."""
    return f"certificate-{key[:16]}.json"


def certificates_for(asked: Asked) -> dict[tuple[str, str, str], Entry]:
    """Return the certificate entry of each (judge, criterion, mode) that has one.

    It must be of the very judge, rubric and audit texts that the workspace has now. A full
    audit goes before a quick one, one compared with people before one that was not.
    """
    workspace = asked.workspace
    if workspace is None or not any(workspace.audit.glob("*.jsonl")):
        return {}
    from kojudge.audit.texts import audit_hash, load_sources  # with scipy: not at start-up

    texts = audit_hash(load_sources(workspace.audit))
    ids = {j.name: judge_identity(j, engine_for(j, asked.settings), METHOD) for j in asked.judges}
    found: dict[tuple[str, str, str], Entry] = {}
    for certificate in sorted(_all(workspace), key=_worth):
        if certificate["audit_set"] != texts:
            continue
        for entry in certificate["entries"]:
            place = f"{entry['criterion']}/{entry['mode']}"
            for judge, judge_id in ids.items():
                same = certificate["judge_id"] == judge_id
                for rubric in asked.rubrics if same else ():
                    if f"{rubric.criterion}/{rubric.mode}" != place:
                        continue
                    if certificate["rubrics"].get(place) == rubric_key(rubric):
                        found[judge, rubric.criterion, rubric.mode] = dict(entry) | {
                            "quick": certificate["quick"],
                            "audit_set": certificate["audit_set"],
                            "certificate": certificate["key"],
                        }
    return found


def kept(workspace: Workspace, key: str) -> Mapping[str, Any] | None:
    """Return the certificate with this key, if there is one."""
    return next((found for found in _all(workspace) if found["key"] == key), None)


def keep(folder: Path, certificate: Mapping[str, Any]) -> Path:
    """Write a certificate into ``folder``, whole or not at all; return its path.

    Raises:
        StoreError: the folder cannot be written.
    """
    path = folder / name_of(str(certificate["key"]))
    temporary = path.with_name(f".{path.name}.new")
    text = json.dumps(certificate, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):  # what cannot be written cannot always be removed
            temporary.unlink(missing_ok=True)
        raise StoreError(
            said(f"{path}에 쓸 수 없습니다: {error}", f"Cannot write {path}: {error}"),
            said("권한과 남은 용량을 확인하고 다시 실행하세요. 판정은 저장되어 있습니다.",
                 "Check permissions and free space, and run again; the answers are saved."),
        ) from error  # fmt: skip
    return path


def _worth(certificate: Mapping[str, Any]) -> tuple[bool, bool, str]:
    """Sort what is worth more last: it overrules what came before."""
    people = any(entry.get("people") for entry in certificate["entries"])
    return (not certificate["quick"], people, certificate["key"])


def _all(workspace: Workspace) -> Iterator[Mapping[str, Any]]:
    """Yield every readable certificate of this version; older ones are made anew."""
    shipped = sorted(workspace.certificates.glob("*.json"))
    for path in (*shipped, *sorted(workspace.audits.glob("*/certificate-*.json"))):
        certificate = _read(path)
        if certificate.get("version") == _version():
            yield certificate


def _version() -> int:
    from kojudge.audit.certificate import VERSION  # with scipy: not at start-up

    return VERSION


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _broken(path, str(error)) from error
    if not isinstance(content, dict):
        raise _broken(path, "not an object")
    if content.get("version", _version()) == _version():
        entries = content.get("entries")
        parts = entries if isinstance(entries, list) else []
        lacking = _lacking(content, _FIELDS) | {x for e in parts for x in _lacking(e, _OF_ENTRY)}
        if lacking or not parts:
            raise _broken(path, f"no {', '.join(sorted(lacking or {'entries'}))}")
    return content


def _lacking(found: object, fields: frozenset[str]) -> frozenset[str]:
    return fields - found.keys() if isinstance(found, dict) else fields


def _broken(path: Path, why: str) -> InputError:
    return InputError(
        said(f"{path}: 검증서를 읽을 수 없습니다: {why}", f"{path}: no certificate: {why}"),
        said("파일을 지우고 `kojudge audit --judge 이름`으로 다시 만드세요.",
             "Delete the file and make it anew with `kojudge audit --judge NAME`."),
    )  # fmt: skip
