"""What the labelling page says, in Korean and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kojudge.errors import Said, said

__all__ = ["PAGE", "REASONS", "Criterion", "criterion_words"]


@dataclass(frozen=True, slots=True)
class Criterion:
    """How one criterion is asked.

    ``much`` and ``little`` have a place for the side: {side}.
    """

    name: Said
    question: Said
    hint: Said
    much: Said
    little: Said


_KNOWN: Mapping[str, Criterion] = {
    "naturalness": Criterion(
        said("자연스러움", "Naturalness"),
        said("어느 글이 더 자연스러운가요?", "Which text reads more naturally?"),
        said("한국 사람이 이 부탁을 받고 직접 쓴 글처럼 읽히는 쪽을 고르세요. "
             "길이나 꾸밈, 내용이 마음에 드는지는 따지지 않습니다.",
             "Pick the one that reads as if a Korean had written it when asked for this. "
             "Length, decoration and whether you like the content do not matter."),
        said("{side}이 훨씬 자연스럽다", "{side} is much more natural"),
        said("{side}이 조금 더 자연스럽다", "{side} is a little more natural"),
    ),
    "friendliness": Criterion(
        said("친근함", "Friendliness"),
        said("어느 글이 더 친근한가요?", "Which text is friendlier?"),
        said("부탁이 바라는 말투 안에서 읽는 이를 더 가깝고 따뜻하게 대하는 쪽을 고르세요. "
             "칭찬이나 느낌표, 이모지가 많다고 친근한 글은 아닙니다.",
             "Pick the one that treats its reader more warmly within the tone the request wants. "
             "Praise, exclamation marks and emoji alone do not make a text friendly."),
        said("{side}이 훨씬 친근하다", "{side} is much friendlier"),
        said("{side}이 조금 더 친근하다", "{side} is a little friendlier"),
    ),
}  # fmt: skip

ALIKE = said("비슷하다", "They are about alike")
SIDES = {
    "wide": (
        said("왼쪽 글(가)", "The left text (가)"),
        said("오른쪽 글(나)", "The right text (나)"),
    ),
    "narrow": (
        said("위 글(가)", "The upper text (가)"),
        said("아래 글(나)", "The lower text (나)"),
    ),
}
"""Where the two texts stand, beside each other or, on a narrow screen, one above the other."""

REASONS: Mapping[str, Said] = {
    "undecidable": said("도무지 판단이 서지 않는다", "I cannot decide"),
    "broken": said("글이 깨졌거나 거의 비어 있다", "A text is broken or almost empty"),
    "unblinded": said("누가 쓴 글인지 알 것 같다", "I can tell who wrote it"),
    "upsetting": said("읽고 싶지 않은 내용이다", "I do not want to read this"),
    "other": said("그 밖의 까닭", "Another reason"),
}
"""Why a question may be skipped."""

PAGE: Mapping[str, Said] = {
    "title": said("글 견주기", "Comparing texts"),
    "purpose": said("같은 부탁을 받고 쓴 두 글을 견줍니다. 누가 썼는지는 끝까지 가려 둡니다.",
                    "Two texts written for the same request. Who wrote them stays hidden."),
    "no_script": said("이 화면은 자바스크립트로 움직입니다. 브라우저에서 켜 주세요.",
                      "This page runs on JavaScript. Please turn it on."),
    "skip_link": said("답 고르는 곳으로", "To the answers"),
    "progress": said("진행 상황", "Progress"),
    "request": said("글쓴이가 받은 부탁", "What the writers were asked"),
    "earlier": said("앞서 나눈 대화", "Earlier turns"),
    "answers": said("답 고르기", "Your answer"),
    "undo": said("되돌리기", "Undo"),
    "skip": said("건너뛰기", "Skip"),
    "help": said("도움말", "Help"),
    "close": said("닫기", "Close"),
    "loading": said("불러오는 중입니다.", "Loading."),
    "saving": said("저장하는 중입니다.", "Saving."),
    "named": said("이 글에는 모델이나 만든 곳의 이름이 나옵니다. 누가 썼을지는 생각하지 말고 글만 견주세요.",
                  "This text names a model or a maker. Judge the text, not who may have written it."),
    "same_texts": said("같은 두 글을 이번에는 다른 눈으로 봅니다.", "The same two texts, another question."),
    "empty": said("(빈 글)", "(empty)"),
    "chosen": said("앞서 고른 답", "chosen before"),
    "not_saved": said("저장하지 못했습니다.", "NOT saved."),
    "kept": said("고른 답은 이 화면에 남아 있습니다.", "Your answer is still on this page."),
    "retry": said("다시 저장", "Try again"),
    "unreachable": said("명령이 끝났거나 연결이 끊겼습니다. 터미널에서 kojudge label 명령을 다시 실행하고 새 주소를 "
                        "여세요. 이미 저장한 답은 그대로 있고, 지금 문항부터 이어집니다.",
                        "The command has ended or the connection is lost. Run kojudge label again in the "
                        "terminal and open the new address: saved answers are kept, and you go on here."),
    "saved": said("저장했습니다", "Saved"),
    "undone": said("되돌렸습니다. 다시 고르세요.", "Taken back. Choose again."),
    "nothing_to_undo": said("되돌릴 답이 없습니다.", "Nothing to take back."),
    "skip_title": said("왜 건너뛰나요?", "Why skip this one?"),
    "note": said("덧붙일 말 (없어도 됩니다)", "A note (optional)"),
    "help_title": said("이렇게 합니다", "How it works"),
    "help_answer": said("답 고르기", "answer"),
    "help_undo": said("바로 앞 답을 되돌리기", "take back the last answer"),
    "help_skip": said("까닭을 고르고 건너뛰기", "skip, with a reason"),
    "help_help": said("이 도움말", "this help"),
    "help_text": said("한 번에 한 가지만 묻습니다. 답은 고르는 즉시 저장되니 언제든 그만두었다가 같은 명령으로 "
                      "이어서 하면 됩니다. 결과는 다 마친 뒤에 나옵니다.",
                      "One thing is asked at a time. Each answer is saved at once: stop whenever you like and go "
                      "on with the same command. Results come at the end."),
    "hidden_characters": said("⟦U+…⟧는 글에 들어 있는 보이지 않는 문자입니다.",
                              "⟦U+…⟧ is an invisible character of the text."),
    "finished": said("모두 마쳤습니다. 고맙습니다.", "All done. Thank you."),
    "finished_next": said("답은 모두 저장되어 있습니다. 이 창을 닫고 터미널에서 Ctrl-C를 누르면 끝납니다. "
                          "kojudge report 명령을 실행하면 보고서에 사람의 평가가 들어갑니다.",
                          "Every answer is saved. Close this page and press Ctrl-C in the terminal. "
                          "The command kojudge report puts the labels into the report."),
}  # fmt: skip

ROLES: Mapping[str, Said] = {
    "system": said("지시", "instruction"),
    "user": said("물음", "user"),
    "assistant": said("답", "reply"),
}


def criterion_words(criterion: str, name: Said) -> Criterion:
    """Return how ``criterion`` is asked; one of a user's own rubric is asked by its ``name``."""
    if criterion in _KNOWN:
        return _KNOWN[criterion]
    return Criterion(
        name,
        said(f"‘{name.ko}’ 면에서 어느 글이 더 나은가요?", f"Which text is better in {name.en}?"),
        said("이 한 가지만 견주세요.", "Compare them in this one respect."),
        said("{side}이 훨씬 낫다", "{side} is much better"),
        said("{side}이 조금 더 낫다", "{side} is a little better"),
    )
