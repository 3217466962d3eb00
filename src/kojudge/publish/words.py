"""The words of the index page, and of the line that it adds to reports."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

WORDS: Mapping[str, Said] = {
    "title": said("한국어 글쓰기 평가 기록", "Korean writing evaluations"),
    "kind": said("kojudge 평가 기록", "kojudge evaluations"),
    "skip": said("실행 목록으로 건너뛰기", "Skip to the runs"),
    "contents": said("차례", "Contents"),
    "other_language": said("English", "한국어"),
    "history": said("시간에 따른 변화", "Over time"),
    "history_lead": said(
        "기준 모델과의 차이를 실행 날짜 차례로 그렸습니다. 세로선은 신뢰구간, 띠는 동등 범위, 속이 빈 점은 판정을 "
        "보류한 것입니다. 기준 모델이나 심사 모델이 다른 실행은 견줄 수 없어 그림을 나눴습니다. 구간은 실행마다 "
        "따로 낸 것이라, 두 실행의 차이를 검정한 것은 아닙니다.",
        "Differences from the baseline, run by run. Bars are confidence intervals, the band is the "
        "margin, hollow dots are withheld verdicts. Runs with another baseline or judge stand in "
        "charts of their own: they do not compare. Each interval belongs to its own run; nothing "
        "here tests one run against another.",
    ),
    "no_history": said(
        "같은 기준 모델과 심사 모델로 평가한 실행이 둘 이상이면 변화를 그립니다.",
        "Lines appear once two runs share a baseline and a judge.",
    ),
    "runs": said("실행", "Runs"),
    "runs_lead": said("최근 실행부터 실었습니다.", "The latest first."),
    "no_runs": said("아직 발행한 실행이 없습니다.", "Nothing has been published yet."),
    "report": said("보고서", "Report"),
    "data": said("자료", "Data"),
    "report_data": said("이 보고서의 자료", "The data of this report"),
    "all_runs": said("발행한 실행 모두 보기", "All published runs"),
    "baseline": said("기준 모델", "Baseline"),
    "judge": said("심사 모델", "Judge"),
    "grade": said("검증 등급", "Grade"),
    "candidate": said("후보 모델", "Candidate"),
    "criterion": said("평가 항목", "Criterion"),
    "mode": said("방식", "Mode"),
    "difference": said("차이", "Difference"),
    "ci": said("신뢰구간", "CI"),
    "prompts": said("프롬프트", "Prompts"),
    "verdict": said("판정", "Verdict"),
    "run": said("실행", "Run"),
    "date": said("날짜(UTC)", "Date (UTC)"),
    "verdicts": said("판정", "Verdicts"),
    "every_verdict": said("판정 모두 보기", "Every verdict"),
    "as_table": said("표로 보기", "As a table"),
    "checkpoints": said("실행마다의 후보 모델", "The candidate of each run"),
    "better_up": said("↑ 후보 모델이 나음", "↑ candidate better"),
    "margin": said("동등 범위", "margin"),
    "panel": said("심사단", "panel"),
    "too_small": said("심사 모델이 너무 작음: 도구 시연용", "Judge too small: shows the tool only"),
    "no_labels": said("사람 평가 없음", "No human labels"),
    "unreadable": said("읽지 못한 실행", "Runs that could not be read"),
    "unreadable_lead": said(
        "파일이 깨져 목록에서 뺐습니다. 파일은 그대로 있습니다.",
        "Their files are broken, so they are left out. The files are still there.",
    ),
    "machines": said("기계가 읽는 목록", "For machines"),
    "atom": said("Atom 피드", "Atom feed"),
    "latest": said("그림에는 최근 것만 그렸습니다. 표에는 모두 있습니다.",
                   "The chart shows the latest; the table has all."),
    "chart_title": said("기준 모델과의 차이", "Difference from the baseline"),
}  # fmt: skip
