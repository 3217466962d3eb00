"""The labels and lead paragraphs of the page, by the name the templates know them under."""

from __future__ import annotations

from collections.abc import Mapping

from kojudge.errors import Said
from kojudge.report.cascade_words import CASCADE_WORDS
from kojudge.report.figure_words import FIGURE_WORDS
from kojudge.report.frame_words import FRAME_WORDS
from kojudge.report.method_words import METHOD_WORDS
from kojudge.report.table_words import TABLE_WORDS
from kojudge.report.text_words import TEXT_WORDS
from kojudge.report.trust_words import TRUST_WORDS

WORDS: Mapping[str, Said] = {
    **FRAME_WORDS,
    **TABLE_WORDS,
    **FIGURE_WORDS,
    **TEXT_WORDS,
    **TRUST_WORDS,
    **METHOD_WORDS,
    **CASCADE_WORDS,
}
