"""Writing tasks of kojudge under lm-evaluation-harness 0.4.13.

``kojudge export --lm-eval DIR`` copies this file into DIR as ``utils.py``; it is never
imported from here. It runs where both lm-eval and kojudge are installed. What a text is worth
is left to ``kojudge score``: measured is only what needs no judge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lm_eval.api.task import ConfigurableTask

from kojudge.engines.local.chat import merge_system
from kojudge.korean.diagnose import diagnose
from kojudge.korean.gates import gates
from kojudge.korean.response_language import answer_language, expected_language
from kojudge.records import Message

GATES = ("empty", "wrong_language", "loop", "truncated", "refusal")


class WritingTask(ConfigurableTask):  # type: ignore[misc]  # lm_eval has no types
    """A task whose documents are conversations, asked turn by turn as they stand."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        super().__init__(config={k: v for k, v in (config or {}).items() if k != "class"})

    def download(self, dataset_kwargs: Mapping[str, Any] | None = None, **options: Any) -> None:
        """Load the prompts beside this file: a relative path would be looked up elsewhere."""
        given = dict(dataset_kwargs or {})
        here = Path(__file__).resolve().parent
        given["data_files"] = {k: str(here / name) for k, name in given["data_files"].items()}
        super().download(given, **options)

    def fewshot_context(
        self,
        doc: Mapping[str, Any],
        *,
        system_instruction: str | None = None,
        apply_chat_template: bool | str = False,
        chat_template: Callable[..., Any] | None = None,
        **_: Any,
    ) -> Any:
        """Return what the model is shown: every turn under its own role.

        Raises ValueError where a conversation would have to pass for one plain text.
        """
        messages = [Message(turn["role"], turn["content"]) for turn in doc["messages"]]
        if system_instruction:
            messages = _with_system(messages, system_instruction)
        if apply_chat_template and chat_template:
            return _rendered(messages, chat_template)
        if len(messages) > 1:
            raise ValueError(
                f"{doc['name']}: 여러 차례의 대화라 lm-eval에 --apply_chat_template이 필요합니다. "
                "A conversation of several turns: run lm-eval with --apply_chat_template."
            )
        return doc["request"]


def process_results(doc: Mapping[str, Any], results: Sequence[Any]) -> dict[str, float]:
    """Return the share (0-1) of a prompt's answers that are Korean, and that each gate caught."""
    answers = [results[0]] if isinstance(results[0], str) else list(results[0])
    found = [_faults(doc["request"], answer) for answer in answers]
    shares = {gate: sum(gate in faults for faults in found) / len(found) for gate in GATES}
    korean = sum(answer_language(answer) == "korean" for answer in answers) / len(answers)
    return {"korean": korean, **shares}


def _faults(request: str, answer: str) -> tuple[str, ...]:
    return gates(diagnose(answer, prompt=request), expected_language(request))


def _with_system(messages: list[Message], instruction: str) -> list[Message]:
    if messages[0].role != "system":
        return [Message("system", instruction), *messages]
    return [Message("system", f"{instruction}\n\n{messages[0].content}"), *messages[1:]]


def _rendered(messages: list[Message], chat_template: Callable[..., Any]) -> Any:
    """Render the turns; a system turn that the template has no role for opens the first turn.

    lm-eval drops such a turn with a warning, and the task would be another one.
    """
    shown = _shown(messages, chat_template)
    lost = isinstance(shown, str) and messages[0].content.strip() not in shown
    if lost and messages[0].role == "system":
        return _shown(merge_system(messages), chat_template)
    return shown


def _shown(messages: list[Message], chat_template: Callable[..., Any]) -> Any:
    turns = [{"role": turn.role, "content": turn.content} for turn in messages]
    return chat_template(turns, add_generation_prompt=True)
