"""Which words made the classifier see an intent: integrated gradients through the model itself."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba
import torch
from captum.attr import LayerIntegratedGradients
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from agent.intent_model import IntentModel
from agent.intents import intent_of
from agent.release import CLASSIFIER_FOLDER, ClassifierSettings, Release
from knowledge_base.encoder import folder_fingerprint
from knowledge_base.errors import ModelError, SettingsError
from knowledge_base.keywords import WORD
from knowledge_base.normalisation import normalise

HAN = re.compile("[\u3400-\u9fff]")
STEPS = 50  # of the integral; the delta says what they miss


@dataclass(frozen=True)
class ScoredWord:
    """A word as it was matched, and what it speaks for.

    Attributes:
        text: the word.
        score: from -1 to 1; the strongest word has 1, or -1 where it speaks against the intent.
    """

    text: str
    score: float


@dataclass(frozen=True)
class Explanation:
    """Why an intent is as probable as it is.

    Attributes:
        intent: the intent that is explained.
        probability: the classifier's, 0 to 1.
        words: all words of the message, in its order.
        delta: by how much the words' sum misses the change of the log-probability that it stands for; near zero where it can be trusted.
    """

    intent: str
    probability: float
    words: tuple[ScoredWord, ...]
    delta: float


class IntentExplainer:
    """Spreads an intent's log-probability over the words of a message.

    The method is integrated gradients (Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365) on the word embeddings, from a
    message of as many padding tokens to the message itself. The prompt and the special tokens are in both, so the words account for
    all that changes between them.

    Args:
        model: the classifier, loaded.
        tokenizer: the encoder's, a fast one.
        labels: the classes in the order of the logits.
        settings: prompt, length and temperature.

    Example:
        >>> IntentExplainer.of_release(release, base).explain("退款多久到账？")
    """

    def __init__(self, model: IntentModel, tokenizer: PreTrainedTokenizerBase, labels: Sequence[str], settings: ClassifierSettings) -> None:
        self.model, self.tokenizer, self.settings = model, tokenizer, settings
        self.places: dict[str, list[int]] = {}
        for place, label in enumerate(labels):
            self.places.setdefault(intent_of(label), []).append(place)

    @classmethod
    def of_release(cls, release: Release, base: Path) -> "IntentExplainer":
        """The explainer of a release that has a classifier.

        Args:
            release: the release.
            base: the folder of the encoder that it was learned with.

        Raises:
            ReleaseError: the release was learned with another encoder.
            ModelError: the release has no classifier, or it does not load.
        """
        if release.classifier is None:
            raise ModelError(f"Release {release.id} has no classifier, so there is no intent to explain.")
        release.require_base(folder_fingerprint(base))
        try:
            model = IntentModel.load(base, release.folder / CLASSIFIER_FOLDER)  # in full precision: integers have no gradients
            tokenizer = AutoTokenizer.from_pretrained(str(base))
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise ModelError(f"The classifier in {release.folder} does not load: {error}. Restore the folder.") from error
        return cls(model.requires_grad_(requires_grad=False), tokenizer, release.labels, release.classifier)

    def explain(self, text: str, intent: str | None = None) -> Explanation:
        """Score the words of a message.

        Args:
            text: the message, personal data masked; what is longer than the classifier reads has no score.
            intent: what to explain; None for the most probable one.

        Raises:
            SettingsError: the text is empty, or the release has no such intent.
        """
        text = normalise(text)
        if not text:
            raise SettingsError("There is no text to explain.")
        if intent is not None and intent not in self.places:
            raise SettingsError(f"The release has no intent {intent}. It has {', '.join(sorted(self.places))}.")
        prompt = len(self.settings.prompt)
        tokens = self.tokenizer(
            self.settings.prompt + text,
            truncation=True,
            max_length=self.settings.max_tokens,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        spans = [(max(start - prompt, 0), end - prompt) for start, end in tokens["offset_mapping"]]
        is_word = torch.tensor([not special and end > 0 for special, (_, end) in zip(tokens["special_tokens_mask"], spans, strict=True)])
        ids, mask = torch.tensor([tokens["input_ids"]]), torch.tensor([tokens["attention_mask"]])
        with torch.inference_mode():
            classes = self._log_probabilities(ids, mask)[0].exp()
        probabilities = {name: float(classes[places].sum()) for name, places in self.places.items()}
        intent = intent or max(probabilities, key=lambda name: probabilities[name])
        embeddings = self.model.encoder.get_input_embeddings()  # type: ignore[operator]
        attributions, delta = LayerIntegratedGradients(self._log_probability, embeddings).attribute(
            ids,
            baselines=torch.where(is_word, self.tokenizer.pad_token_id, ids),
            additional_forward_args=(mask, intent),
            n_steps=STEPS,
            internal_batch_size=16,  # a long text takes gigabytes otherwise
            return_convergence_delta=True,
        )
        scores = attributions.sum(dim=-1)[0].tolist()
        scored = [(span, score) for span, score, counts in zip(spans, scores, is_word.tolist(), strict=True) if counts]
        return Explanation(intent, round(min(probabilities[intent], 1.0), 4), tuple(_scored_words(text, scored)), round(float(delta), 4))

    def _log_probabilities(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Of the classes, (batch, labels)."""
        return torch.log_softmax(self.model(input_ids, attention_mask)["logits"] / self.settings.temperature, dim=-1)

    def _log_probability(self, input_ids: torch.Tensor, attention_mask: torch.Tensor, intent: str) -> torch.Tensor:
        """Of an intent, whose probability is the sum over its classes, (batch,)."""
        return self._log_probabilities(input_ids, attention_mask)[:, self.places[intent]].logsumexp(dim=-1)


def _scored_words(text: str, tokens: Sequence[tuple[tuple[int, int], float]]) -> list[ScoredWord]:
    """Sum the scores of tokens into words; a token that reaches over two words is shared between them by characters."""
    scores = [0.0] * len(text)
    for (start, end), score in tokens:
        places = [place for place in range(start, end) if text[place] != " "]
        places = places or [min(end, len(text) - 1)]  # a blank for itself belongs to what follows it
        for place in places:
            scores[place] += score / len(places)
    spans = word_spans(text)
    sums = [sum(scores[start:end]) for start, end in spans]
    strongest = max(map(abs, sums)) or 1.0
    return [ScoredWord(text[start:end], round(total / strongest, 4)) for (start, end), total in zip(spans, sums, strict=True)]


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words are: between blanks, Chinese ones as jieba cuts them, punctuation with the word before it.

    >>> [text[start:end] for start, end in word_spans(text := "我的order呢？ thanks!")]
    ['我', '的', 'order', '呢？', 'thanks!']
    """
    spans: list[tuple[int, int]] = []
    for word, start, end in jieba.tokenize(text):
        if word.isspace():
            continue
        if spans and spans[-1][1] == start and not _are_two_words(text[slice(*spans[-1])], word):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _are_two_words(before: str, after: str) -> bool:
    """Whether pieces without a blank between them are two words: one is Chinese, and neither is mere punctuation."""
    return bool(HAN.search(before + after) and WORD.search(before) and WORD.search(after))
