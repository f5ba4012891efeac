"""Which column of a table holds what, by its name in English or Chinese."""

import re
from collections.abc import Sequence

from knowledge_base.errors import EntryError
from knowledge_base.importing.rows import Row
from knowledge_base.normalisation import normalise

MOST_COLUMNS = 100
FIELDS = ("category", "intent", "tags", "owner", "valid_from", "valid_until")
NAMES = {
    "id": "id key entryid faqid 编号 标识 条目编号 问题编号",
    "question": "question questions q title 问题 标准问题 标准问 标准问法 主问题 问句 问 提问 标题",
    "further": "similarquestions similarquestion furtherquestions alternatives variants alsoasked alternativequestions "
    "相似问题 相似问法 相似问 相似问句 扩展问题 扩展问法 扩展问 其他问法 同义问题 同义问法",
    "answer": "answer answers a reply response 答案 回答 答 答复 回复 标准答案 答案内容",
    "language": "language lang locale 语言 语种",
    "category": "category categories group topic section 分类 类别 类目 目录 栏目 问题分类 所属分类",
    "intent": "intent 意图 意图名称",
    "tags": "tags tag keywords keyword labels 标签 关键词 关键字",
    "owner": "owner responsible maintainer 负责人 责任人 维护人",
    "valid_from": "validfrom startdate effectivedate effectivefrom 生效日期 生效时间 生效日 开始日期 有效期开始 有效期起",
    "valid_until": "validuntil validto validtill enddate expires expirydate expirationdate "
    "失效日期 失效时间 失效日 结束日期 截止日期 到期日期 过期日期 有效期结束 有效期至 有效期止",
}
KINDS = {name: kind for kind, names in NAMES.items() for name in names.split()}
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]0{1,2}:00(?::00)?)?")


def column_kind(name: str) -> str | None:
    """What a column of this name holds, None where it is not known.

    >>> column_kind(" 標準問題 "), column_kind("Valid From"), column_kind("相似问法2"), column_kind("price")
    ('question', 'valid_from', 'further', None)
    """
    plain = re.sub(r"[\s_\-*:]", "", normalise(name))
    kind = KINDS.get(plain) or KINDS.get(plain.rstrip("0123456789"))
    return kind if plain in KINDS or kind == "further" else None


class Columns:
    """The columns of one table.

    Args:
        header: the names of its columns.

    Raises:
        EntryError: there are too many, one is missing, or two hold the same.
    """

    def __init__(self, header: Sequence[str]) -> None:
        if len(header) > MOST_COLUMNS:
            raise EntryError(f"it has more than {MOST_COLUMNS} columns; remove those that are no part of the FAQ.")
        self.width = len(header)
        self.kinds = [column_kind(name) for name in header]
        for kind, label in (("question", "question (问题)"), ("answer", "answer (答案)")):
            if kind not in self.kinds:
                seen = ", ".join(name for name in header if name)[:120] or "nothing"
                raise EntryError(f"it has no column {label}; its first row has {seen}.")
        for kind in NAMES:
            if kind != "further" and self.kinds.count(kind) > 1:
                raise EntryError(f"two columns are for the {kind}: {', '.join(self._named(header, kind))}; keep one.")

    def row(self, place: str, cells: Sequence[str], problem: str = "") -> Row:
        """A row.

        Args:
            place: where it stands.
            cells: their texts, from the first column on; missing ones are empty.
            problem: why it cannot be read, or empty.
        """
        if any(cell.strip() for cell in cells[self.width :]):
            problem = problem or f"it has {len(cells)} cells, but there are {self.width} columns; put a text with separators in quotes."
        values: dict[str, str] = {}
        further: list[str] = []
        for kind, cell in zip(self.kinds, cells, strict=False):
            if kind == "further":
                further += [text.strip() for text in re.split(r"[\n\r;；]", cell)]
            elif kind:
                values[kind] = cell.strip()
        fields = {name: values[name] for name in FIELDS if name in values}
        for name in ("valid_from", "valid_until"):
            if match := DAY.fullmatch(fields.get(name, "")):
                fields[name] = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
        questions = (values.get("question", ""), *(text for text in further if text))
        return Row(place, questions, values.get("answer", ""), values.get("id", ""), values.get("language", ""), fields, problem)

    def _named(self, header: Sequence[str], kind: str) -> list[str]:
        return [name for name, known in zip(header, self.kinds, strict=True) if known == kind]
