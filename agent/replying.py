"""Turns a route into the words, sources and suggestions that a customer gets."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from agent.composing import Composer, Draft
from agent.conversation import CheckedSentence, RouteKind, Source
from agent.language import Language
from agent.piecewise import passed_on
from agent.routing import OPTIONS, Route, ScoredEntry
from agent.shop import Shop
from agent.texts import TEXTS, greeting, language_name, person, say
from knowledge_base.normalisation import to_traditional


@dataclass(frozen=True)
class Wording:
    """What a customer gets to read.

    Attributes:
        text: Markdown.
        composed: whether a language model wrote it.
        sources: the entries that it rests on.
        suggestions: questions to tap.
        offers_person: whether it offers or starts a hand-over.
        checked: the sentences that a language model wrote, with the verdicts on them.
        looked_up: whether the shop's own system gave the text.
    """

    text: str
    composed: bool = False
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    offers_person: bool = False
    checked: tuple[CheckedSentence, ...] = ()
    looked_up: bool = False


class ReplyWriter:
    """Words replies in the customer's language, traditional characters for those who write them.

    Args:
        shop: the name card.
        composer: writes the answer to an answered message.
    """

    def __init__(self, shop: Shop, composer: Composer) -> None:
        self.shop = shop
        self.composer = composer

    def stream(
        self, routes: Sequence[Route], message: str, language: Language, before: Sequence[tuple[str, str]] = (), notice: str = ""
    ) -> Generator[str, None, Wording]:
        """Word the decisions on a message, one for each question in it.

        Args:
            routes: the decisions.
            message: the customer's, personal data masked.
            language: the message's; another than English and Chinese gets English and a hint.
            before: earlier messages and replies, oldest first.
            notice: what is said at the end of a conversation that goes to a person; it takes the place of offering one.

        Yields:
            The text in pieces, as they may be shown.

        Returns:
            What the customer gets in the end.
        """
        served = reply_language(language)
        hint = "" if language.is_served else say("other_language", served) + "\n\n"
        convert = to_traditional if language.traditional else str
        if hint:
            yield hint
        wording = yield from passed_on(self._words(routes, message, served, before, offer=not notice), convert)
        if notice:
            ending = ("\n\n" if wording.text else "") + notice
            yield convert(ending)
            wording = replace(wording, text=wording.text + ending, suggestions=(), offers_person=True)
        return _in_script(replace(wording, text=hint + wording.text), language)

    def fixed(self, key: str, language: Language) -> Wording:
        """One of the assistant's own sentences."""
        return _in_script(Wording(say(key, reply_language(language))), language)

    def looked_up(self, text: str, language: Language, notice: str) -> Wording:
        """What the shop's own system said, and what is said at the end of a conversation that goes to a person."""
        whole = "\n\n".join(filter(None, [text, notice]))
        return _in_script(Wording(whole, offers_person=bool(notice), looked_up=True), language)

    def hand_over(self, language: Language, notice: str) -> Wording:
        """The reply to a customer who asked for a person by the button."""
        return _in_script(Wording(notice, offers_person=True), language)

    def stopped(self, routes: Sequence[Route], shown: str, language: Language) -> Wording:
        """What the customer got of a reply that they stopped: what had been shown, and what it rests on."""
        served = reply_language(language)
        sources = tuple(source for route in routes for source in _sources(route.sent, served)) if shown else ()
        return _in_script(Wording(shown or say("stopped", served), composed=bool(shown), sources=sources), language)

    def _words(
        self, routes: Sequence[Route], message: str, language: str, before: Sequence[tuple[str, str]], *, offer: bool
    ) -> Generator[str, None, Wording]:
        """As `stream`, in the language's usual script."""
        if len(routes) == 1:
            return (yield from self._word(routes[0], message, language, before, offer=offer))
        answers = [route for route in routes if route.kind is RouteKind.ANSWER and route.sent]
        if len(answers) == len(routes) and self.composer.composes(language) and all(_is_in(route, language) for route in answers):
            return (yield from self._answered(answers, message, language, before))  # one reply from several entries
        wordings: list[Wording] = []
        for route in routes:  # each answer under its question
            head = "\n\n" if wordings else ""
            if route.sent:
                head += f"**{route.sent.entry.variant(language).title}**\n\n"
            yield head
            wording = yield from self._word(route, message, language, before, offer=offer)
            wordings.append(replace(wording, text=head + wording.text))
        return _together(wordings)

    def _word(
        self, route: Route, message: str, language: str, before: Sequence[tuple[str, str]], *, offer: bool
    ) -> Generator[str, None, Wording]:
        if route.sent and route.kind in {RouteKind.ANSWER, RouteKind.SOCIAL}:
            return (yield from self._answered([route], message, language, before))
        if route.kind is RouteKind.HAND_OFF:
            return (yield from self._handed_off(route, message, language, before, offer=offer))
        wording = self._own_words(route, language, offer=offer)
        yield wording.text
        return wording

    def _own_words(self, route: Route, language: str, *, offer: bool) -> Wording:
        """The reply to a message that no entry answers."""
        if route.kind is RouteKind.SOCIAL:
            intent = route.intent.id if route.intent else "noted"
            return Wording(
                greeting(self.shop, language) if intent == "greeting" else say(intent if intent in TEXTS else "social", language)
            )
        if route.kind is RouteKind.CLARIFY and route.intent:  # a known intent that no entry answers
            return Wording(say("advice" if route.intent.act == "advice" else "tell_more", language))
        if route.kind is RouteKind.CLARIFY:
            return Wording(say("choose", language), suggestions=_titles(route.ranked[:OPTIONS], language))
        offered = "\n\n" + person(self.shop, language) if offer else ""
        return Wording(say("decline", language) + offered, offers_person=True)

    def _handed_off(
        self, route: Route, message: str, language: str, before: Sequence[tuple[str, str]], *, offer: bool
    ) -> Generator[str, None, Wording]:
        """An entry's answer, if one fits, and how to reach a person."""
        answer = Wording("")
        if route.sent:
            answer = yield from self._answered([route], message, language, before)
        parts = [say("no_advice", language)] if route.intent and not route.sent and not route.starts_hand_over else []
        parts += [person(self.shop, language)] if offer else []
        ending = ("\n\n" if answer.text and parts else "") + "\n\n".join(parts)
        yield ending
        return replace(answer, text=answer.text + ending, suggestions=(), offers_person=True)

    def _answered(
        self, routes: Sequence[Route], message: str, language: str, before: Sequence[tuple[str, str]]
    ) -> Generator[str, None, Wording]:
        """The answer from the entries of one or several routes."""
        sent = [route.sent for route in routes if route.sent]
        variants = [scored.entry.variant(language) for scored in sent]
        if all(variant.language == language for variant in variants):
            draft = yield from self.composer.stream(message, variants, before)
        else:
            note = say("only_in", language, original=language_name(variants[0].language, language))
            draft = Draft(f"{note}\n\n{variants[0].answer}", composed=False)
            yield draft.text
        sources = tuple(source for scored in sent for source in _sources(scored, language))
        related = _titles(routes[0].ranked[1:OPTIONS], language) if len(routes) == 1 and routes[0].kind is RouteKind.ANSWER else ()
        return Wording(draft.text, draft.composed, sources, related, checked=draft.checked)


