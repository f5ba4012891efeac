"""Whether two messages of a customer ask the same in other words."""

from collections.abc import Sequence

import numpy as np

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder

LIMIT = 0.32  # cosine


class Rephrasing:
    """Compares messages by the cosine of their vectors, centred as retrieval centres them.

    `LIMIT` is the least, in hundredths, that at most 2 % of the pairs of questions pass which two entries of one intent answer: a
    customer's next question is as near as these. It was learned on the demonstration shop's utterances (20 of each entry and language:
    52,882 pairs of paraphrases, that is questions of one entry, and 3.3 million of different entries) and measured on its validation
    messages (1,871 and 126,400 pairs), across languages, too:

    ================================================  ==========  ==========
    pairs above the limit                             utterances  validation
    ================================================  ==========  ==========
    questions of different entries                         0.4 %       0.5 %
    of different entries of one intent                     1.9 %       2.0 %
    paraphrases                                           13.8 %      16.7 %
    a dialogue's question and the next, another topic      0.8 %       0.0 %
    and the next on the topic, of another entry            2.7 %       5.4 %
    ================================================  ==========  ==========

    So it is a hint: a near question passes now and then (how to return something, and what that costs), and most paraphrases of the
    data do not, as they tell of different situations where a customer tells of theirs again. Without centres for an encoder its
    cosines mean something else, and no two messages pass.

    Args:
        encoder: embeds messages.

    Example:
        >>> Rephrasing(encoder).say_the_same([("how long does delivery take?", "when will my order be delivered?")])
        [True]
    """

    def __init__(self, encoder: TextEncoder) -> None:
        self.encoder, self.centring = encoder, Centring.of(encoder.base_fingerprint)

    def say_the_same(self, pairs: Sequence[tuple[str, str]]) -> list[bool]:
        """Which of the pairs of messages ask the same."""
        if not pairs or not self.centring.centres:
            return [False] * len(pairs)
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        vectors = dict(zip(texts, self.centring.apply(self.encoder.encode_queries(texts), texts, "query"), strict=True))
        return [bool(np.dot(vectors[one], vectors[other]) > LIMIT) for one, other in pairs]
