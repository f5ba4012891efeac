"""Learns, on dialogues, whether a message is meant for itself or goes on with what was talked about."""

import random
from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from tqdm import tqdm

from agent.context_model import MANNERS, ContextModel, Leaning
from agent.conversation import Manner
from agent.intents import Intent
from agent.looking import Looker
from agent.routing import Router
from agent.understanding import Understood, reading_evidence
from agent.utterances import Utterance, dialogues
from knowledge_base.onnx_model import Array
from training.costs import Costs, cost
from training.examples import ExampleBuilder, stands_alone, turn_pairs
from training.logistic_fitting import fit_logistic

SOUNDS = {"follow_up": 1, "correction": 2}  # every other kind stands alone: 0
REGULARISATION = 0.01  # of the first step; chosen by cross-validation over dialogues
FOLDS = 5
MOST_ALONE = 3000  # messages for themselves, besides those of the dialogues
DRAW = 0.2  # weight of a message of which both readings cost the same


def learn_context(
    looker: Looker,
    router: Router,
    builder: ExampleBuilder,
    training: Sequence[Utterance],
    validation: Sequence[Utterance],
    intents: Mapping[str, Intent],
    costs: Costs,
) -> ContextModel | None:
    """Fit both steps of a context model.

    Args:
        looker: with the classifier that will serve.
        router: with the routing that will serve.
        builder: knows what a conversation is about after a message.
        training: utterances and dialogues of the training part; with the others they show how messages sound.
        validation: utterances and dialogues that the classifier was not trained on; they show which reading costs less.
        intents: the catalogue; empty without a classifier.
        costs: of each kind of mistake.

    Returns:
        The model; None where there are no dialogues to learn from.
    """
    heard = [*_heard(validation), *_heard(training)]
    manners = np.array([SOUNDS.get(u.kind, 0) for u in heard])
    if len(set(manners)) < len(MANNERS) or not dialogues(validation):
        return None
    vectors = looker.retriever.index.encoder.encode_queries([looker.correct(u.text) for u in heard])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=REGULARISATION, max_iter=2000))
    groups = [u.dialogue or f"alone-{place}" for place, u in enumerate(heard)]
    # Held-out leanings, because a message's own would be surer than those of messages to come.
    held_out = cross_val_predict(model, vectors, manners, groups=groups, cv=GroupKFold(FOLDS), method="predict_proba")
    leanings = {id(u): Leaning(*map(float, row)) for u, row in zip(heard, held_out, strict=True)}
    weights, bias = _plain(model.fit(vectors, manners))
    return ContextModel(weights, bias, _fit_reading(looker, router, builder, validation, leanings, intents, costs))


def _heard(utterances: Sequence[Utterance]) -> list[Utterance]:
    """The turns of dialogues, and a sample of other messages."""
    others = [u for u in utterances if not u.dialogue and len(u.faqs) < 2]
    chance = random.Random(7)  # noqa: S311 - a sample
    return [u for u in utterances if u.dialogue] + chance.sample(others, min(MOST_ALONE, len(others)))


def _plain(model: Pipeline) -> tuple[Array, Array]:
    """A scaled logistic model as weights and constants on the vectors as they are."""
    scaler, logistic = model[0], model[1]
    weights: Array = logistic.coef_ / scaler.scale_
    return weights, logistic.intercept_ - weights @ scaler.mean_


def _fit_reading(
    looker: Looker,
    router: Router,
    builder: ExampleBuilder,
    validation: Sequence[Utterance],
    leanings: Mapping[int, Leaning],
    intents: Mapping[str, Intent],
    costs: Costs,
) -> dict[str, float]:
    """Fit which of two readings costs less; a message counts by how much less."""
    rows, targets, weights = [], [], []
    pairs = [pair for turns in dialogues(validation) for pair in turn_pairs(turns)]
    for before, turn in tqdm(pairs, desc="Reading dialogues"):
        topic, text = builder.topic_after(before), looker.correct(turn.text)
        alone, joined = (read(looker, router, words) for words in (text, topic.join(text)))
        gain = cost(turn, alone.route, intents, costs) - cost(turn, joined.route, intents, costs)
        rows.append(reading_evidence(leanings[id(turn)], alone, joined, topic))
        targets.append(gain > 0 if gain else not stands_alone(turn))
        weights.append(abs(gain) or DRAW)
    if len(set(targets)) < 2:  # one reading is always the better one
        return dict.fromkeys(rows[0], 0.0) | {"bias": 9.0 if targets[0] else -9.0}
    return fit_logistic(rows, targets, weights)


def read(looker: Looker, router: Router, text: str) -> Understood:
    """What would be done about a text."""
    look = looker.look(text)
    return Understood(look, Manner.ALONE, router.route(look.prediction, look.candidates, looker.covered(), asked_back=False))
