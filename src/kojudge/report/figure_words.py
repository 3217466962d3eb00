"""The page's words on and beside its charts."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said, said

FIGURE_WORDS: Mapping[str, Said] = {
    "forest": said("차이와 신뢰구간", "Differences and intervals"),
    "forest_lead": said(
        "점은 기준 모델과의 차이, 가로줄은 신뢰구간입니다. 가운데 띠는 동등 범위라서, 가로줄이 "
        "모두 띠 안에 들면 사실상 같습니다. 보류한 판정은 흐리게 그렸습니다.",
        "The dot is the difference from the baseline, the line its confidence interval. The band "
        "in the middle is the margin: a line wholly inside it means similar. Withheld verdicts "
        "are drawn faint.",
    ),
    "forest_title": said("기준 모델과의 차이", "Difference from the baseline"),
    "forest_desc": said(
        "가로축은 기준 모델과의 차이입니다.", "The horizontal axis is the difference."
    ),
    "baseline_better": said("기준 모델이 나음", "baseline better"),
    "candidate_better": said("후보 모델이 나음", "candidate better"),
    "as_table": said("표로 보기", "As a table"),
    "outcomes": said("승·무·패", "Wins, ties, losses"),
    "outcomes_lead": said(
        "기준 모델의 글과 겨룬 결과를 100%로 놓고, 비긴 판의 한가운데를 축에 맞췄습니다. 막대가 "
        "오른쪽으로 치우칠수록 이긴 판이 많습니다. 오른쪽 숫자는 승 / 무 / 패이고, 막대를 누르면 그 글들만 "
        "아래에 보입니다.",
        "All pairs with the baseline's text make 100%; the middle of the ties stands on the "
        "axis, so a bar leans to the side that won more often. The figures are wins / ties / "
        "losses. Click a part of a bar to list its texts below.",
    ),
    "outcomes_desc": said(
        "막대 하나가 모델 하나이고 왼쪽부터 패, 무, 승입니다.",
        "One bar a model: losses, ties and wins from left to right.",
    ),
    "win": said("승", "Win"),
    "tie": said("무", "Tie"),
    "loss": said("패", "Loss"),
    "pair_count": said("겨룬 수", "Pairs"),
    "no_pairs": said(
        "기준 모델의 글과 겨룬 판정이 없습니다.",
        "No text was compared with the baseline's directly.",
    ),
    "distributions": said("점수의 흩어짐과 길이", "Spread of the scores, and length"),
    "histograms": said("점수 분포", "Score distributions"),
    "histograms_lead": said(
        "위는 후보 모델, 아래는 기준 모델입니다. 막대의 높이는 그 점수를 받은 글의 비율, 세모는 평균입니다.",
        "The candidate above, the baseline below. A bar's height is the share of texts with that "
        "score; the triangle is the mean.",
    ),
    "no_scores": said("점수를 매긴 판정이 없습니다.", "No text was scored on its own."),
    "lengths": said("길이와 차이", "Length and the difference"),
    "lengths_lead": said(
        "점 하나가 프롬프트 하나입니다. 가로축은 글자 수가 기준 모델의 몇 배인지, 세로축은 차이입니다. "
        "오른쪽으로 갈수록 점이 올라가면 긴 글이 점수를 더 받은 것입니다. “길이·형식이 같다면”은 길이와 "
        "제목·굵은 글씨·목록의 차이가 없다고 볼 때의 차이이며, 판정에는 쓰지 않습니다.",
        "A dot is a prompt: across, its length in characters over the baseline's; up, the "
        "difference. Dots that rise to the right mean that longer texts were preferred. “At equal "
        "length and style” is the difference predicted for texts of equal length with as many "
        "headings, bold words and lists. No verdict rests on it.",
    ),
    "binned_lead": said(
        "프롬프트가 200개를 넘어 칸으로 묶었습니다. 동그라미의 넓이가 프롬프트 수입니다.",
        "More than 200 prompts: counted in cells. A circle's area is its number of prompts.",
    ),
    "longer_by": said("기준 모델보다 긴 글", "longer than the baseline"),
    "length_correlation": said("길이와의 순위 상관 ρ", "Rank ρ with length"),
    "length_adjusted": said("길이·형식이 같다면", "At equal length and style"),
    "no_lengths": said(
        "기준 모델과 견줄 글이 이 실행에 없습니다.",
        "This run holds no texts to compare in length.",
    ),
    "other_models": said("나머지 그림", "The other drawings"),
    "one_category": said(
        "범주가 하나뿐이라 나누어 볼 것이 없습니다.", "There is one category only: nothing to part."
    ),
}
