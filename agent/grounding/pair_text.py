"""A sentence and its evidence as one input for the pair classifier, with what differs marked."""

import re

import jieba

from agent.grounding.canonical import canonical
from agent.sentences import units

SEPARATOR = "</s></s>"  # between two texts of one input, for encoders of XLM-R's kind
NOVEL = "*"  # before a word that the other text does not have
RELEVANT = 2  # parts of the evidence that a sentence is compared with, and the question
WORD = re.compile(r"[a-z0-9][a-z0-9'’.:/@+-]*[a-z0-9]|[a-z0-9]|[\u3400-\u9fff]+|[^\w\s]")
HAN = re.compile(r"[\u3400-\u9fff]")


def pair_text(sentence: str, evidence: str) -> str:
    r"""Both texts, normalised; the sentence comes first, so that long evidence never cuts it.

    A small encoder compares two texts much better when it is shown which words one has and the other has not.

    >>> pair_text("You have 3 weeks to return it.", "Can I return it?\nYou have 14 days.")
    'you have *21 days *to return it .</s></s>*can *i return it ? you have *14 days .'
    """
    said = words(sentence)
    known = [words(part) for part in relevant(sentence, evidence)]
    known_words, said_words = {stem(word) for part in known for word in part}, {stem(word) for word in said}
    return SEPARATOR.join([_marked(said, known_words), _marked([word for part in known for word in part], said_words)])


def relevant(sentence: str, evidence: str) -> list[str]:
    """The parts of the evidence that a sentence has most in common with, in their order, behind the first one, which is the question."""
    parts = units(evidence.replace("**", ""))
    if len(parts) <= RELEVANT + 1:
        return parts
    said = _pieces(sentence)

    def shared(place: int) -> float:
        """How much a part has in common with the sentence, for its length."""
        pieces = _pieces(parts[place])
        return float(len(said & pieces) / (len(pieces) + 5) ** 0.5)

    best = sorted(range(1, len(parts)), key=shared, reverse=True)[:RELEVANT]
    return [parts[0], *(parts[place] for place in sorted(best))]


def words(text: str) -> list[str]:
    """The words of a text as it is matched, Chinese ones as jieba cuts them; nothing in it can pass for the model's own tokens."""
    found: list[str] = []
    for match in WORD.findall(canonical(text.replace("**", "")).replace("<", " ").replace(NOVEL, " ")):
        found += jieba.lcut(match) if HAN.match(match) else [match]
    return found


def stem(word: str) -> str:
    """A word without its commonest endings.

    >>> stem("waiting"), stem("waited")
    ('wait', 'wait')
    """
    for ending in ("ing", "ed", "es", "s"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return word[: -len(ending)]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _marked(texts: list[str], known: set[str]) -> str:
    marked = [word if stem(word) in known or not word[0].isalnum() else NOVEL + word for word in texts]
    return " ".join(marked)


def _pieces(text: str) -> set[str]:
    """Stems, and pairs of Han characters."""
    han = "".join(HAN.findall(text))
    return {stem(word) for word in words(text) if not HAN.match(word)} | {han[place : place + 2] for place in range(len(han) - 1)}
