"""From a draft to what customers are told and back: every change is a version, and nobody's work is overwritten."""

import threading
from dataclasses import replace

import pytest

from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import ConflictError, EntryError
from knowledge_base.repository import FAQRepository
from tests.knowledge_base.faq_index_shop import entry

HOURS = entry("hours", en=("When are you open?", "From 9 to 5."), zh=("几点开门？", "9 点到 5 点。"))


def changed(before: FAQEntry, **answers: str) -> FAQEntry:
    return replace(
        before, variants={**before.variants} | {code: replace(before.variants[code], answer=text) for code, text in answers.items()}
    )


def served(curation: Curation) -> dict[str, FAQEntry]:
    return {one.id: one for one in FAQRepository(curation.database).all()}


def published(curation: Curation, what: FAQEntry = HOURS) -> int:
    curation.publish_all([what], "lin")
    return curation.heads([what.id])[what.id].number


def test_a_draft_is_told_to_nobody_until_it_is_published(curation: Curation) -> None:
    draft = curation.save(HOURS, "lin", based_on=0)
    assert (draft.number, draft.state, draft.author) == (1, State.DRAFT, "lin")
    assert served(curation) == {}
    curation.move({"hours": 1}, State.IN_REVIEW, "lin")
    assert served(curation) == {}
    curation.move({"hours": 2}, State.PUBLISHED, "mei")
    assert served(curation) == {"hours": HOURS}
    assert served(curation)["hours"].version == 3
    assert [(one.number, one.state, one.author) for one in curation.history("hours")] == [
        (3, State.PUBLISHED, "mei"),
        (2, State.IN_REVIEW, "lin"),
        (1, State.DRAFT, "lin"),
    ]


def test_customers_are_told_the_old_text_while_somebody_works_on_a_new_one(curation: Curation) -> None:
    number = published(curation)
    draft = curation.save(changed(HOURS, en="From 9 to 6."), "mei", number)
    assert served(curation) == {"hours": HOURS}
    curation.discard("hours", "mei", draft.number)
    head = curation.heads(["hours"])["hours"]
    assert (head.entry, head.state, head.note) == (HOURS, State.PUBLISHED, "discarded")
    with pytest.raises(EntryError, match="nothing to discard"):
        curation.discard("hours", "mei", head.number)


def test_the_second_of_two_curators_is_told(curation: Curation) -> None:
    number = published(curation)
    curation.save(changed(HOURS, en="From 9 to 6."), "mei", number)
    with pytest.raises(ConflictError, match=r"mei changed entry hours at .* UTC \(version 2; yours was made on version 1\)"):
        curation.save(changed(HOURS, en="From 8 to 5."), "lin", number)
    for attempt in (
        lambda: curation.move({"hours": number}, State.ARCHIVED, "lin"),
        lambda: curation.edit_all({"hours": number}, lambda one: replace(one, owner="lin"), "lin"),
        lambda: curation.confirm("hours", ["zh"], "lin", number),
        lambda: curation.restore("hours", 1, "lin", number),
        lambda: curation.publish_all([HOURS], "lin", based_on={"hours": number}),
        lambda: curation.save(HOURS, "lin", based_on=0),
    ):
        with pytest.raises(ConflictError, match="mei"):
            attempt()
    assert len(curation.history("hours")) == 2


