"""Messages in review as HTML: what was said, what was made of it, why it is here, and what it may mean."""

from collections.abc import Sequence
from datetime import tzinfo
from html import escape

from agent.explaining import Word
from agent.language import Language
from training.review.item import Decision, Review, ReviewItem
from training.review.queue import Counts
from ui.staff.review.labels import Labels, key_of
from ui.staff.review.texts import TEXTS, say
from ui.texts import language_name

ACTIONS = (("accept", "A"), ("no_question", "Q"), ("skip", "S"), ("undo", "U"))
MOST_WORDS = 6


class ReviewView:
    """Renders messages.

    Args:
        labels: say what labels are called, and which are likely.
        timezone: in which moments are told.
    """

    def __init__(self, labels: Labels, timezone: tzinfo) -> None:
        self.labels, self.timezone = labels, timezone

    def cards(self, items: Sequence[ReviewItem], reviewer: str, language: Language) -> str:
        """Render messages for `card`, the one that is decided next first.

        Args:
            items: the messages.
            reviewer: who looks at them.
            language: of who looks at them.
        """
        if not items:
            return f'<p class="empty">{escape(say("nothing_waits", language))}</p>'
        wait = f'<p class="empty" data-wait hidden>{escape(say("one_moment", language))}</p>'
        return "".join(self._card(item, reviewer, language, is_next=place == 0) for place, item in enumerate(items)) + wait

    def opinion(self, review: Review, language: Language) -> str:
        """What somebody said, in words."""
        if review.decision is Decision.NEW_INTENT:
            return say("said_new_intent", language, name=review.note).strip()
        return self.labels.name(review.label, language) if review.label else say("skip", language)

    def about(self, item: ReviewItem, language: Language) -> str:
        """In which language a message is, and when it came in."""
        at = item.message.at.astimezone(self.timezone)
        return f'<p class="about">{escape(language_name(item.message.language, language))} · {at:%Y-%m-%d %H:%M}</p>'

    def _card(self, item: ReviewItem, reviewer: str, language: Language, *, is_next: bool) -> str:
        message = item.message
        facts = [
            ("understood_as", self._understood(item, language)),
            ("what_it_did", escape(say(f"did_{message.route}", language))),
            ("certainty", escape(_certainty(item, language)) if message.predicted else ""),
            ("why_here", "".join(f'<span class="badge why">{escape(reason(signal, language))}</span> ' for signal in message.signals)),
            ("others_said", self._others(item, reviewer, language)),
        ]
        rows = "".join(f"<dt>{escape(say(key, language))}</dt><dd>{value}</dd>" for key, value in facts if value)
        marks = ("" if is_next else " hidden") + (" data-accept" if message.predicted else "")
        said = f'{self.about(item, language)}<h2 class="said" tabindex="-1">{escape(message.text)}</h2>'
        return f'<article data-item="{item.id}"{marks}>{said}<dl>{rows}</dl>{self._likely(item, language)}</article>'

    def _understood(self, item: ReviewItem, language: Language) -> str:
        label = item.message.predicted
        if label is None:
            return escape(say("not_understood", language))
        ids = " · ".join(dict.fromkeys(part for part in (label.intent, label.entry) if part))
        return f"<strong>{escape(self.labels.name(label, language))}</strong> <small>{escape(ids)}</small>"

    def _others(self, item: ReviewItem, reviewer: str, language: Language) -> str:
        said = [review for review in item.reviews if review.reviewer != reviewer and review.label]
        lines = [say("who_said", language, person=review.reviewer, label=self.opinion(review, language)) for review in said]
        return "<br>".join(map(escape, lines))

    def _likely(self, item: ReviewItem, language: Language) -> str:
        buttons = "".join(
            f'<button type="button" class="press" data-label="{escape(key_of(label))}" aria-keyshortcuts="{number}">'
            f"<kbd>{number}</kbd> {escape(self.labels.name(label, language))}</button>"
            for number, label in enumerate(self.labels.likely(item.message), 1)
        )
        return f'<h3>{escape(say("rather", language))}</h3><div class="choices">{buttons}</div>' if buttons else ""


def actions_html(language: Language) -> str:
    """The buttons below every message, each with its key."""
    return "".join(
        f'<button type="button" class="press {name}" data-decision="{name}" aria-keyshortcuts="{key}">'
        f"{escape(say(name, language))} <kbd>{key}</kbd></button>"
        for name, key in ACTIONS
    )


def words_html(item_id: str, words: Sequence[Word], language: Language) -> str:
    """The words that carried what was made of a message, the strongest first."""
    strongest = [word for word in words if word.weight > 0][:MOST_WORDS]
    if not strongest:
        return ""
    most = strongest[0].weight
    marks = "".join(
        f'<li><span>{escape(word.text)}</span><meter min="0" max="1" value="{word.weight / most:.2f}">{word.weight:+.1f}</meter></li>'
        for word in strongest
    )
    return f'<section data-words="{item_id}"><h3>{escape(say("words", language))}</h3><ul class="words">{marks}</ul></section>'


def counts_html(counts: Counts, language: Language) -> str:
    """How far reviewing has come."""
    told = [(name, f"{getattr(counts, name):,}") for name in ("open", "today", "settled", "disputed")]
    if counts.agreement is not None:
        told.append(("agreement", f"{100 * counts.agreement:.0f}"))
    return " · ".join(escape(say(f"count_{name}", language, count=count)) for name, count in told)


def reason(signal: str, language: Language) -> str:
    """Why a message is worth looking at, in words; as it is called where the page does not know it."""
    key = f"why_{signal}"
    return say(key, language) if key in TEXTS else signal.replace("_", " ")


def _certainty(item: ReviewItem, language: Language) -> str:
    message = item.message
    return say("sure", language, percent=f"{100 * message.confidence:.0f}", other=f"{100 * message.out_of_scope:.0f}")
