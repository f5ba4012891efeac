"""Turns a route into the words, sources and suggestions that a customer gets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.composing import Composer, Draft
from agent.conversation import RouteKind, Source
from agent.language import Language
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
    """

    text: str
    composed: bool = False
    sources: tuple[Source, ...] = ()
    suggestions: tuple[str, ...] = ()
    offers_person: bool = False


class ReplyWriter:
    """Words replies in the customer's language, traditional characters for those who write them.

    Args:
        shop: the name card.
        composer: writes the answer to an answered message.
    """

    def __init__(self, shop: Shop, composer: Composer) -> None:
        self.shop = shop
        self.composer = composer

    def write(self, routes: Sequence[Route], message: str, language: Language) -> Wording:
        """Word the decisions on a message, one for each question in it.

        Args:
            routes: the decisions.
            message: the customer's, personal data masked.
            language: the message's; another than English and Chinese gets English and a hint.
        """
        served = reply_language(language)
        wording = _together([self._word(route, message, served) for route in routes])
        hint = "" if language.is_served else say("other_language", served) + "\n\n"
        return _in_script(replace(wording, text=hint + wording.text), language)

    def fixed(self, key: str, language: Language) -> Wording:
        """One of the assistant's own sentences."""
        return _in_script(Wording(say(key, reply_language(language))), language)

    def hand_over(self, language: Language) -> Wording:
        """The reply to a customer who asked for a person by the button."""
        return _in_script(Wording(person(self.shop, reply_language(language), queued=True), offers_person=True), language)

    def _word(self, route: Route, message: str, language: str) -> Wording:
        if route.kind is RouteKind.ANSWER and route.sent:
            draft = self._answer(route.sent, message, language)
            return Wording(draft.text, draft.composed, _sources(route.sent, language), _titles(route.ranked[1:OPTIONS], language))
        if route.kind is RouteKind.SOCIAL:
            return self._social(route, message, language)
        if route.kind is RouteKind.CLARIFY:
            return self._question_back(route, language)
        if route.kind is RouteKind.HAND_OFF:
            parts = [self._answer(route.sent, message, language).text if route.sent else ""]
            if route.intent and not route.sent and not route.starts_hand_over:
                parts.append(say("no_advice", language))
            parts.append(person(self.shop, language, queued=route.starts_hand_over))
            return Wording("\n\n".join(filter(None, parts)), False, _sources(route.sent, language), (), offers_person=True)
        text = say("decline", language) + "\n\n" + person(self.shop, language, queued=False)
        return Wording(text, suggestions=(), offers_person=True)

    def _social(self, route: Route, message: str, language: str) -> Wording:
        if route.sent:
            draft = self._answer(route.sent, message, language)
            return Wording(draft.text, draft.composed, _sources(route.sent, language))
        intent = route.intent.id if route.intent else "noted"
        return Wording(greeting(self.shop, language) if intent == "greeting" else say(intent if intent in TEXTS else "social", language))

    def _question_back(self, route: Route, language: str) -> Wording:
        if route.intent:  # a known intent that no entry answers
            return Wording(say("advice" if route.intent.act == "advice" else "tell_more", language))
        return Wording(say("choose", language), suggestions=_titles(route.ranked[:OPTIONS], language))

    def _answer(self, sent: ScoredEntry, message: str, language: str) -> Draft:
        variant = sent.entry.variant(language)
        if variant.language == language:
            return self.composer.compose(message, variant)
        note = say("only_in", language, original=language_name(variant.language, language))
        return Draft(f"{note}\n\n{variant.answer}", composed=False)


def _together(wordings: Sequence[Wording]) -> Wording:
    """The wordings of several questions as one, each answer under its question."""
    if len(wordings) == 1:
        return wordings[0]
    titled = [f"**{one.sources[0].title}**\n\n{one.text}" if one.sources else one.text for one in wordings]
    return Wording(
        "\n\n".join(titled),
        any(one.composed for one in wordings),
        tuple(source for one in wordings for source in one.sources),
        (),
        any(one.offers_person for one in wordings),
    )


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
    return Wording(
        to_traditional(wording.text),
        wording.composed,
        tuple(Source(s.id, s.version, s.score, to_traditional(s.title)) for s in wording.sources),
        tuple(map(to_traditional, wording.suggestions)),
        wording.offers_person,
    )