def test_of_many_at_once_exactly_one_saves(curation: Curation) -> None:
    number, outcomes = published(curation), list[str]()

    def save(text: str) -> None:
        try:
            curation.save(changed(HOURS, en=text), text, number)
            outcomes.append("saved")
        except ConflictError:
            outcomes.append("told")

    threads = [threading.Thread(target=save, args=(f"curator {i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved"] + ["told"] * 7
    assert len(curation.history("hours")) == 2


def test_saving_what_is_there_makes_no_version(curation: Curation) -> None:
    number = published(curation)
    assert curation.save(HOURS, "mei", number).number == number
    assert len(curation.history("hours")) == 1


def test_a_change_in_one_language_makes_the_others_stale_until_they_follow_or_are_confirmed(curation: Curation) -> None:
    number = published(curation)
    draft = curation.save(changed(HOURS, en="From 9 to 6."), "lin", number)
    assert draft.stale == {"zh"}
    followed = curation.save(changed(draft.entry, zh="9 点到 6 点。"), "lin", draft.number)
    assert followed.stale == frozenset()
    again = curation.save(changed(followed.entry, en="From 9 to 6, every day."), "lin", followed.number)
    (public,) = curation.move({"hours": again.number}, State.PUBLISHED, "lin")
    assert public.stale == {"zh"}
    confirmed = curation.confirm("hours", ["zh"], "mei", public.number)
    assert (confirmed.stale, confirmed.state, confirmed.note) == (frozenset(), State.PUBLISHED, "confirmed zh")
    assert served(curation)["hours"] == public.entry
    both = curation.save(changed(confirmed.entry, en="Never.", zh="从不。"), "lin", confirmed.number)
    assert both.stale == frozenset()


def test_a_language_that_is_new_or_gone_makes_nothing_stale(curation: Curation) -> None:
    number = published(curation)
    more = curation.save(replace(HOURS, variants={**HOURS.variants, "de": EntryVariant("de", ("Wann?",), "Immer.")}), "lin", number)
    assert more.stale == frozenset()
    assert curation.save(HOURS, "lin", more.number).stale == frozenset()


def test_what_was_once_is_restored_as_a_draft(curation: Curation) -> None:
    number = published(curation)
    curation.publish_all([changed(HOURS, en="Never.")], "mei", based_on={"hours": number})
    draft = curation.restore("hours", 1, "lin", 2)
    assert (draft.entry, draft.state, draft.note) == (HOURS, State.DRAFT, "restored from version 1")
    assert served(curation)["hours"].variants["en"].answer == "Never."
    with pytest.raises(EntryError, match="no version 9"):
        curation.restore("hours", 9, "lin", 3)


def test_an_archived_entry_is_told_to_nobody_and_comes_back_with_its_history(curation: Curation) -> None:
    number = published(curation)
    curation.move({"hours": number}, State.ARCHIVED, "lin")
    assert served(curation) == {}
    curation.move({"hours": number + 1}, State.PUBLISHED, "lin")
    assert served(curation)["hours"].version == 3


def test_several_entries_move_together_or_not_at_all(curation: Curation) -> None:
    other = entry("refund", en=("Where is my money?", "On its way."))
    curation.save(HOURS, "lin", 0)
    curation.publish_all([other], "lin")
    with pytest.raises(EntryError, match="Entry refund is published, and cannot become in_review"):
        curation.move({"hours": 1, "refund": 1}, State.IN_REVIEW, "lin")
    with pytest.raises(ConflictError):
        curation.move({"hours": 1, "refund": 7}, State.ARCHIVED, "lin")
    with pytest.raises(EntryError, match="There is no entry nothing"):
        curation.move({"hours": 1, "nothing": 0}, State.ARCHIVED, "lin")
    assert [head.number for head in curation.heads().values()] == [1, 1]
    curation.edit_all({"hours": 1, "refund": 1}, lambda one: replace(one, tags=("money",)), "lin", "tagged")
    heads = curation.heads()
    assert {one.id: one.tags for one in served(curation).values()} == {"refund": ("money",)}
    assert (heads["hours"].state, heads["hours"].entry.tags) == (State.DRAFT, ("money",))


def test_publishing_many_is_one_step(curation: Curation) -> None:
    many = [entry(f"e{i}", en=(f"Question {i}?", f"Answer {i}.")) for i in range(2500)]
    assert curation.publish_all(many, "import", "faq.csv") == 2500
    assert curation.publish_all([*many[:-1], changed(many[-1], en="Another.")], "import") == 1
    assert len(curation.history("e7")) == 1
    assert curation.history("e7")[0].note == "faq.csv"
    assert len(curation.history("e2499")) == 2


def test_of_two_entries_one_is_made_or_both_stay(curation: Curation) -> None:
    twin = entry("opening", en=("When do you open?", "At 9."))
    curation.publish_all([HOURS, twin], "lin")
    both = replace(
        HOURS, variants={**HOURS.variants, "en": EntryVariant("en", ("When are you open?", "When do you open?"), "From 9 to 5.")}
    )
    with pytest.raises(ConflictError):
        curation.merge(both, "opening", {"hours": 1, "opening": 2}, "mei")
    with pytest.raises(EntryError, match="with itself"):
        curation.merge(both, "hours", {"hours": 1}, "mei")
    assert served(curation) == {"hours": HOURS, "opening": twin}
    versions = curation.merge(both, "opening", {"hours": 1, "opening": 1}, "mei")
    assert served(curation) == {"hours": both}
    assert [(one.entry.id, one.number, one.state, one.note) for one in versions] == [
        ("hours", 2, State.PUBLISHED, "merged with opening"),
        ("opening", 2, State.ARCHIVED, "merged into hours"),
    ]
    with pytest.raises(EntryError, match="archived already"):
        curation.merge(both, "opening", {"hours": 2, "opening": 2}, "mei")
