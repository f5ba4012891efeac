"""Writes the reply to an answered message: composed by a language model and checked sentence by sentence, or the entry's own answer."""

import contextlib
import logging
import re
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.conversation import CheckedSentence
from agent.errors import GenerationError
from agent.generation import LanguageModel
from agent.grounding import GroundingCheck, Verdict
from agent.openings import opening_for
from agent.prompting import Article, Depth, prompt
from agent.sentences import first_end, sentences
from agent.texts import say
from knowledge_base.entry import EntryVariant

logger = logging.getLogger(__name__)

MAX_TOKENS = {Depth.WOVEN: 72, Depth.FREE: 200}
PART_MARK = re.compile(r"\[(\d+)\.(\d+)\]")
ARTICLE_MARK = re.compile(r"\s*\[\d+(?:\.\d+)?\]")
UNFINISHED = re.compile(r"[^.!?…。！？:：)\]*\"”]$")
# What limits an answer is never left out of it.
LIMITS = re.compile(
    r"\b(?:only|unless|except|not|no|never|must|if|until|before|without|cannot|within|at least|at most)\b|n't\b|"
    r"[不无非未须仅只若]|除外|如果|之前|以内|必须|至少|最多"
)


@dataclass(frozen=True)
class Draft:
    """A reply's text.

    Attributes:
        text: Markdown.
        composed: whether it is another text than the entry's own answer.
        checked: every sentence that it wrote, with the verdict on it.
    """

    text: str
    composed: bool
    checked: tuple[CheckedSentence, ...] = ()


class Composer:
    """Composes replies, and falls back to the entry's own answer whenever that fails.

    Nothing is yielded before a sentence that tells something passed the check; each further sentence after it passed.

    Args:
        model: None to send the entries' own answers.
        check: of what the model writes; needed beside a model.
        depths: how much is composed, by language; languages without one get the entry's own answer.
        deadline_s: seconds after which a composed reply is given up.

    Example:
        >>> "".join(composer.stream("where is it??", [variant]))
        "I'm sorry it isn't there yet. Standard delivery takes 3-5 business days."
    """

    def __init__(
        self,
        model: LanguageModel | None = None,
        check: GroundingCheck | None = None,
        depths: Mapping[str, Depth] | None = None,
        deadline_s: float = 8.0,
    ) -> None:
        self.model, self.check = model, check
        self.depths = depths or {}
        self.deadline_s = deadline_s

    def composes(self, language: str) -> bool:
        """Whether a language model writes replies in a language."""
        return self.model is not None and self.check is not None and self.depths.get(language, Depth.OPENED) is not Depth.OPENED

    def stream(self, message: str, variants: Sequence[EntryVariant], before: Sequence[tuple[str, str]] = ()) -> Generator[str, None, Draft]:
        """Yield the reply in pieces that may be shown; closing the generator stops the work.

        Empty pieces come while there is nothing to show yet, so that a caller may stop it between two words.

        Args:
            message: the customer's, personal data masked.
            variants: the entries that answer, all in the language of the reply.
            before: earlier messages and replies, oldest first.

        Returns:
            The whole draft.
        """
        language = variants[0].language
        depth = self.depths.get(language)
        if depth is None or self.model is None or self.check is None or depth is Depth.OPENED:
            opening = opening_for(message, language) if depth else ""
            text = "\n\n".join(filter(None, [opening, *(variant.answer for variant in variants)]))
            yield text
            return Draft(text, composed=False)
        articles = [Article.of(variant) for variant in variants]
        page = _Page(self.check, language, articles, message)
        pieces = self.model.stream(
            prompt(depth, language, articles, message, before), max_tokens=MAX_TOKENS[depth], deadline=time.monotonic() + self.deadline_s
        )
        write = page.weave if depth is Depth.WOVEN else page.paraphrase
        try:
            with contextlib.closing(pieces):
                yield from write(pieces)
        except GenerationError as error:
            logger.warning("The reply was not composed to its end: %s", error)
        if not page.told:
            answer = "\n\n".join(variant.answer for variant in variants)
            yield answer
            return Draft(answer, composed=False, checked=tuple(page.checked))
        yield from page.rest() if depth is Depth.WOVEN else page.ending(variants)
        whole = "".join(variant.answer for variant in variants)
        return Draft(page.text, composed=page.text.split() != whole.split(), checked=tuple(page.checked))


