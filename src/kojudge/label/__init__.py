"""The blind labelling page: people compare a candidate's text with the baseline's."""

from kojudge.label.api import Api
from kojudge.label.files import RaterFiles
from kojudge.label.pairs import Pair, pairs_of, sampled
from kojudge.label.plan import Question, plan
from kojudge.label.rater import rater_name
from kojudge.label.server import LabelServer
from kojudge.label.sitting import Sitting

__all__ = [
    "Api",
    "LabelServer",
    "Pair",
    "Question",
    "RaterFiles",
    "Sitting",
    "pairs_of",
    "plan",
    "rater_name",
    "sampled",
]
