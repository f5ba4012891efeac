"""Entries that say the same twice, or contradict each other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.contradictions import find_contradictions
from agent.language import Language
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State, Version
from knowledge_base.duplicates import Duplicate, find_duplicates, merged
from knowledge_base.errors import FrontdeskError
from knowledge_base.question_vectors import known_vectors
from ui.pages import PRIVATE
from ui.staff.curation.similar_view import contradictions_html, duplicates_html
from ui.staff.curation.texts import say
from ui.staff.progress import shown_by
from ui.staff.rows import rows
from ui.staff.wording import Updates, Wording, language_of, notice, person_of, problem

PROGRESS = gr.Progress()
MOST_KEPT = 100  # pairs, the most similar
KEPT_S = 3600


@dataclass(frozen=True)
class Similar:
    """What was found.

    Attributes:
        pairs: the most similar first.
        versions: of their entries, as they were looked at, by id.
    """

    pairs: tuple[Duplicate, ...]
    versions: Mapping[str, Version]


class SimilarTab:
    """The tab; it is laid out where it is made.

    Args:
        curation: has the entries, and merges them.
        agent: knows the vectors of what is published.
        wording: says what is written on it.

    Attributes:
        found: the pairs; opening an entry is its event ``select``.
        merged: two were merged, perhaps; the list is to be shown anew.
    """

    def __init__(self, curation: Curation, agent: CustomerServiceAgent, wording: Wording) -> None:
        self.curation, self.agent = curation, agent
        put = wording.put
        self.kept = gr.State(None, time_to_live=KEPT_S)
        put(gr.Markdown(elem_classes="hint"), value="similar_hint")
        with gr.Row(elem_classes="actions"):
            self.duplicates = put(gr.Button(scale=0, min_width=160, elem_id="find-duplicates"), value="duplicates_find")
            self.contradictions = put(gr.Button(scale=0, min_width=160, elem_id="find-contradictions"), value="contradictions_find")
        self.message = gr.HTML(padding=False, elem_id="similar-message")
        self.found = rows("similar-found")
        shown = [self.found, self.kept, self.message]
        self.duplicates.click(self._find_duplicates, None, shown, trigger_mode="once", api_visibility="private")
        self.contradictions.click(self._find_contradictions, None, shown, trigger_mode="once", api_visibility="private")
        self.merged = self.found.apply(self._merge, [self.kept], shown, trigger_mode="once", **PRIVATE)

    def _find_duplicates(self, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        language, versions, index = language_of(request), self._versions(), self.agent.retriever.index
        try:
            report = shown_by(progress, say("comparing", language))
            pairs = find_duplicates([one.entry for one in versions.values()], index.encoder, known=known_vectors(index), progress=report)
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        kept = pairs[:MOST_KEPT]
        ids = {one for pair in kept for one in (pair.one, pair.other)}
        return self._show(Similar(tuple(kept), {one: versions[one] for one in ids}), language)

    def _find_contradictions(self, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        language, versions, index = language_of(request), self._versions(), self.agent.retriever.index
        try:
            report = shown_by(progress, say("comparing", language))
            found = find_contradictions(
                [one.entry for one in versions.values()], index.encoder, known=known_vectors(index), progress=report
            )
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        return {self.found: gr.HTML(rows=contradictions_html(found, versions, language)), self.kept: None, self.message: ""}

    def _merge(self, similar: Similar | None, request: gr.Request, event: gr.EventData) -> Updates:
        """Merge a pair: the event says which, and which of the two stays."""
        language = language_of(request)
        if similar is None:  # the server was started anew
            return {self.message: problem(say("similar_again", language))}
        place, _, side = str(event.value).partition(":")
        pair = similar.pairs[int(place)]
        keep, drop = (pair.one, pair.other) if side == "one" else (pair.other, pair.one)
        based_on = {one: similar.versions[one].number for one in (keep, drop)}
        try:
            both = merged(similar.versions[keep].entry, similar.versions[drop].entry)
            changed = self.curation.merge(both, drop, based_on, person_of(request))
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        pairs = tuple(one for one in similar.pairs if drop not in {one.one, one.other})
        left = replace(similar, pairs=pairs, versions={**similar.versions, **{one.entry.id: one for one in changed}})
        return self._show(left, language) | {self.message: notice(say("merged", language, kept=keep, gone=drop))}

    def _show(self, similar: Similar, language: Language) -> Updates:
        return {
            self.found: gr.HTML(rows=duplicates_html(similar.pairs, similar.versions, language)),
            self.kept: similar,
            self.message: "",
        }

    def _versions(self) -> dict[str, Version]:
        """The newest version of each entry that is not archived."""
        return {entry_id: head for entry_id, head in self.curation.heads().items() if head.state is not State.ARCHIVED}
