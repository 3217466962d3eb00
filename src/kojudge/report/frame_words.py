"""The page's words around its sections, and on the verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

_FRAME = {
    "page_title": said("한국어 글쓰기 비교 보고서", "Korean writing: comparison report"),
    "skip": said("판정으로 건너뛰기", "Skip to the verdicts"),
    "contents": said("차례", "Contents"),
    "notices": said("먼저 읽어 주세요", "Read this first"),
    "demonstration": said("시연용 결과입니다", "For demonstration only"),
    "on_a_gpu": said(
        "믿을 만한 판정을 얻으려면 GPU가 있는 컴퓨터에서 kojudge.toml의 judges에 더 큰 모델"
        "(예: qwen2.5-32b-instruct)을 적고 아래 명령을 차례로 실행하세요.",
        "For verdicts worth trusting, name a larger model under judges in kojudge.toml "
        "(for example qwen2.5-32b-instruct) on a machine with a GPU, and run:",
    ),
    "no_verdicts": said("아직 비교가 없습니다.", "There is no comparison yet."),
    "yes": said("예", "yes"),
    "theme": said("화면 밝기", "Theme"),
    "theme_auto": said("자동", "Auto"),
    "theme_light": said("밝게", "Light"),
    "theme_dark": said("어둡게", "Dark"),
}

_VERDICTS = {
    "verdicts": said("판정", "Verdicts"),
    "verdicts_lead": said(
        "후보 모델이 기준 모델보다 나은지, 비슷한지 평가 항목마다 한 문장으로 답합니다. 판정은 "
        "신뢰구간과 미리 정한 동등 범위로만 내립니다.",
        "One sentence a criterion: is the candidate better than the baseline, or as good? "
        "Verdicts come from the confidence interval and a margin fixed beforehand, nothing else.",
    ),
    "verdict_language": said("판정의 언어", "Language of the verdicts"),
    "margin": said("동등 범위", "Margin"),
    "margin_short": said("동등 범위", "Margin"),
    "similar_or_better": said("비슷하거나 나음", "Similar or better"),
    "mode": said("비교 방식", "Mode"),
    "judge": said("심사 모델", "Judge"),
}

FRAME_WORDS: Mapping[str, Said] = {**_FRAME, **_VERDICTS}
