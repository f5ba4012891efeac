"""The words that clerks use when they claim nothing, learned from written replies."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from agent.grounding.pair_text import stem, words
from agent.prompting import Depth
from agent.sentences import sentences
from training.composing.data import Example
from training.grounding.data import MARK

DOMAINS = 2  # in which a word is courtesy, at least


def courtesy_vocabulary(replies: Sequence[Example]) -> dict[str, list[str]]:
    """Stems that replies of several domains use beside facts, by language.

    Words that such a sentence takes from the customer's message are not counted: any message may be taken up, with its words.

    Args:
        replies: written by hand; those that tell nothing of an article are left out.
    """
    domains: dict[tuple[str, str], set[str]] = defaultdict(set)
    for reply in replies:
        said = {stem(word) for word in words(reply.message)}
        for sentence in _beside_facts(reply):
            for found in {stem(word) for word in words(sentence) if word[0].isalpha()} - said:
                domains[reply.language, found].add(reply.domain)
    return {
        language: sorted(found for (spoken, found), seen in domains.items() if spoken == language and len(seen) >= DOMAINS)
        for language in sorted({reply.language for reply in replies})
    }


def _beside_facts(reply: Example) -> Iterator[str]:
    """The sentences of a reply that tell nothing of an article, if others of it do."""
    if not MARK.search(reply.reply):
        return
    if reply.depth is Depth.FREE:
        yield from (sentence for sentence in sentences(reply.reply) if not MARK.search(sentence))
    else:
        yield from sentences(MARK.sub("\n", reply.reply))
