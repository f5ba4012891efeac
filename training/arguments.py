"""How the classifier is fine-tuned: one dataclass, every field documented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FineTuningArguments:
    """Settings of one fine-tuning run; the defaults made the shipped starter release.

    Attributes:
        epochs: passes over the training part.
        batch_size: utterances a step.
        learning_rate: peak of the schedule, for adapter and head alike.
        warmup_share: share of the steps during which the learning rate rises.
        weight_decay: AdamW's, on all trained weights but biases and norms.
        label_smoothing: probability moved from the label to the other intents; keeps the logits calibrated.
        dropout: on the pooled representation; the encoder has its own, and in the adapter it would take a third of the time.
        lora_rank: width of the low-rank adapter (Hu et al. 2021, https://arxiv.org/abs/2106.09685).
        lora_alpha: the adapter's scale, relative to its rank.
        max_tokens: longer messages are cut here.
        seed: of everything random.
    """

    epochs: int = 3
    batch_size: int = 32
    learning_rate: float = 7e-4
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.05
    dropout: float = 0.1
    lora_rank: int = 16
    lora_alpha: int = 32
    max_tokens: int = 96
    seed: int = 7
