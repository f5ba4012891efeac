"""More labelled sentences, made from labelled ones by program: the same sentence with evidence that says something else."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from training.grounding.data import NO_CLAIM, SUPPORTED, UNSUPPORTED, Pair
from training.grounding.overlap import overlap

FIGURE = re.compile(r"(?<![\w.,:/-])\d+(?:[.,]\d+)?(?![\w]*[.:/-]?\d)")
NEGATIONS = [  # each way round
    tuple(pair.split("/"))
    for pair in (
        "can't/can,cannot/can,isn't/is,aren't/are,don't/do,won't/will,doesn't need/needs,is not/is,are not/are,must not/must,without/with,"
        "not included/included,never/always,free of charge/at extra cost,before/after,at least/at most,only if/even if,unless/if,"
        "possible/impossible,refundable/non-refundable,不能/可以,不可以/可以,不支持/支持,不需要/需要,无需/需要,不收/收取,不会/会,不包括/包括,"
        "不包含/包含,不退/退还,免费/收费,之前/之后,以前/以后,至少/至多,以上/以下,不含/包含,不算/算,必须/不必,只能/不能"
    ).split(",")
]


def with_evidence(pairs: Sequence[Pair], seed: int, each: int = 2) -> list[Pair]:
    """The pairs, those without evidence beside evidence of others, for no evidence supports them.

    Args:
        pairs: labelled by hand.
        seed: of the choices.
        each: how many evidences they are put beside.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample
    evidences = {
        language: sorted({pair.evidence for pair in pairs if pair.language == language and pair.evidence}) for language in ("en", "zh")
    }
    return [
        replace(pair, evidence=evidence)
        for pair in pairs
        for evidence in ([pair.evidence] if pair.evidence else chance.sample(evidences[pair.language], each))
    ]


def variants(pairs: Sequence[Pair], seed: int, each: int = 1) -> list[Pair]:
    """Return new pairs; what was only worded is not touched, so that a label never changes by accident.

    A figure is changed in the evidence (unsupported), or in evidence and sentence alike (still supported); two figures of the evidence
    change places; a negation is turned round in the sentence; the evidence is another entry's of the same domain.

    Args:
        pairs: labelled by hand.
        seed: of the choices.
        each: the most variants of a kind for a pair.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample
    evidences: dict[tuple[str, str], list[str]] = defaultdict(list)
    for pair in pairs:
        if pair.evidence not in evidences[pair.language, pair.domain]:
            evidences[pair.language, pair.domain].append(pair.evidence)
    made: list[Pair] = []
    for pair in pairs:
        if pair.label == SUPPORTED:
            made += _with_figures(pair, chance, each)
            made += _turned_round(pair, chance)
        others = [evidence for evidence in evidences[pair.language, pair.domain] if evidence != pair.evidence]
        if others and pair.label != UNSUPPORTED:
            other = max(chance.sample(others, min(4, len(others))), key=lambda evidence: overlap(pair.sentence, evidence))
            label = NO_CLAIM if pair.label == NO_CLAIM else UNSUPPORTED
            made.append(Pair(pair.sentence, other, label, pair.language, "" if label == NO_CLAIM else "invented", pair.domain))
    return made


def _with_figures(pair: Pair, chance: random.Random, each: int) -> Iterator[Pair]:
    shared = [figure for figure in dict.fromkeys(FIGURE.findall(pair.sentence)) if figure in FIGURE.findall(pair.evidence)]
    chance.shuffle(shared)
    for figure in shared[:each]:
        other = _other_figure(figure, chance)
        changed = _replaced(pair.evidence, figure, other)
        yield Pair(pair.sentence, changed, UNSUPPORTED, pair.language, "number", pair.domain)
        yield Pair(_replaced(pair.sentence, figure, other), changed, SUPPORTED, pair.language, "", pair.domain)
        rivals = [
            rival
            for rival in dict.fromkeys(FIGURE.findall(pair.evidence))
            if rival != figure and rival not in FIGURE.findall(pair.sentence)
        ]
        if rivals:
            rival = chance.choice(rivals)
            swapped = _replaced(_replaced(_replaced(pair.evidence, figure, "\0"), rival, figure), "\0", rival)
            yield Pair(pair.sentence, swapped, UNSUPPORTED, pair.language, "swapped", pair.domain)


def _turned_round(pair: Pair, chance: random.Random) -> Iterator[Pair]:
    places = []
    for one, other in NEGATIONS:
        for old, new in ((one, other), (other, one)):
            pattern = rf"\b{re.escape(old)}\b" if old.isascii() else rf"(?<![不无非未]){re.escape(old)}"
            if len(re.findall(pattern, pair.sentence)) == 1:
                places.append((pattern, new))
    if places:
        pattern, new = chance.choice(places)
        yield Pair(re.sub(pattern, new, pair.sentence), pair.evidence, UNSUPPORTED, pair.language, "negation", pair.domain)


def _other_figure(figure: str, chance: random.Random) -> str:
    """A figure of the same shape."""
    if "." in figure or "," in figure:
        digits = [str(chance.randint(1, 9)) if character.isdigit() else character for character in figure]
        other = "".join(digits)
    else:
        value = int(figure)
        near = [value + 1, value - 1, value * 2, value + 5, value + 10, value // 2, value * 10]
        other = str(chance.choice([number for number in near if number > 0 and number != value]))
    return other if other != figure else figure + "0"


def _replaced(text: str, figure: str, other: str) -> str:
    if figure == "\0":
        return text.replace(figure, other)
    return FIGURE.sub(lambda match: other if match[0] == figure else match[0], text)
