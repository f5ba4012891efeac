"""Learns everything between what classifier and retrieval say and what is done: routing, context, parts."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tqdm import tqdm

from agent.context_model import ContextModel, never_in_context
from agent.evaluation import outcome, summarise
from agent.intents import OUT_OF_SCOPE, Intent
from agent.looking import Looker
from agent.parts import PartsModel
from agent.release import Release
from agent.routing import Router
from agent.routing_model import RoutingModel, retrieval_features
from agent.understanding import Understander
from agent.utterances import Utterance, dialogues
from training.context_learning import learn_context
from training.costs import Costs
from training.examples import ExampleBuilder, stands_alone, turn_pairs
from training.parts_learning import NEVER, learn_parts
from training.route_learning import Case, learn_routing
from training.shop_simulation import simulated_cases

logger = logging.getLogger(__name__)
NOTE = "thresholds were chosen on the same validation messages, so these rates are optimistic"


@dataclass(frozen=True)
class Decisions:
    """What was learned, and how it does on the messages it was learned on."""

    routing: RoutingModel
    context: ContextModel
    parts: PartsModel
    metrics: dict[str, Any]


def decisions_without_entries(general: Release | None, dimensions: int) -> Decisions:
    """What decides where there is no FAQ to learn it on: as in general, or that nothing is answered.

    Args:
        general: a release of the same encoder, if there is one.
        dimensions: of the encoder's vectors.
    """
    if general:
        return Decisions(general.routing, general.context(), general.parts, {})
    weights = dict.fromkeys([*retrieval_features(()), "bias"], 0.0)
    routing = RoutingModel(weights, None, None, answer=1.1, clarify=1.1, intent=0.5)
    return Decisions(routing, never_in_context(dimensions), NEVER, {})


def learn_decisions(
    looker: Looker,
    builder: ExampleBuilder,
    training: Sequence[Utterance],
    validation: Sequence[Utterance],
    intents: Sequence[Intent],
    costs: Costs,
    general: Release | None,
) -> Decisions:
    """Learn each part with the ones before it in place.

    Args:
        looker: with the classifier that will serve, on an index of the FAQ.
        builder: knows what a conversation is about after a message.
        training: utterances and dialogues of the training part.
        validation: utterances and dialogues that the classifier was not trained on.
        intents: the catalogue; empty without a classifier.
        costs: of each kind of mistake.
        general: a release of the same encoder; how its messages go together is taken over where there are none to learn it from.
    """
    catalogue = {intent.id: intent for intent in intents}
    single = [u for u in validation if stands_alone(u) and len(u.faqs) < 2]
    logger.info("Learning the routing on %d validation messages ...", len(single))
    if looker.classifier:
        cases = [*_cases(looker, single), *_cases_on_topics(looker, builder, validation)]
    else:
        wanted = [u for u in single if u.faq or u.intent == OUT_OF_SCOPE]
        cases = simulated_cases(looker.retriever, wanted, list(builder.entries.values()))
    routing = learn_routing(cases, catalogue, looker.covered(), costs)
    router = Router(routing, catalogue)
    context = learn_context(looker, router, builder, training, validation, catalogue, costs)
    context = context or (general.context() if general else never_in_context(looker.retriever.index.encoder.dimensions))
    parts = learn_parts(looker, router, context, [u for u in validation if u.kind != "social"], catalogue, costs)
    parts = parts or (general.parts if general else NEVER)
    understander = Understander(looker, context, parts)
    outcomes = [outcome(u, understander.understand(u.text, None, router)) for u in tqdm(single, desc="Judging")]
    return Decisions(routing, context, parts, {"routing_on_validation": summarise(outcomes), "note": NOTE})


def _cases(looker: Looker, utterances: Sequence[Utterance]) -> list[Case]:
    looks = ((u, looker.look(looker.correct(u.text))) for u in tqdm(utterances, desc="Looking at messages"))
    return [Case(u, look.prediction, look.candidates) for u, look in looks]


def _cases_on_topics(looker: Looker, builder: ExampleBuilder, utterances: Sequence[Utterance]) -> list[Case]:
    """Follow-ups and corrections, each on its topic: what they lead to must be judged as surely as other messages."""
    pairs = [pair for turns in dialogues(utterances) for pair in turn_pairs(turns) if not stands_alone(pair[1])]
    on_topics = ((u, builder.topic_after(before).join(looker.correct(u.text))) for before, u in tqdm(pairs, desc="Looking at turns"))
    looks = ((u, looker.look(text)) for u, text in on_topics)
    return [Case(u, look.prediction, look.candidates) for u, look in looks]
