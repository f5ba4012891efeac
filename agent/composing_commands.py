"""What the commands about composed replies do: ``ground`` and ``benchmark composing``."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.assembly import data_directory, open_composer
from agent.commands import say
from agent.composing_benchmark import compose_all, summarise_replies
from agent.errors import DatasetError
from agent.grounding import GroundingCheck, PairClassifier
from agent.grounding.pair_files import read_labelled_pairs
from agent.grounding_benchmark import measure_check
from agent.settings import Settings
from agent.utterances import read_utterances
from knowledge_base.database import Database
from knowledge_base.encoder import load_encoder
from knowledge_base.progress import bar
from knowledge_base.repository import FAQRepository


def ground(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Check sentences against evidence, in the file's order."""
    pairs = read_labelled_pairs(file)
    check = GroundingCheck(PairClassifier.load(data_directory(settings).cache))
    verdicts = check.check_all([(pair.sentence, pair.evidence) for pair in pairs], [pair.language for pair in pairs])
    if as_json:
        say(json.dumps({"rows": [asdict(verdict) for verdict in verdicts]}))
        return
    for pair, verdict in zip(pairs, verdicts, strict=True):
        say(f"{'supported' if verdict.supported else 'UNSUPPORTED':12} {verdict.reason:13} {verdict.score:.2f}  {pair.sentence}")


def benchmark_composing(
    settings: Settings, pairs: Sequence[Path], messages: Path | None, only: Sequence[str], rows_out: Path | None, *, as_json: bool
) -> None:
    """Measure the grounding check on labelled sentences, and replies to messages end to end.

    Args:
        settings: which data directory and which models.
        pairs: files of labelled sentences.
        messages: labelled messages; none are replied to without.
        only: the entries whose messages are replied to; all where there are none.
        rows_out: where every reply goes, with its verdicts.
        as_json: print one document.
    """
    composer = open_composer(settings)
    result: dict[str, Any] = {}
    if pairs:
        cache = data_directory(settings).cache
        check = composer.check or GroundingCheck(PairClassifier.load(cache))
        labelled = [pair for file in pairs for pair in read_labelled_pairs(file)]
        result["check"] = measure_check(check, labelled, load_encoder(None, cache))
    if messages:
        repository = FAQRepository(Database(data_directory(settings).database_url))
        rows = [row for _, row in read_utterances(messages) if len(row.faqs) == 1 and (not only or row.faqs[0] in only)]
        entries = repository.get([row.faqs[0] for row in rows])
        cases = [(row.text, entries[row.faqs[0]].variant(row.language)) for row in rows if row.faqs[0] in entries]
        if not cases:
            raise DatasetError(f"{messages} has no message that an entry of the data directory answers.")
        replies = compose_all(composer, cases, bar(len(cases), "Composing"))
        for language in sorted({variant.language for _, variant in cases}):
            of_language = [reply for reply, (_, variant) in zip(replies, cases, strict=True) if variant.language == language]
            result[f"replies_{language}"] = summarise_replies(of_language)
        if rows_out:
            rows_out.write_text("".join(json.dumps(asdict(reply), ensure_ascii=False) + "\n" for reply in replies), encoding="utf-8")
    say(json.dumps(result) if as_json else json.dumps(result, indent=1))
