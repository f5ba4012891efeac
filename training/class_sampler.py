"""Batches in which classes come in groups, so that a contrastive loss has something to draw together."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence

from torch.utils.data import Sampler

EACH = 4  # texts of a class in a batch


class ClassSampler(Sampler[int]):
    """Yields places so that each batch holds a few texts of each of its classes; an epoch is as long as the data.

    Args:
        labels: of each example.
        batch_size: of the batches that are cut from it.
        seed: of the choices.
    """

    def __init__(self, labels: Sequence[int], batch_size: int, seed: int) -> None:
        self.places: dict[int, list[int]] = defaultdict(list)
        for place, label in enumerate(labels):
            self.places[label].append(place)
        self.length, self.classes = len(labels), max(batch_size // EACH, 2)
        self.chance = random.Random(seed)  # noqa: S311 - a sample

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        done = 0
        while done < self.length:
            for label in self.chance.sample(sorted(self.places), min(self.classes, len(self.places))):
                found = self.places[label]
                for place in self.chance.sample(found, min(EACH, len(found)))[: self.length - done]:
                    yield place
                    done += 1
