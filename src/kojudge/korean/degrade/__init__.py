"""Degradations of known direction for the judge's certificate: Korean made worse on purpose.

Each program takes ``(text, severity, rng)`` and returns a ``Degraded`` with every change.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kojudge.errors import Said, said
from kojudge.korean.degrade.change import Change, Degraded, Program, apply
from kojudge.korean.degrade.foreign import mix_foreign
from kojudge.korean.degrade.jamo import damage_finals, swap_vowels
from kojudge.korean.degrade.levels import mix_levels, rewrite, rewrite_haera
from kojudge.korean.degrade.loops import repeat_phrases, repeat_sentence
from kojudge.korean.degrade.particles import swap_allomorph, swap_case
from kojudge.korean.degrade.shuffle import shuffle_sentences, shuffle_words
from kojudge.korean.degrade.spacing import insert_spaces, remove_spaces
from kojudge.korean.degrade.truncate import cut_off

__all__ = ["LABELS", "PROGRAMS", "Change", "Degraded", "Program", "apply", "rewrite"]

_ALL: tuple[tuple[str, Program, Said], ...] = (
    (
        "particle_allomorph",
        swap_allomorph,
        said("받침에 맞지 않는 조사", "particles in the wrong form"),
    ),
    ("particle_case", swap_case, said("격이 틀린 조사", "particles of the wrong case")),
    ("mixed_levels", mix_levels, said("뒤섞인 높임법", "mixed speech levels")),
    ("plain_endings", rewrite_haera, said("해라체로 바꾼 문장 끝", "endings rewritten to 해라체")),
    ("spaces_removed", remove_spaces, said("빠진 띄어쓰기", "spaces removed")),
    ("spaces_added", insert_spaces, said("낱말 안에 들어간 빈칸", "spaces inside words")),
    ("vowel_noise", swap_vowels, said("잘못된 모음", "wrong vowels")),
    ("final_damage", damage_finals, said("잘못된 받침", "wrong final consonants")),
    ("sentence_loop", repeat_sentence, said("되풀이되는 문장", "a sentence in a loop")),
    ("phrase_loop", repeat_phrases, said("되풀이되는 구절", "phrases in a loop")),
    ("cut_off", cut_off, said("중간에 끊긴 글", "cut off in mid-sentence")),
    ("sentence_shuffle", shuffle_sentences, said("뒤섞인 문장 순서", "sentences shuffled")),
    ("word_shuffle", shuffle_words, said("뒤섞인 어순", "words shuffled")),
    ("foreign_script", mix_foreign, said("섞여 든 외국어와 외국 문자", "foreign words and script")),
)

PROGRAMS: Mapping[str, Program] = MappingProxyType({name: run for name, run, _ in _ALL})
"""The programs by name. All lower naturalness but ``plain_endings``, which lowers friendliness."""

LABELS: Mapping[str, Said] = MappingProxyType({name: label for name, _, label in _ALL})
"""What each program makes, for people."""
