"""The grounding check: is a sentence supported by the entries that it rests on?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.grounding.canonical import canonical
from agent.grounding.courtesy import only_courtesy
from agent.grounding.pair_classifier import LABELS, PairClassifier
from agent.grounding.rules import contradiction
from agent.language import detect_language
from agent.sentences import sentences

MARK = re.compile(r"\s*\[\d+(?:\.\d+)?\]")
NO_CLAIM = LABELS.index("no_claim")
SUPPORTED = LABELS.index("supported")


@dataclass(frozen=True)
class Verdict:
    """What the check says of a sentence.

    Attributes:
        supported: whether it may be sent.
        reason: ``verbatim``, ``entailed`` or ``no_claim`` for a supported sentence; else the kind of fact that the evidence does not have
            (see `agent.grounding.rules.contradiction`), ``not_entailed``, or ``claim`` where nothing may be claimed.
        score: the probability that it is supported or claims nothing, 0 to 1; 0 where a rule refused it.
    """

    supported: bool
    reason: str
    score: float


class GroundingCheck:
    """Checks sentences: rules for figures, times, links, names and deeds, and a trained classifier for everything else.

    Args:
        pairs: the trained classifier.

    Example:
        >>> check.check("You have two weeks to return it.", "Returns are possible within 14 days.")
        Verdict(supported=True, reason='entailed', score=0.97)
    """

    def __init__(self, pairs: PairClassifier) -> None:
        self.pairs = pairs
        self._courtesy = {language: frozenset(stems) for language, stems in pairs.settings.courtesy.items()}

    def check(self, sentence: str, evidence: str, language: str | None = None) -> Verdict:
        """Check one sentence, see `check_all`."""
        return self.check_all([(sentence, evidence)], [language])[0]

    def check_all(self, pairs: Sequence[tuple[str, str]], languages: Sequence[str | None] | None = None) -> list[Verdict]:
        """Check sentences.

        Args:
            pairs: of a sentence and its evidence, the entries' questions and answers as they are written.
            languages: of the sentences, ``en`` or ``zh``; detected where it is missing.

        Returns:
            A verdict for each, in their order.
        """
        known = [self._by_rule(MARK.sub("", sentence), evidence) for sentence, evidence in pairs]
        open_places = [place for place, verdict in enumerate(known) if verdict is None]
        judged = iter(())
        if open_places:
            texts = [(MARK.sub("", pairs[place][0]), pairs[place][1]) for place in open_places]
            judged = iter(self.pairs.probabilities(texts))
        asked = languages or [None] * len(pairs)
        return [
            verdict or self._by_model(next(judged), language or detect_language(sentence).code)
            for verdict, (sentence, _), language in zip(known, pairs, asked, strict=True)
        ]

    def check_courtesy(self, sentence: str, evidence: str, message: str, language: str) -> Verdict:
        """Check a sentence that stands beside the evidence's own words: it may claim nothing, however true.

        Args:
            sentence: as it is written.
            evidence: the entries' questions and answers.
            message: the customer's.
            language: of the reply.

        Returns:
            ``no_claim``, or what is wrong with it: see `check`, and ``claim``.
        """
        verdict = self.check(sentence, evidence, language)
        known = self._courtesy.get(language, frozenset())
        if verdict.supported and (verdict.reason != "no_claim" or not only_courtesy(sentence, message, known)):
            return Verdict(False, "claim", verdict.score)
        return verdict

    def _by_rule(self, sentence: str, evidence: str) -> Verdict | None:
        if not re.search(r"\w", sentence):
            return Verdict(True, "no_claim", 1.0)
        if is_verbatim(sentence, evidence):
            return Verdict(True, "verbatim", 1.0)
        reason = contradiction(sentence, evidence)
        return Verdict(False, reason, 0.0) if reason else None

    def _by_model(self, probabilities: Sequence[float], language: str) -> Verdict:
        score = round(float(probabilities[SUPPORTED] + probabilities[NO_CLAIM]), 4)
        if score < self.pairs.threshold(language):
            return Verdict(False, "not_entailed", score)
        return Verdict(True, "no_claim" if probabilities[NO_CLAIM] > probabilities[SUPPORTED] else "entailed", score)


def is_verbatim(sentence: str, evidence: str) -> bool:
    """Whether a text is made of whole sentences of the evidence; a part of one may have lost its condition."""
    known = {_bare(one) for one in sentences(evidence)}
    return all(_bare(one) in known for one in sentences(sentence))


def _bare(text: str) -> str:
    return re.sub(r"[\s*_>#-]+", " ", canonical(text)).strip(" .。!！")