class _Page:
    """A reply as it grows."""

    def __init__(self, check: GroundingCheck, language: str, articles: Sequence[Article], message: str) -> None:
        self.check, self.language, self.articles, self.message = check, language, articles, message
        self.evidence = "\n\n".join(article.evidence for article in articles)
        self.text = ""
        self.told: list[tuple[int, int]] = []  # parts of articles that were told; in own words (0, 0)
        self.checked: list[CheckedSentence] = []
        self._waiting: list[str] = []  # courtesy, until there is something to say
        self._failed = False

    def weave(self, pieces: Iterable[str]) -> Iterator[str]:
        """The model's own words, which may claim nothing, and the articles' sentences where it put their marks."""
        for part in _woven_parts(pieces):
            if part is None:
                yield ""
            elif isinstance(part, tuple):
                yield from self._tell(part)
            elif self._judge(part, self.check.check_courtesy(part, self.evidence, self.message, self.language)):
                self._waiting.append(part)

    def paraphrase(self, pieces: Iterable[str]) -> Iterator[str]:
        """The model's sentences as long as the articles support them."""
        for sentence in _whole_sentences(pieces):
            words = ARTICLE_MARK.sub("", sentence or "").strip()
            if not words:
                yield ""
                continue
            if not self._judge(words, self.check.check(words, self.evidence, self.language)):
                self._failed = True
                return
            if self.checked[-1].reason == "no_claim":
                self._waiting.append(words)
            else:
                self.told.append((0, 0))
                yield self._add(words)

    def rest(self) -> Iterator[str]:
        """What must not be missing from a woven reply: parts that limit those that were told."""
        told = {number for number, _ in self.told}
        for number, place in self._parts():
            if number in told and (number, place) not in self.told and LIMITS.search(self.articles[number - 1].parts[place - 1].lower()):
                self._waiting = []
                yield from self._tell((number, place))
        if self._waiting:
            yield self._add("")

    def ending(self, variants: Sequence[EntryVariant]) -> Iterator[str]:
        """What ends a paraphrase: its last courtesy or, where it failed, the articles themselves."""
        if self._failed:
            whole = "\n\n".join(variant.answer for variant in variants)
            ending = f"\n\n{say('whole_article', self.language)}\n\n{whole}"
            self.text += ending
            yield ending
        elif self._waiting:
            yield self._add("")

    def _tell(self, part: tuple[int, int]) -> Iterator[str]:
        if part in self._parts() and part not in self.told:
            self.told.append(part)
            yield self._add(self.articles[part[0] - 1].parts[part[1] - 1])

    def _parts(self) -> list[tuple[int, int]]:
        return [(number, place) for number, article in enumerate(self.articles, start=1) for place in range(1, len(article.parts) + 1)]

    def _judge(self, sentence: str, verdict: Verdict) -> bool:
        self.checked.append(CheckedSentence(sentence, verdict.supported, verdict.reason, verdict.score))
        return verdict.supported

    def _add(self, words: str) -> str:
        """Put words, and the courtesy that waits, at the end of the text; returns what is new."""
        new = ""
        for part in filter(None, [*self._waiting, words]):
            new += (self._gap(self.text + new, part) if self.text + new else "") + part
        self._waiting = []
        self.text += new
        return new

    def _gap(self, before: str, after: str) -> str:
        if "\n" in before.rpartition("\n\n")[2] or "\n" in after:  # a list stands by itself
            return "\n\n"
        return "" if self.language == "zh" else " "


def _woven_parts(pieces: Iterable[str]) -> Iterator[str | tuple[int, int] | None]:
    """The sentences that a model wrote, the parts that its marks stand for, and None between two pieces."""
    text = ""
    for piece in pieces:
        text += piece
        while mark := PART_MARK.search(text):
            yield from sentences(text[: mark.start()])
            yield int(mark[1]), int(mark[2])
            text = text[mark.end() :]
        yield None
    yield from (sentence for sentence in sentences(text) if not UNFINISHED.search(sentence))


def _whole_sentences(pieces: Iterable[str]) -> Iterator[str | None]:
    """Each sentence once it is whole, and None between two pieces; what a limit cut short is left out."""
    text = ""
    for piece in pieces:
        text += piece
        while cut := first_end(text):
            yield text[:cut].strip()
            text = text[cut:]
        yield None
    for sentence in sentences(text):
        if not UNFINISHED.search(ARTICLE_MARK.sub("", sentence)):
            yield sentence
