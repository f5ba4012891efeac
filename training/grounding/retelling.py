"""Labelled sentences made from an entry's own: told as an assistant tells them, joined, or with what they rest on taken away."""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.sentences import sentences, units
from training.grounding.data import SUPPORTED, UNSUPPORTED, Pair
from training.grounding.overlap import overlap

FRAMES = {
    "en": (
        "Yes, {}|No worries: {}|Please note: {}|In short, {}|Just so you know, {}|One thing to know: {}|As our FAQ puts it, {}|"
        "To answer your question, {}|Good to know: {}|And {}|Also, {}|So {}|For your peace of mind, {}"
    ).split("|"),
    "zh": "是的，{}|您好，{}|请注意，{}|简单来说，{}|提醒您：{}|另外，{}|也就是说，{}|放心，{}|关于这一点，{}|所以{}".split("|"),
}
JOINS = {"en": ("{}, and {}", "{}; {}", "{} - {}"), "zh": ("{}，{}", "{}；{}", "{}，另外{}")}
WITHOUT_PART = 0.4  # of the sentences stand beside an entry that lacks what they tell, too
# What may be cut off a sentence and leaves it saying more than it did.
CONDITIONS = {
    "en": re.compile(
        r",? (?:but only |only )?\b(?:if|unless|as long as|provided(?: that)?|except|once|after|until|when)\b[^,.;:]{6,}(?=[.!]?$)"
        r"|^(?:If|Unless|As long as|Provided(?: that)?|Once|When)\b[^,.;:]{6,}, (?=\w)"
    ),
    "zh": re.compile(r"^(?:如果|若|只要|只有|凡是|满足|当|对于)[^，。；]{2,}，(?=[^。]{4,})|，(?:但|除非|前提是)[^，。；]{3,}(?=。?$)"),
}

ANSWERS = re.compile(r"(?:yes|no|sorry)\b|是|不|可以|对|抱歉", re.IGNORECASE)  # to the entry's question alone
# Words with which a sentence begins without being a name.
COMMON_STARTS = frozenset(
    "the a an you your we our if to for in on at it its they this that these those all any each every no yes please when once after before "
    "there only most some both within from until unless as by with orders items members customers".split()
)


def retold(pairs: Sequence[Pair], seed: int) -> list[Pair]:
    """Return new pairs made from what the entries themselves say, and from sentences that they support.

    Args:
        pairs: labelled by hand.
        seed: of the choices.
    """
    chance = random.Random(seed)  # noqa: S311 - a sample
    supported = [pair for pair in pairs if pair.label == SUPPORTED and pair.evidence]
    first = {pair.evidence: pair for pair in supported}
    of_domain: dict[tuple[str, str], list[str]] = defaultdict(list)
    for evidence, pair in first.items():
        of_domain[pair.language, pair.domain].append(evidence)
    made = [made for pair in first.values() for made in _told(pair, of_domain[pair.language, pair.domain], chance)]
    for pair in supported:
        if chance.random() < WITHOUT_PART:
            made += _without_its_part(pair)
        made += _without_its_condition(pair)
    return made


def _told(pair: Pair, evidences: Sequence[str], chance: random.Random) -> Iterator[Pair]:
    """One sentence of the entry in a frame, two of it joined; and the same with a sentence of another entry."""
    own = _plain(pair.evidence)
    others = [evidence for evidence in evidences if evidence != pair.evidence]
    if not own:
        return
    frame, join = chance.choice(FRAMES[pair.language]), chance.choice(JOINS[pair.language])
    yield replace(pair, sentence=_framed(frame, chance.choice(own)), label=SUPPORTED, kind="")
    if len(own) > 1:
        yield replace(pair, sentence=_joined(join, *chance.sample(own, 2)), label=SUPPORTED, kind="")
    if others and (foreign := _plain(chance.choice(others))):
        wrong = replace(pair, label=UNSUPPORTED, kind="invented")
        yield replace(wrong, sentence=_framed(frame, chance.choice(foreign)))
        yield replace(wrong, sentence=_joined(join, chance.choice(own), chance.choice(foreign)))


def _without_its_part(pair: Pair) -> Iterator[Pair]:
    """The evidence without the part that the sentence has most in common with, if it has much more with that one."""
    title, _, answer = pair.evidence.partition("\n")
    parts = units(answer)
    shared = [overlap(pair.sentence, part) for part in parts]
    ranked = sorted(shared, reverse=True)
    if len(parts) > 1 and ranked[0] >= 3 and ranked[0] >= 2 * ranked[1] + 2:
        parts.pop(shared.index(ranked[0]))
        rest = ("" if pair.language == "zh" else " ").join(parts)
        yield Pair(pair.sentence, f"{title}\n{rest}", UNSUPPORTED, pair.language, "invented", pair.domain)


def _without_its_condition(pair: Pair) -> Iterator[Pair]:
    """The sentence without a condition that it keeps."""
    found = CONDITIONS[pair.language].search(pair.sentence)
    if found and overlap(found[0], pair.evidence) >= 2:
        rest = pair.sentence[: found.start()] + pair.sentence[found.end() :]
        if len(rest) >= len(pair.sentence) / 3:
            yield replace(pair, sentence=rest[:1].upper() + rest[1:], label=UNSUPPORTED, kind="condition")


def _plain(evidence: str) -> list[str]:
    """The sentences of an answer that can be put into another one."""
    return [one for one in sentences(evidence.partition("\n")[2]) if 8 <= len(one) <= 200 and one[-1] in ".。" and not ANSWERS.match(one)]


def _framed(frame: str, sentence: str) -> str:
    return frame.format(_lowered(sentence))


def _joined(join: str, one: str, other: str) -> str:
    return join.format(one.rstrip(".。"), _lowered(other))


def _lowered(sentence: str) -> str:
    """A sentence as it goes on within another one; names keep their capitals."""
    head, _, rest = sentence.partition(" ")
    common = head.lower() in COMMON_STARTS
    return f"{head.lower()} {rest}" if common and rest else sentence
