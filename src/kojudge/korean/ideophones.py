"""Ideophones (의성어·의태어): words that paint a sound or a manner.

Most are doubled (반짝반짝) and found by their shape; this file lists those that are not, and
the doubled adverbs that paint nothing. The lists are ours and deliberately short: a word
stands here only when it is an ideophone in nearly every sentence.
"""

from __future__ import annotations

import re

from kojudge.korean.analysis import Token

__all__ = ["is_ideophone"]

# Doubled, but adverbs of time, degree or order.
_PLAIN = """
점점 종종 각각 차차 내내 매매 자꾸자꾸 자주자주 서로서로 가끔가끔 빨리빨리 어서어서 하나하나 때때로 오래오래
매일매일 하루하루 조금조금 조금씩조금씩 모두모두 따로따로 두루두루 미리미리 더욱더욱 너무너무 아주아주 정말정말
진짜진짜 많이많이 천천히 고루고루 길이길이 다시다시 거의거의 그때그때 곳곳 군데군데 가지가지 송이송이 구석구석
이리이리 저마다 제각각 이만저만 그만그만 고만고만 일일 가까이가까이 멀리멀리 높이높이 널리널리 깊이깊이 훨씬훨씬
더더 또또 꼭꼭 족족 번번 연연 간간 누누 내리내리 대대 겹겹 켜켜 틈틈 짬짬 나날 다달 구구 절절 면면 사사건건
시시각각 시시때때 두고두고 문득문득 차츰차츰 이러이러 그러그러 저러저러 그럭저럭
"""
# Half-doubled or single.
_SINGLE = """
울긋불긋 알록달록 얼룩덜룩 오순도순 오손도손 티격태격 옥신각신 옹기종기 올망졸망 싱숭생숭 허둥지둥 들쑥날쑥 왁자지껄
갈팡질팡 우물쭈물 우당탕 우당탕탕 울퉁불퉁 아옹다옹 삐뚤빼뚤 지글보글 엉금엉금 이글이글 흥얼흥얼 다닥다닥
곤드레만드레 뒤죽박죽 우락부락 아기자기 싱글벙글 생글방글 비틀배틀 왈가닥달가닥 덜커덩 덜컹 덜컥 덥석 벌떡 발딱
벌컥 왈칵 와락 와르르 우르르 주르르 주르륵 또르르 도르르 데구루루 떼구루루 사르르 스르르 스르륵 부르르 파르르
후루룩 호로록 꼬르륵 꼴깍 꿀꺽 꿀떡 훌쩍 활짝 화들짝 깜짝 반짝 번쩍 펄쩍 폴짝 풀쩍 슬쩍 힐끗 흘끗 힐끔 빙그레
싱긋 씽긋 생긋 방긋 벙긋 배시시 피식 킥킥 깔깔 껄껄 하하 호호 히죽 뭉클 울컥 찡긋 털썩 철퍼덕 철썩 찰싹 철렁
덜렁 풍덩 퐁당 첨벙 찰칵 딸깍 짤랑 딸랑 쨍그랑 쨍 따르릉 때르릉 째깍 똑딱 바스락 부스럭 부스스 휘청 기우뚱
갸우뚱 비틀 꾸벅 까딱 끄덕 쫑긋 꼬끼오 꼬꼬댁 멍멍 왈왈 야옹 음매 꿀꿀 짹짹 개굴개굴 맴맴 쿵 쾅 쿵쾅 꽝 펑
뻥 툭 탁 톡 뚝 똑 쏙 쑥 쭉 쫙 쫑 푹 폭 콕 쿡 휙 훅 훌훌 홱 확 꽉 꼬옥 두근 콩닥 쿵쿵 콩콩 글썽 울먹
반들 번들 이글 살랑 산들 일렁 출렁 찰랑 넘실 꿈틀 꼼지락 꾸물 머뭇 중얼 웅성 수군 속닥 소곤 종알 재잘 투덜
킁킁 훌쩍훌쩍
"""
_PLAIN_DOUBLES = frozenset(_PLAIN.split())
_LISTED = frozenset(_SINGLE.split())
_DOUBLED = re.compile(r"([가-힣]{1,3})\1\Z")
_VERB = re.compile(r"(?:거리|대|이)\Z")


def is_ideophone(token: Token) -> bool:
    """Whether ``token`` is an ideophone, or a verb made of one (두근거리다)."""
    form = token.form
    if token.tag == "MAG" or (token.tag == "XR" and len(form) > 2):
        # Roots of two syllables (딱딱하다, 묵묵하다) are plain adjectives more often than not.
        doubled = bool(_DOUBLED.match(form)) and form not in _PLAIN_DOUBLES
        return doubled or form in _LISTED
    if token.tag == "VV" and _VERB.search(form):
        stem = _VERB.sub("", form)
        return len(stem) > 1 and stem in _LISTED
    return False
