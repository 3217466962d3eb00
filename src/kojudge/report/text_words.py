"""The page's words about the texts: read, measured, missing."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

_TEXTS = {
    "texts": said("글 나란히 보기", "Texts side by side"),
    "texts_lead": said(
        "프롬프트를 누르면 모델마다 쓴 글이 나란히 펼쳐집니다. 이길 확률은 기준 모델의 글과 겨룰 "
        "때의 값이고, 먼저·나중은 심사 모델이 읽은 순서입니다. 눈에 보이지 않는 문자는 "
        "⟦U+200B⟧처럼 상자로 드러냈습니다.",
        "Open a prompt to see what each model wrote. The chance to win is against the "
        "baseline's text; first and second is the order in which the judge read it. Characters "
        "that cannot be seen are shown as boxes such as ⟦U+200B⟧.",
    ),
    "request": said("글감", "Request"),
    "sample": said("표본", "Sample"),
    "score": said("점수", "score"),
    "win_probability": said("이길 확률:", "chance to win:"),
    "shown_first": said("먼저", "first"),
    "shown_second": said("나중", "second"),
    "flipped": said("뒤집힘", "flips"),
    "characters": said("자", "characters"),
    "ended": said("끝난 까닭:", "ended by:"),
    "text_failed": said("글을 쓰지 못했습니다.", "No text was written."),
    "text_empty": said("빈 글입니다.", "The text is empty."),
    "no_texts": said("이 실행에는 글이 없습니다.", "This run holds no texts."),
}

_EVIDENCE = {
    "evidence": said("글에 쓰인 한국어", "The Korean of the texts"),
    "evidence_lead": said(
        "심사 모델과 상관없이 글에서 바로 센 값입니다. 판정에는 쓰지 않으며, 왜 그런 판정이 나왔는지 살펴보는 "
        "데 씁니다. 괄호 안은 프롬프트를 단위로 낸 95% 구간입니다.",
        "Counted in the texts themselves, whatever the judge says. No verdict rests on it: it shows "
        "why a text may read as it does. Brackets hold 95% intervals by prompt.",
    ),
    "answer_language": said("무슨 언어로 답했나", "Language of the answers"),
    "gates": said("걸러 볼 글", "Texts that fail a gate"),
    "correctness": said("글에서 센 값: 바른 한국어인가", "What was counted: faults"),
    "manner": said("글에서 센 값: 말투와 문체", "What was counted: manner and style"),
    "found": said("눈에 띈 곳", "Found in the text"),
    "no_gates": said("걸린 글이 없습니다.", "No text fails a gate."),
}

_MISSING = {
    "missing": said("실패와 빠진 자료", "Failures and missing data"),
    "missing_lead": said(
        "실패한 것도 기록으로 남기고 여기서 셉니다. 읽을 수 없는 답을 점수로 바꾸지 않습니다.",
        "Failures are kept and counted here. An unreadable answer never becomes a number.",
    ),
    "missing_texts": said("글", "Texts"),
    "written": said("쓴 글", "Written"),
    "absent": said("아직 없는 글", "Not yet written"),
    "empty": said("빈 글", "Empty"),
    "truncated": said("잘린 글", "Cut off"),
    "judgments_only": said(
        "글 없이 판정만 들어온 모델의 수", "Models that came with judgments only, without a text"
    ),
    "missing_scores": said("점수가 없는 판정", "Judgments without a score"),
    "unscored": said("점수 없음", "Unscored"),
    "total": said("전체", "Total"),
    "share": said("비율", "Share"),
    "nothing_missing": said("빠진 점수가 없습니다.", "No score is missing."),
    "outside": said("배운 적 없는 글", "Texts unlike those learned from"),
    "outside_lead": said(
        "학습한 심사 모델(헤드)이 배운 글과 많이 다른 글입니다. 점수는 그대로 두되, 열에 하나를 넘으면 판정을 "
        "보류합니다.",
        "Far from what a trained judge (a head) learned from. Their scores stay; where they are more "
        "than a tenth, the verdict is withheld.",
    ),
    "outside_count": said("배운 글과 다름", "Unlike"),
    "stale": said("지금 설정에 쓰이지 않는 기록", "Records the settings no longer ask for"),
    "stale_lead": said(
        "프롬프트나 루브릭을 고치기 전의 기록입니다. 지우지 않고 두었으며 통계에는 넣지 않았습니다.",
        "Made before a prompt or a rubric changed. They are kept, and left out of the statistics.",
    ),
    "stale_texts": said("글", "Texts"),
    "stale_judgments": said("판정 기록", "Judgments"),
}

TEXT_WORDS: Mapping[str, Said] = {**_TEXTS, **_EVIDENCE, **_MISSING}
