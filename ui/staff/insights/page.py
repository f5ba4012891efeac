"""The insights page: figures, plots and drift of a time that is chosen."""

from collections.abc import Sequence
from html import escape

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.intents import OUT_OF_SCOPE
from agent.language import Language
from training.insights.report import Insights, profile_of, read_insights
from training.insights.traffic import UNREAD
from ui.pages import PRIVATE
from ui.staff.insights.drift_view import alert_html, drift_html
from ui.staff.insights.figures import Row, days_html, headline_html, intent_name, table_html
from ui.staff.insights.texts import say
from ui.staff.navigation import Navigation
from ui.staff.wording import Updates, Wording, language_of
from ui.texts import language_name

DAYS = (7, 30, 90)
ANY = ""
KEPT_S = 3600
READING = PRIVATE | {"show_progress": "minimal"}  # 100,000 messages take seconds


class InsightsPage:
    """The page; it shows numbers only, no message.

    Args:
        agent: whose log is looked at.
        navigation: the line above.

    Attributes:
        blocks: the page. Who is signed in comes from the mount.
    """

    def __init__(self, agent: CustomerServiceAgent, navigation: Navigation) -> None:
        self.agent = agent
        self.wording = Wording(say)
        put = self.wording.put
        with gr.Blocks(title="Frontdesk · Insights", analytics_enabled=False) as self.blocks:
            pages = gr.HTML(padding=False)
            self.read = gr.State(None, time_to_live=KEPT_S)
            with gr.Column(elem_id="desk"):
                with gr.Row(elem_classes="filters"):
                    self.days = put(gr.Dropdown(list(DAYS), value=30, min_width=90, elem_id="insights-days"), label="days")
                    self.language, self.intent = (
                        put(gr.Dropdown([("", ANY)], value=ANY, min_width=90, elem_id=f"insights-{name}"), label=name)
                        for name in ("language", "intent")
                    )
                self.report = gr.HTML(padding=False, elem_id="insights")
            chosen = [self.read, self.days, self.language, self.intent]
            shown = [self.read, self.language, self.intent, self.report]
            self.blocks.load(navigation.html, None, pages, **PRIVATE)
            self.blocks.load(self._say, None, self.wording.components, **PRIVATE)
            self.blocks.load(self._look, chosen[1:], shown, **READING)
            self.days.input(self._look, chosen[1:], shown, trigger_mode="always_last", **READING)
            gr.on([self.language.input, self.intent.input], self._filter, chosen, shown, trigger_mode="always_last", **PRIVATE)

    def _say(self, request: gr.Request) -> Updates:
        return self.wording.updates(language_of(request))

    def _look(self, days: int, spoken: str, intent: str, request: gr.Request) -> Updates:
        """Read the log, and show what was found."""
        timezone = self.agent.shop.opening.timezone
        found = read_insights(self.agent.log.database, days, self.agent.clock(), timezone, profile_of(self.agent.release))
        return self._show(found, spoken, intent, language_of(request)) | {self.read: found}

    def _filter(self, read: Insights | None, days: int, spoken: str, intent: str, request: gr.Request) -> Updates:
        """Show a part of what was read."""
        if read is None:  # the server was started anew
            return self._look(days, spoken, intent, request)
        return self._show(read, spoken, intent, language_of(request))

    def _show(self, read: Insights, spoken: str, intent: str, language: Language) -> Updates:
        seen = read.now.cells.keys() | read.before.cells.keys()
        codes = sorted({cell.language for cell in seen}, key=lambda code: language_name(code, language))
        intents = [*sorted({cell.intent for cell in seen} - {UNREAD, OUT_OF_SCOPE}), OUT_OF_SCOPE]
        spoken, intent = (spoken if spoken in codes else ANY), (intent if intent in intents else ANY)
        every = (say("any", language), ANY)
        return {
            self.language: gr.Dropdown([every, *((language_name(code, language), code) for code in codes)], value=spoken),
            self.intent: gr.Dropdown([every, *((intent_name(one, language), one) for one in intents)], value=intent),
            self.report: report_html(read, spoken, intent, language),
        }


def report_html(read: Insights, spoken: str, intent: str, language: Language) -> str:
    """Render the report.

    Args:
        read: what the log tells.
        spoken: a language's code; only what customers wrote in it counts, except for drift. Empty for all.
        intent: likewise.
        language: the reader's.
    """
    if not read.now.cells:
        return f'<p class="empty">{escape(say("nothing", language))}</p>'
    now, before = (traffic.where(intent or None, spoken or None) for traffic in (read.now, read.before))
    parts = [alert_html(read.drift, language)]
    if now.cells:
        intents, languages = now.by(lambda cell: cell.intent), now.by(lambda cell: cell.language)
        parts += [
            headline_html(now.total(), before.total(), language, is_before_whole=read.is_before_whole),
            _folded(say("what_is_counted", language), say("definitions", language)),
            _section("by_day", days_html(read.days, now.by(lambda cell: cell.day), now.total(), language), language),
            _table("by_intent", "intent", [(intent_name(one, language), counts) for one, counts in intents.items()], language),
            _table("by_language", "language", [(language_name(one, language), counts) for one, counts in languages.items()], language),
        ]
    else:
        parts.append(f'<p class="empty">{escape(say("nothing_like_that", language))}</p>')
    return "".join([*parts, drift_html(read, language)])


def _section(key: str, html: str, language: Language) -> str:
    return f'<section class="part"><h2>{escape(say(key, language))}</h2>{html}</section>'


def _table(key: str, heading: str, rows: Sequence[Row], language: Language) -> str:
    return _section(key, table_html(say(heading, language), rows, language), language)


def _folded(summary: str, text: str) -> str:
    return f'<details class="hint"><summary>{escape(summary)}</summary><p>{escape(text)}</p></details>'
