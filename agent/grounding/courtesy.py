"""What a language model may say beside an entry's own sentences: courtesy, in the customer's words and in a clerk's."""

import re
from collections.abc import Collection

from agent.grounding.pair_text import stem, words
from knowledge_base.normalisation import normalise
from knowledge_base.pinyin import english_words

PRONOUNS = "i|you|we|it|that|this|these|those|they|there|here|who|what|which|how|let|and|but|to"
VERBS = "is|are|was|were|has|have|had|can|cannot|will|would|must|should|may|might|does|do"
# "Your parcel is on its way": somebody or something else than the speakers does something.
ASSERTS = re.compile(rf"\b(?!(?:{PRONOUNS}|{VERBS})\b)[a-z0-9'’-]+\s+(?:{VERBS}|(?:is|are|was|were|has|have|ca|wo|do|does)n['’]t)\b")
# "Here's how to ..." promises what the entry may not tell. "The human typing this", "the money returned to you", "the parts you left out"
# say that there is one, that it is, that you did.
IMPLIES = re.compile(r"\bhere['’]s how\b|\b(?:the|an?|your) (?:\w+ )?\w+ (?:(?!\w*thing\b|sorted\b)\w+(?:ing|ed)|you)\b")
YOURS = re.compile(r"\b(?:you(?:['’](?:ve|re|d|ll))?|your|u|ur)\s+([a-z'’]+)")
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")  # TV, USD
# Before an entry that answers, the contrary of what follows.
REFUSES = re.compile(
    r"\b(?:can(?:['’]t|not)|couldn['’]t|unable to|not able to) (?:\w+ )?(?:tell|say|confirm|answer|promise|judge|find|help)\b|"
    r"\b(?:not|n['’]t) (?:mention|cover|say|explain|describe|list|state|something i)|\bdon['’]t (?:know|have)\b|\bno information\b|"
    r"(?:无法|没法|不能|不敢|没办法)(?:确定|确认|回答|告诉|判断|保证|说)|没(?:有)?(?:提到|提及|说明|写|列出|涉及)|不清楚|不知道"
)


def only_courtesy(sentence: str, message: str, vocabulary: Collection[str]) -> bool:
    """Whether a sentence is worded as courtesy: it asserts nothing of things, refuses nothing, and every word is known to be harmless.

    What a customer calls "your staff" is not theirs, and what they spell wrong is not repeated.

    Args:
        sentence: what would be said beside the entry's own sentences.
        message: the customer's; its words may be taken up.
        vocabulary: stems that clerks use when they claim nothing, see `training.grounding.courtesy`.

    >>> only_courtesy("A broken cup is annoying, I'm sorry.", "my cup is broken", {"a", "i'm", "sorry", "annoy"})
    False
    >>> only_courtesy("I'm sorry about the broken cup.", "my cup is broken", {"about", "the", "i'm", "sorry"})
    True
    """
    text = normalise(sentence)
    if ASSERTS.search(text) or IMPLIES.search(text) or REFUSES.search(text):
        return False
    if set(YOURS.findall(text)) & set(YOURS.findall(normalise(message))):
        return False
    capitals = {word.lower() for word in CAPITALS.findall(message)}
    said = {stem(word) for word in words(message) if word in capitals or _is_spelt_right(word)}
    return all(stem(word) in vocabulary or stem(word) in said for word in words(sentence) if word[0].isalnum())


def _is_spelt_right(word: str) -> bool:
    """Whether a word is English, or none that is written in letters a to z."""
    return not (word.isascii() and word.isalpha()) or word in english_words() or word.removesuffix("s") in english_words()
