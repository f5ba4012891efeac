"""How often the grounding check is right about labelled sentences, beside what rules and a cosine would do."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.grounding import GroundingCheck, Verdict
from agent.grounding.pair_files import LabelledPair
from agent.language import detect_language
from agent.sentences import units
from knowledge_base.encoder import TextEncoder


def measure_check(check: GroundingCheck, pairs: Sequence[LabelledPair], encoder: TextEncoder) -> dict[str, Any]:
    """How often the check is right about labelled sentences.

    Args:
        check: the check.
        pairs: labelled by people.
        encoder: whose cosine of a sentence and the evidence's nearest part is measured for comparison.

    Returns:
        For ``all`` and each language: ``n``, ``caught`` (the share of unsupported sentences that it rejects), ``rejected`` (the share of
        supported ones that it rejects), ``precision`` and ``recall`` of its rejections, and ``caught_by_rules_and_cosine``, with the
        threshold at which those reject as many supported sentences; and by kind the share that it judges as people did.
    """
    labelled = [pair for pair in pairs if pair.supported is not None]
    verdicts = check.check_all([(pair.sentence, pair.evidence) for pair in labelled], [pair.language for pair in labelled])
    cosines = _cosines(encoder, labelled, verdicts)
    kinds: dict[str, list[bool]] = defaultdict(list)
    for pair, verdict in zip(labelled, verdicts, strict=True):
        kinds[f"{'supported' if pair.supported else 'unsupported'}: {pair.kind or 'other'}"].append(verdict.supported == pair.supported)
    wrong = np.array([not pair.supported for pair in labelled], dtype=bool)
    refused = np.array([not verdict.supported for verdict in verdicts], dtype=bool)
    languages = np.array([pair.language or detect_language(pair.sentence).code for pair in labelled])
    parts = {"all": np.ones(len(labelled), dtype=bool), **{name: languages == name for name in sorted(set(languages.tolist()))}}
    return {
        **{name: _rates(wrong[part], refused[part], cosines[part]) for name, part in parts.items()},
        "right_by_kind": {kind: {"n": len(right), "right": round(sum(right) / len(right), 4)} for kind, right in sorted(kinds.items())},
    }


def _rates(wrong: Any, refused: Any, cosines: Any) -> dict[str, float | int | None]:
    def share(part: int, whole: int) -> float | None:
        """None of nothing."""
        return round(part / whole, 4) if whole else None

    caught, rejected = int((wrong & refused).sum()), int((~wrong & refused).sum())
    supported = np.sort(cosines[~wrong])
    refused_by_cosine = cosines < supported[rejected] if rejected < len(supported) else np.ones(len(cosines), dtype=bool)
    return {
        "n": len(wrong),
        "caught": share(caught, int(wrong.sum())),
        "rejected": share(rejected, int((~wrong).sum())),
        "precision": share(caught, caught + rejected),
        "recall": share(caught, int(wrong.sum())),
        "caught_by_rules_and_cosine": share(int((wrong & refused_by_cosine).sum()), int(wrong.sum())),
    }


def _cosines(encoder: TextEncoder, pairs: Sequence[LabelledPair], verdicts: Sequence[Verdict]) -> Any:
    """Of each sentence with the nearest part of its evidence; 1 where it stands there, -1 where a rule refused it."""
    parts = [units(pair.evidence) or [pair.evidence] for pair in pairs]
    vectors = iter(encoder.encode_documents([part for several in parts for part in several]))
    said = encoder.encode_documents([pair.sentence for pair in pairs])
    nearest = np.array([max(float(own @ next(vectors)) for _ in several) for own, several in zip(said, parts, strict=True)])
    nearest[[verdict.reason == "verbatim" for verdict in verdicts]] = 1.0
    nearest[[verdict.score == 0.0 and not verdict.supported for verdict in verdicts]] = -1.0
    return nearest
