"""How a judge is asked: the message, the method, the answer's score."""

from kojudge.judging.ask import Answer, Method, ask, content_free
from kojudge.judging.question import Question, evidence_of, reads, rubric_key

__all__ = [
    "Answer",
    "Method",
    "Question",
    "ask",
    "content_free",
    "evidence_of",
    "reads",
    "rubric_key",
]
