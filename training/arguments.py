"""How the classifier is fine-tuned: one dataclass, every field documented."""

from dataclasses import dataclass
from typing import Literal

Method = Literal["full", "lora", "adalora", "head"]
LEARNING_RATES: dict[Method, float] = {"full": 1e-4, "lora": 7e-4, "adalora": 1.5e-3, "head": 0.0}


@dataclass(frozen=True)
class FineTuningArguments:
    """Settings of one fine-tuning run; the defaults made the shipped starter release.

    Attributes:
        method: what learns beside the head. ``full``: all layers of the encoder; ``lora``: a low-rank adapter in them, a few
            megabytes (Hu et al. 2021, https://arxiv.org/abs/2106.09685); ``adalora``: one that gives its rank to the layers
            that need it (Zhang et al. 2023, https://arxiv.org/abs/2303.10512); ``head``: nothing, the head is a logistic
            regression on the pretrained representations.
        epochs: passes over the training part; 0, beside a release to go on from, learns only anew what decides.
        batch_size: utterances a step and device.
        accumulation: steps whose gradients are summed before the weights move.
        learning_rate: peak of the schedule; None for what suits the method, see `LEARNING_RATES`.
        warmup_share: share of the steps during which the learning rate rises.
        weight_decay: AdamW's, on all trained weights but biases and norms.
        patience: epochs without a better validation accuracy after which training stops; None to go on to the end.
        frozen_layers: so many of the encoder's layers, from below, stay as they are. The word embeddings always do.
        class_weights: weigh each class by the inverse square root of how often it occurs.
        label_smoothing: probability moved from the label to the other classes; keeps the logits calibrated.
        dropout: on the pooled representation; the encoder has its own, and in the adapter it would take a third of the time.
        lora_rank: width of the low-rank adapter.
        lora_alpha: the adapter's scale, relative to its rank.
        contrastive_epochs: passes of a first stage that draws texts of one class together and others apart (Khosla et al.
            2020, https://arxiv.org/abs/2004.11362; Tunstall et al. 2022, https://arxiv.org/abs/2209.11055); 0 for none.
        adversarial: size of the push on the word embeddings that each step must withstand, too (FGM, Miyato et al. 2017,
            https://arxiv.org/abs/1605.07725); 0 for none. It doubles the time.
        augmentation: share of the training part that comes a second time, disturbed as people mistype; 0 for none.
        replay: of each intent and entry at most so many messages, beside those that are new; 0 for all. For going on from a release.
        mixing: how far the weights go from those of the release that is gone on from to the trained ones, 0 to 1: half way, most of
            what is new is learned and little forgotten (Wortsman et al. 2022, https://arxiv.org/abs/2109.01903).
        max_tokens: longer messages are cut here.
        seed: of everything random.
    """

    method: Method = "lora"
    epochs: int = 3
    batch_size: int = 32
    accumulation: int = 1
    learning_rate: float | None = None
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    patience: int | None = None
    frozen_layers: int = 0
    class_weights: bool = False
    label_smoothing: float = 0.05
    dropout: float = 0.1
    lora_rank: int = 16
    lora_alpha: int = 32
    contrastive_epochs: int = 0
    adversarial: float = 0.0
    augmentation: float = 0.0
    replay: int = 0
    mixing: float = 1.0
    max_tokens: int = 96
    seed: int = 7

    @property
    def peak_learning_rate(self) -> float:
        """The learning rate, or what suits the method."""
        return LEARNING_RATES[self.method] if self.learning_rate is None else self.learning_rate