def _together(wordings: Sequence[Wording]) -> Wording:
    """The wordings of several questions as one."""
    return Wording(
        "".join(one.text for one in wordings),
        any(one.composed for one in wordings),
        tuple(source for one in wordings for source in one.sources),
        (),
        any(one.offers_person for one in wordings),
        tuple(sentence for one in wordings for sentence in one.checked),
    )


def _is_in(route: Route, language: str) -> bool:
    return route.sent is not None and route.sent.entry.variant(language).language == language


def reply_language(language: Language) -> str:
    """The language that a message is answered in."""
    return language.code if language.is_served else "en"


def _sources(sent: ScoredEntry | None, language: str) -> tuple[Source, ...]:
    if sent is None:
        return ()
    return (Source(sent.entry.id, sent.entry.version, round(sent.probability, 4), sent.entry.variant(language).title),)


def _titles(ranked: tuple[ScoredEntry, ...], language: str) -> tuple[str, ...]:
    return tuple(one.entry.variant(language).title for one in ranked)


def _in_script(wording: Wording, language: Language) -> Wording:
    if not language.traditional:
        return wording
    return replace(
        wording,
        text=to_traditional(wording.text),
        sources=tuple(replace(source, title=to_traditional(source.title)) for source in wording.sources),
        suggestions=tuple(map(to_traditional, wording.suggestions)),
    )
