"""The vectors of a FAQ's questions, taken from the index as far as it has them: reading one takes a fiftieth of embedding it."""

from collections.abc import Mapping, Sequence

import numpy as np

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder
from knowledge_base.index import FAQIndex
from knowledge_base.onnx_model import Array
from knowledge_base.text_owners import Text

PAGE = 4000  # vectors that Chroma is asked for at once


def known_vectors(index: FAQIndex) -> dict[str, Array]:
    """The centred vectors, (dimensions,) by question, that an index has already."""
    entries = index.entries.values()
    questions = {Text("question", q).id: q for entry in entries for variant in entry.variants.values() for q in variant.questions}
    ids, known = list(questions), dict[str, Array]()
    for start in range(0, len(ids), PAGE):
        page = index.vectors.collection.get(ids=ids[start : start + PAGE], include=["embeddings"])
        known |= zip((questions[text_id] for text_id in page["ids"]), np.asarray(page["embeddings"], dtype=np.float32), strict=True)
    return known


def question_vectors(questions: Sequence[str], encoder: TextEncoder, known: Mapping[str, Array] | None = None) -> Array:
    """Centred vectors of questions, (questions, dimensions); only those that are not known are embedded."""
    known = known or {}
    missing = [question for question in dict.fromkeys(questions) if question not in known]
    embedded: Mapping[str, Array] = {}
    if missing:
        vectors = Centring.of(encoder.base_fingerprint).apply(encoder.encode_queries(missing), missing, "query")
        embedded = dict(zip(missing, vectors, strict=True))
    return np.stack([known[question] if question in known else embedded[question] for question in questions])
