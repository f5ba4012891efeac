"""How a language model is fine-tuned to compose: one dataclass, every field documented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ComposeArguments:
    """Settings of one run; the defaults made the shipped adapter.

    Attributes:
        epochs: passes over the examples.
        batch_size: examples a step and device.
        accumulation: steps whose gradients are summed before the weights move.
        learning_rate: peak of the schedule.
        warmup_share: share of the steps during which the learning rate rises.
        lora_rank: width of the low-rank adapter in all linear layers (Hu et al. 2021, https://arxiv.org/abs/2106.09685).
        lora_alpha: the adapter's scale, relative to its rank.
        copies: variants of each example with other figures and names, see `training.composing.variants`.
        terse_words: woven replies that begin without a word are learned only for messages of at most so many words; openings differ so
            much that a model which sees a third of the replies without one would hardly ever begin with one.
        max_tokens: longer examples are left out.
        seed: of everything random.
    """

    epochs: int = 1
    batch_size: int = 8
    accumulation: int = 1
    learning_rate: float = 4e-4
    warmup_share: float = 0.05
    lora_rank: int = 16
    lora_alpha: int = 32
    copies: int = 1
    terse_words: int = 5
    max_tokens: int = 512
    seed: int = 7
