"""Whether customers' messages are other ones than before: how far their distributions moved, and whether chance moves them as far.

Two questions are kept apart. *How far is traffic from the training data?* is shown and raises no alert as a rule: data are balanced on
purpose and traffic never is, so that an alert on this distance would never end. *Did the last seven days move against what came before?*
raises the alert: against the four weeks before them, which have every day of the week as often as the seven days have. Only where there is
too little before, in a shop's first weeks, the training data stand in, and a larger distance is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from knowledge_base.onnx_model import Array
from training.insights.profile import Category, Dimension, Sample, TrafficProfile

WEEK = timedelta(days=7)
BEFORE = 4  # weeks
LEAST = 10  # conversations; fewer are not judged at all
FEWEST = 50  # the same before the last week; with fewer the training data stand in
# From here on a distance is worth a person's look. 0.1 and 0.25 are the customary limits for some ten categories (Siddiqi 2006, "Credit
# Risk Scorecards"); for two or three, half of them: out of scope from 10 % to 20 % is 0.08.
LIMITS = {Dimension.INTENTS: 0.1, Dimension.CONFIDENCE: 0.1, Dimension.OUT_OF_SCOPE: 0.05, Dimension.LANGUAGES: 0.05}
FROM_TRAINING = 2.5  # times as far, where the training data stand in
FALSE_ALARMS = 0.02  # how often any of the dimensions may seem to move by chance in a week, at most
SIMULATED = 2000
SMOOTHING = 0.5  # messages more in every category
MOVERS = 5


@dataclass(frozen=True)
class Mover:
    """A category whose share changed.

    Attributes:
        category: an intent, a bin of confidence, inside or out of scope, or a language.
        before: its share of the messages before.
        now: its share now.
    """

    category: str
    before: float
    now: float


@dataclass(frozen=True)
class Distance:
    """How far apart two distributions are.

    Attributes:
        psi: the population stability index, less what chance makes of it on average; 0 or more.
        noise: how large that may be by chance, see `FALSE_ALARMS`.
        movers: the categories whose shares changed the most, in this order; of two that changed alike, the one that grew.
    """

    psi: float
    noise: float
    movers: tuple[Mover, ...]

    def reaches(self, limit: float) -> bool:
        """Whether it is as far as the limit, and farther than by chance."""
        return self.psi >= limit and self.psi > self.noise


@dataclass(frozen=True)
class Shift:
    """How the last week's messages stand in a dimension.

    Attributes:
        dimension: which.
        distance: from what came before, or from the training data where they stand in; None where there is too little to compare.
        to_training: from the training data, None where the release has no profile of them, or there is too little to compare.
        against_training: whether the training data stand in for what came before.
        is_alert: whether they moved.
    """

    dimension: Dimension
    distance: Distance | None
    to_training: Distance | None
    against_training: bool
    is_alert: bool


def shifts(now: Sample, before: Sample, training: TrafficProfile | None) -> list[Shift]:
    """Judge a week.

    Args:
        now: the week's messages.
        before: those of the four weeks before it.
        training: the training data's profile, None where the release has none.

    Returns:
        One for each dimension.

    Example:
        >>> [shift.dimension for shift in shifts(now, before, None) if shift.is_alert]
        [<Dimension.LANGUAGES: 'languages'>]
    """
    to_training = dict.fromkeys(Dimension) if training is None else from_training(now, training)
    stands_in = training is not None and len(before.conversations) < FEWEST
    found = to_training if stands_in else from_earlier(now, before)
    return [_shift(dimension, found[dimension], to_training[dimension], against_training=stands_in) for dimension in Dimension]


def from_earlier(now: Sample, before: Sample, simulated: int = SIMULATED) -> dict[Dimension, Distance | None]:
    """How far messages are from earlier ones, by dimension; None where there are too few of either.

    How far they would be by chance tells a permutation test (Fisher 1935, "The Design of Experiments"): all groups of conversations are
    dealt anew to the two times, again and again. So few messages raise no alert, however far they seem to be from others (among 30 intents,
    100 messages are 0.3 from 400 of the same kind), and neither does one conversation that goes on and on.

    Args:
        now: the messages.
        before: the earlier ones.
        simulated: how many times the groups are dealt.
    """
    if min(len(now.conversations), len(before.conversations)) < LEAST:
        return dict.fromkeys(Dimension)
    groups = [*now.groups.values(), *before.groups.values()]
    categories = sorted({category for group in groups for category in group})
    table = _table(groups, categories)
    one, whole = table[: len(now.groups)].sum(axis=0), table.sum(axis=0)
    chance = np.random.default_rng(0)  # the same messages are judged alike every time
    dealt = np.stack([table[chance.choice(len(table), len(now.groups), replace=False)].sum(axis=0) for _ in range(simulated)])
    found: dict[Dimension, Distance | None] = {}
    for dimension in Dimension:
        places = [place for place, category in enumerate(categories) if category[0] is dimension]
        names = [categories[place][1] for place in places]
        by_chance = stability_index(dealt[:, places], (whole - dealt)[:, places])
        found[dimension] = _distance(names, one[places], (whole - one)[places], by_chance)
    return found


def from_training(now: Sample, training: TrafficProfile) -> dict[Dimension, Distance | None]:
    """How far messages are from the training data, by dimension; None where there are too few.

    How far they would be by chance is simulated: as many independent messages as they are worth, see `TrafficProfile.size`, are drawn from
    the profile (a parametric bootstrap, Efron & Tibshirani 1993, "An Introduction to the Bootstrap").
    """
    if len(now.conversations) < LEAST:
        return dict.fromkeys(Dimension)
    profile, chance = now.profile(), np.random.default_rng(0)
    found: dict[Dimension, Distance | None] = dict.fromkeys(Dimension)
    for dimension in (one for one in Dimension if training.counts[one]):
        counts = (profile.counts[dimension], training.counts[dimension])
        names = sorted({*counts[0], *counts[1]})
        one, other = (np.array([count.get(name, 0) for name in names], dtype=float) for count in counts)
        drawn = chance.multinomial(profile.size, other / other.sum(), SIMULATED).astype(float)
        found[dimension] = _distance(names, one * (profile.size / one.sum()), other, stability_index(drawn, other))
    return found


def stability_index(now: Array, before: Array) -> Array:
    """The population stability index: the sum over all categories of (p - q) ln(p / q), 0 for equal shares.

    It is Jeffreys' divergence (1946, "An invariant form for the prior probability in estimation problems"), known by this name since it
    watches credit scores. Each category counts half a message more than it has (Krichevsky & Trofimov 1981, "The performance of universal
    encoding"), so that an empty one does not make the distance infinite.

    Args:
        now: counts, (..., categories).
        before: likewise.

    Returns:
        The index, (...).
    """
    p, q = ((counts + SMOOTHING) / (counts + SMOOTHING).sum(axis=-1, keepdims=True) for counts in (now, before))
    return np.asarray(((p - q) * np.log(p / q)).sum(axis=-1))


def _shift(dimension: Dimension, found: Distance | None, to_training: Distance | None, *, against_training: bool) -> Shift:
    limit = LIMITS[dimension] * (FROM_TRAINING if against_training else 1.0)
    return Shift(dimension, found, to_training, against_training=against_training, is_alert=found is not None and found.reaches(limit))


def _distance(names: Sequence[str], now: Array, before: Array, by_chance: Array) -> Distance:
    usual, most = float(by_chance.mean()), float(np.quantile(by_chance, 1 - FALSE_ALARMS / len(Dimension)))
    p, q = now / now.sum(), before / before.sum()
    places = np.lexsort((q - p, -abs(p - q).round(6)))[:MOVERS]
    movers = tuple(Mover(names[place], float(q[place]), float(p[place])) for place in places)
    return Distance(max(0.0, float(stability_index(now, before)) - usual), most - usual, movers)


def _table(groups: Sequence[dict[Category, int]], categories: Sequence[Category]) -> Array:
    """Counts, (groups, categories)."""
    places = {category: place for place, category in enumerate(categories)}
    table = np.zeros((len(groups), len(categories)), dtype=np.float32)
    for row, group in zip(table, groups, strict=True):
        for category, count in group.items():
            row[places[category]] = count
    return table
