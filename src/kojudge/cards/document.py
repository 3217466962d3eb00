"""A YAML file with the line of every value, read as YAML 1.2 reads booleans.

YAML 1.1, which PyYAML speaks, reads ``thinking: off`` as false; here only ``true`` and
``false`` are booleans, and dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kojudge.errors import InputError, said

__all__ = ["Document", "read_document"]

_BOOL = "tag:yaml.org,2002:bool"
_DATE = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """SafeLoader with plain words left as text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in {_BOOL, _DATE}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")


@dataclass(frozen=True, slots=True)
class Document:
    """The mapping in a YAML file, and where its values stand."""

    path: Path
    content: dict[str, object]
    root: yaml.MappingNode

    def line(self, place: Sequence[str | int]) -> int:
        """Return the line (from 1) of the deepest part of ``place`` that is in the file."""
        node: yaml.Node = self.root
        line: int = node.start_mark.line + 1
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line


def read_document(path: Path) -> Document:
    """Read one YAML mapping.

    Raises:
        InputError: the file cannot be read, is not UTF-8 or YAML, repeats a key, or holds
            something other than a mapping.

    """
    text = _read(path)
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        content = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        raise _broken(path, error) from error
    if not isinstance(root, yaml.MappingNode) or not isinstance(content, dict):
        raise InputError(
            said(
                f"{path}: '이름: 값' 꼴로 된 항목이 없습니다.",
                f"{path}: holds no 'name: value' entries.",
            )
        )
    for key in _repeated_keys(root):
        line = key.start_mark.line + 1
        raise InputError(
            said(
                f"{path}:{line}: `{key.value}` 항목이 두 번 나옵니다.",
                f"{path}:{line}: `{key.value}` appears twice.",
            ),
            said("둘 중 하나를 지우세요.", "Remove one of the two."),
        )
    return Document(path, content, root)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            said(f"{path}: UTF-8로 된 파일이 아닙니다.", f"{path}: is not UTF-8."),
            said("UTF-8로 다시 저장하세요.", "Save it again as UTF-8."),
        ) from error
    except OSError as error:
        raise InputError(
            said(
                f"{path}: 읽을 수 없습니다 ({error.strerror}).",
                f"{path}: cannot be read ({error.strerror}).",
            )
        ) from error


def _broken(path: Path, error: yaml.YAMLError) -> InputError:
    mark = getattr(error, "problem_mark", None)
    where = f"{path}:{mark.line + 1}" if mark else str(path)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return InputError(
        said(f"{where}: YAML 문법이 틀렸습니다: {problem}", f"{where}: broken YAML: {problem}"),
        said(
            "들여쓰기와 따옴표, 콜론 뒤의 빈칸을 살펴보세요.",
            "Check the indentation, the quotes and the space after each colon.",
        ),
    )


def _child(node: yaml.Node, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _repeated_keys(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _repeated_keys(item)
