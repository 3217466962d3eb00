"""Foreign words and letters in place of nouns, as they leak from multilingual models."""

from __future__ import annotations

import numpy as np

from kojudge.korean.degrade.change import Degraded, changed, chosen
from kojudge.korean.degrade.morphemes import read
from kojudge.korean.degrade.transliterate import cyrillic, kana, latin

__all__ = ["SCRIPTS", "mix_foreign"]

SCRIPTS = ("latin", "han", "kana", "cyrillic")

# Korean | English | Han | Japanese | Russian
_WORDS = """
사람 person 人 ひと человек
마음 heart 心 こころ сердце
시간 time 時間 じかん время
하루 day 一天 いちにち день
오늘 today 今天 きょう сегодня
내일 tomorrow 明天 あした завтра
어제 yesterday 昨天 きのう вчера
아침 morning 早晨 あさ утро
저녁 evening 傍晚 ゆうがた вечер
밤 night 夜 よる ночь
봄 spring 春天 はる весна
여름 summer 夏天 なつ лето
가을 autumn 秋天 あき осень
겨울 winter 冬天 ふゆ зима
집 house 家 いえ дом
방 room 房間 へや комната
창문 window 窗戶 まど окно
길 road 路 みち дорога
골목 alley 小巷 ろじ переулок
동네 neighborhood 社區 まち район
바다 sea 大海 うみ море
산 mountain 山 やま гора
하늘 sky 天空 そら небо
별 star 星星 ほし звезда
달 moon 月亮 つき луна
비 rain 雨 あめ дождь
눈 snow 雪 ゆき снег
바람 wind 風 かぜ ветер
꽃 flower 花 はな цветок
나무 tree 樹 き дерево
고양이 cat 貓 ねこ кошка
강아지 puppy 小狗 こいぬ щенок
엄마 mom 媽媽 ママ мама
어머니 mother 母親 はは мать
아버지 father 父親 ちち отец
할머니 grandmother 奶奶 おばあさん бабушка
친구 friend 朋友 ともだち друг
아이 child 孩子 こども ребёнок
가족 family 家人 かぞく семья
이름 name 名字 なまえ имя
손 hand 手 て рука
얼굴 face 臉 かお лицо
목소리 voice 聲音 こえ голос
눈물 tears 眼淚 なみだ слёзы
웃음 smile 笑容 えがお улыбка
말 words 話 ことば слова
이야기 story 故事 はなし история
책 book 書 ほん книга
편지 letter 信 てがみ письмо
사진 photo 照片 しゃしん фото
노래 song 歌 うた песня
음식 food 食物 たべもの еда
밥 meal 飯 ごはん рис
물 water 水 みず вода
커피 coffee 咖啡 コーヒー кофе
맛 taste 味道 あじ вкус
가게 shop 商店 みせ магазин
카페 cafe 咖啡廳 カフェ кафе
여행 travel 旅行 りょこう путешествие
학교 school 學校 がっこう школа
일 work 工作 しごと работа
회사 company 公司 かいしゃ компания
생각 thought 想法 かんがえ мысль
기억 memory 記憶 きおく память
행복 happiness 幸福 しあわせ счастье
사랑 love 愛 あい любовь
꿈 dream 夢 ゆめ мечта
세상 world 世界 せかい мир
문 door 門 ドア дверь
날 day 日子 ひ день
"""
_TABLE = {
    korean: dict(zip(SCRIPTS, others, strict=True))
    for korean, *others in (line.split() for line in _WORDS.strip().splitlines())
}


def mix_foreign(text: str, severity: float, rng: np.random.Generator) -> Degraded:
    """Put a foreign word in place of a noun, each in a script drawn anew.

    Places are the nouns of the table and other nouns of two syllables and more, which are
    transliterated; particles stay.
    """
    places = [
        (noun.start, noun.end)
        for sentence in read(text)
        for noun in sentence
        if noun.pos in {"NNG", "NNP"}
        and text[noun.start : noun.end] == noun.form
        and (noun.form in _TABLE or len(noun.form) > 1)
    ]
    taken = chosen(places, severity, rng)
    return changed(text, [(*place, _foreign(text[slice(*place)], rng)) for place in taken])


def _foreign(noun: str, rng: np.random.Generator) -> str:
    known = _TABLE.get(noun)
    if known is not None:
        return known[SCRIPTS[int(rng.integers(len(SCRIPTS)))]]
    write = (latin, kana, cyrillic)[int(rng.integers(3))]
    return write(noun)
