"""Questions in Markdown: headings with text below them."""

import pytest

from knowledge_base.errors import EntryError
from knowledge_base.importing.reading import Reading
from knowledge_base.importing.sources import read_data

PAGE = """---
title: Help
# no heading
---
# FAQ

## Returns

### How do I return **it**?
Go to *My orders*.

```sh
# no heading
```

#### Steps
1. one

#### What if it fails?
Call [us](https://shop.example).

配送
----

### 多久送到
三天。
## Hours
Every day.
"""


def read(text: str) -> Reading:
    return read_data(text.encode(), "markdown")


def test_a_heading_with_text_is_a_question_and_one_without_its_category() -> None:
    reading = read(PAGE)
    assert reading.refusals == ()
    assert [(reading.places[entry.id], entry.category, *entry.variant("zh").questions) for entry in reading.entries] == [
        ("line 9", "Returns", "How do I return it?"),
        ("line 19", "Returns", "What if it fails?"),
        ("line 25", "配送", "多久送到"),
        ("line 27", "FAQ", "Hours"),
    ]
    assert reading.entries[0].variants["en"].answer == "Go to *My orders*.\n\n```sh\n# no heading\n```\n\n#### Steps\n1. one"
    assert reading.entries[2].variants["zh"].answer == "三天。"


def test_headings_in_quotations_and_code_are_text() -> None:
    reading = read("# Open?\n> # quoted\n\n    # code\n\n~~~\n# code\n~~~\n")
    assert [entry.variants["en"].answer for entry in reading.entries] == ["> # quoted\n\n    # code\n\n~~~\n# code\n~~~"]


def test_a_page_without_headings_is_refused() -> None:
    with pytest.raises(EntryError, match="it has no headings"):
        read("Open every day.\n")


def test_a_part_with_an_unreadable_line_is_refused_alone() -> None:
    reading = read_data(b"# One?\nYes.\n# Two?\nCaf\xe9.\n# Three?\nNo.\n", "markdown")
    assert [entry.id for entry in reading.entries] == ["one", "three"]
    assert reading.refusals[0].place == "line 3"
    assert "line 4 is neither UTF-8" in reading.refusals[0].reason
