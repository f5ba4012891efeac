"""FAQ entries: one answer to one question, in one or several languages under one id."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge_base.errors import EntryError

ID_PATTERN = re.compile(r"[\w][\w.:-]{0,99}")


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
        version: set by the repository, 1 for a new entry and one more at every change.

    Raises:
        EntryError: a rule is broken.
    """

    id: str
    variants: Mapping[str, EntryVariant]
    category: str = ""
    intent: str | None = None
    version: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not ID_PATTERN.fullmatch(self.id):
            raise EntryError(f"{self.id!r} is no valid entry id: use 1 to 100 letters, digits and ._:- (the first a letter or digit).")
        if not self.variants:
            raise EntryError(f"Entry {self.id} has no language with questions and an answer.")
        for language, variant in self.variants.items():
            if not re.fullmatch(r"[a-z]{2}", language) or language != variant.language:
                raise EntryError(f"Entry {self.id}: {language!r} is no two-letter language code such as en or zh.")
            if not variant.questions or not all(question.strip() for question in variant.questions):
                raise EntryError(f"Entry {self.id} ({language}): there must be at least one question, and none may be blank.")
            if not variant.answer.strip():
                raise EntryError(f"Entry {self.id} ({language}): the answer is blank.")
            try:
                "".join((variant.answer, *variant.questions)).encode()
            except UnicodeEncodeError:
                raise EntryError(
                    f"Entry {self.id} ({language}): a text holds half a character (a lone surrogate). Save it as UTF-8."
                ) from None

    def variant(self, language: str) -> EntryVariant:
        """The variant in this language; where there is none English's, then any."""
        return self.variants.get(language) or self.variants.get("en") or next(iter(self.variants.values()))


def entry_from_dict(row: Mapping[str, object]) -> FAQEntry:
    """Read an entry as FAQ files hold it: ``{id, category, intent, en: {questions, answer}, zh: {...}}``.

    Raises:
        EntryError: a part is missing, unknown or of the wrong kind.
    """
    entry_id = row.get("id")
    if not isinstance(entry_id, str):
        raise EntryError(f"An entry needs an id: {str(dict(row))[:80]}")
    variants = {}
    for key, value in row.items():
        if key in {"id", "category", "intent"}:
            continue
        if not isinstance(key, str):  # YAML reads no, the code of Norwegian, as false
            raise EntryError(f"Entry {entry_id}: the key {key!r} is no text; put it in quotes.")
        if not isinstance(value, Mapping):
            raise EntryError(f"Entry {entry_id}: {key!r} is neither category, intent nor a language with questions and an answer.")
        variants[key] = _variant_from_dict(entry_id, key, value)
    return FAQEntry(entry_id, variants, str(row.get("category") or ""), str(row["intent"]) if row.get("intent") else None)


def _variant_from_dict(entry_id: str, language: str, value: Mapping[str, object]) -> EntryVariant:
    questions, answer = value.get("questions"), value.get("answer")
    if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions) or not isinstance(answer, str):
        raise EntryError(f"Entry {entry_id} ({language}) needs `questions` (a list of texts) and `answer` (a text).")
    return EntryVariant(language, tuple(question.strip() for question in questions), answer.strip())
