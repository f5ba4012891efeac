"""Whether labels and the catalogue of intents fit each other; refused before anything is trained."""

from collections import Counter
from collections.abc import Iterable, Sequence

from agent.errors import DatasetError
from agent.intents import OUT_OF_SCOPE, Intent
from agent.utterances import Utterance
from knowledge_base.entry import FAQEntry
from training.dataset import FEWEST


def catalogue_of(utterances: Iterable[Utterance], entries: Iterable[FAQEntry]) -> list[Intent]:
    """The catalogue of labels that come without one: every intent is a question that the FAQ is to answer."""
    names = {intent for utterance in utterances for intent in utterance.intent.split()} | {
        entry.intent for entry in entries if entry.intent
    }
    return [Intent(name, "query", "answer") for name in sorted(names - {OUT_OF_SCOPE})]


def check_labels(intents: Sequence[Intent], training: Sequence[Utterance], validation: Sequence[Utterance]) -> None:
    """Refuse labels that nothing can be learned from.

    Raises:
        DatasetError: a label is not in the catalogue, or an intent has too few messages, or there is one intent only.
    """
    known = {intent.id for intent in intents}
    unknown = sorted({intent for u in [*training, *validation] for intent in u.intent.split()} - known - {OUT_OF_SCOPE})
    if unknown:
        raise DatasetError(f"The catalogue of intents has no {', '.join(unknown)}, which utterances or entries name.")
    counts = Counter(u.intent for u in training)
    missing = sorted(known - set(counts))
    if missing:
        raise DatasetError(f"There is no utterance to train on for {', '.join(missing)}. Add some.")
    few = sorted(name for name in counts if counts[name] < FEWEST and " " not in name)
    if few:
        raise DatasetError(f"There is one utterance only to train on for {', '.join(few)}. Add some: a class needs at least {FEWEST}.")
    if len(counts) < 2:
        raise DatasetError(f"All utterances have the intent {next(iter(counts))}; a classifier needs at least two.")
    if not validation:
        raise DatasetError(
            "There is nothing to validate on, because there are few utterances. Add some, or name messages with --validation."
        )
