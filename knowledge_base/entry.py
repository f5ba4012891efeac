"""FAQ entries: one answer to one question, in one or several languages under one id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from knowledge_base.errors import EntryError

ID_PATTERN = re.compile(r"[\w][\w.:-]{0,99}")
LONGEST_QUESTION, LONGEST_ANSWER, MOST_QUESTIONS = 2_000, 50_000, 500  # characters, characters, in one language
LONGEST_LABEL = 100  # characters of a tag, an intent or an owner


@dataclass(frozen=True)
class EntryVariant:
    """An entry in one language.

    Attributes:
        language: ``en`` or ``zh``; any other two-letter code is kept and found across languages.
        questions: ways customers ask for it; the first is its title.
        answer: Markdown.
    """

    language: str
    questions: tuple[str, ...]
    answer: str

    @property
    def title(self) -> str:
        """The first question."""
        return self.questions[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """The questions and the answer."""
        return (*self.questions, self.answer)


@dataclass(frozen=True)
class FAQEntry:
    """One answer to one question.

    Attributes:
        id: letters, digits and ``._:-``, at most 100.
        variants: by language, at least one.
        category: a group for people to browse by, or empty.
        intent: the intent that this entry answers, or None.
        tags: words that people find it by.
        owner: who keeps it right, or empty.
        valid_from: the first day that customers are told it, None for always.
        valid_until: the last such day, None for ever.
        version: set by the repository, 1 for a new entry and one more at every change.

    Raises:
        EntryError: a rule is broken.
    """

    id: str
    variants: Mapping[str, EntryVariant]
    category: str = ""
    intent: str | None = None
    tags: tuple[str, ...] = ()
    owner: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    version: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not ID_PATTERN.fullmatch(self.id):
            raise EntryError(f"{self.id!r} is no valid entry id: use 1 to 100 letters, digits and ._:- (the first a letter or digit).")
        if not self.variants:
            raise EntryError(f"Entry {self.id} has no language with questions and an answer.")
        for language, variant in self.variants.items():
            if not re.fullmatch(r"[a-z]{2}", language) or language != variant.language:
                raise EntryError(f"Entry {self.id}: {language!r} is no two-letter language code such as en or zh.")
            _check_variant(f"Entry {self.id} ({language})", variant)
        if len(self.category) > 2 * LONGEST_LABEL or any(len(text) > LONGEST_LABEL for text in (self.intent or "", self.owner, *self.tags)):
            raise EntryError(f"Entry {self.id}: a category has 200 characters at most; an intent, an owner or a tag has {LONGEST_LABEL}.")
        if any(not tag.strip() or "," in tag for tag in self.tags):
            raise EntryError(f"Entry {self.id}: a tag is blank or has a comma in it.")
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise EntryError(f"Entry {self.id} is valid until {self.valid_until}, before it is valid from {self.valid_from}.")
        _check_characters(f"Entry {self.id}", (self.category, self.intent or "", self.owner, *self.tags))

    def variant(self, language: str) -> EntryVariant:
        """The variant in this language; where there is none English's, then any."""
        return self.variants.get(language) or self.variants.get("en") or next(iter(self.variants.values()))

    def is_valid(self, day: date) -> bool:
        """Whether customers are told it on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)


def _check_variant(where: str, variant: EntryVariant) -> None:
    if not variant.questions or not all(question.strip() for question in variant.questions):
        raise EntryError(f"{where}: there must be at least one question, and none may be blank.")
    if not variant.answer.strip():
        raise EntryError(f"{where}: the answer is blank.")
    if len(variant.questions) > MOST_QUESTIONS:
        raise EntryError(f"{where}: {len(variant.questions)} questions are too many; {MOST_QUESTIONS} is the most.")
    if len(variant.answer) > LONGEST_ANSWER or max(map(len, variant.questions)) > LONGEST_QUESTION:
        raise EntryError(f"{where}: a question has {LONGEST_QUESTION:,} characters at most, an answer {LONGEST_ANSWER:,}.")
    _check_characters(where, variant.texts)


def _check_characters(where: str, texts: tuple[str, ...]) -> None:
    joined = "".join(texts)
    if "\0" in joined:  # PostgreSQL stores none
        raise EntryError(f"{where}: a text holds a NUL character. Save it as UTF-8.")
    try:
        joined.encode()
    except UnicodeEncodeError:
        raise EntryError(f"{where}: a text holds half a character (a lone surrogate). Save it as UTF-8.") from None
