"""The page's and the terminal's words about a cascade."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

CASCADE_WORDS: Mapping[str, Said] = {
    "cascade": said("나누어 심사하기", "The cascade"),
    "cascade_lead": said(
        "λ는 모두 읽은 심사 모델을 얼마나 썼는지, r은 두 심사 모델이 얼마나 함께 움직였는지를 뜻합니다. 폭은 일부만 "
        "읽은 심사 모델 혼자일 때의 구간을 1로 본 것입니다. 마지막 칸은 이 심사 모델이 같은 프롬프트를 모두 읽었다면 "
        "얻었을 차이의 구간입니다. 판정의 구간은 이런 프롬프트 일반에 대한 것이라 더 넓습니다.",
        "λ tells how far the judge that read everything is used, r how far the two judges move "
        "together. The width is that of the interval, with the judge of a part alone as 1. The last "
        "column holds what that judge would have found on just these prompts, had it read them "
        "all; the verdict's interval is about prompts like these, and wider.",
    ),
    "cascade_both": said("읽은 프롬프트(일부/모두)", "Prompts read (part/all)"),
    "cascade_weight": said("쓴 정도 λ", "Weight λ"),
    "cascade_correlation": said("상관 r", "Correlation r"),
    "cascade_width": said("폭", "Width"),
    "cascade_full": said("모두 읽었다면", "Had it read all"),
}
