"""Numbers written as words, in English and Chinese, as digits."""

import re
from fractions import Fraction

ONES = "zero one two three four five six seven eight nine".split()
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
UNITS = {word: value for value, word in enumerate([*ONES, *TEENS])}
TENS = {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
# "one" is a figure before these; elsewhere it mostly counts nothing (one of them, one moment).
COUNTED_ONES = (
    r"(?:hundred|thousand|million|seconds?|minutes?|hours?|days?|nights?|weeks?|months?|quarters?|years?|business day|working day|"
    r"calendar|percent|per cent|pounds?|dollars?|euros?|yuan|francs?|cents?|kilos?|kilograms?|metres?|meters?|kilometres?|kilometers?|"
    r"miles?|litres?|liters?|gigabytes?|or)\b"
)
ANY_TEN, ANY_SCALE = "|".join(TENS), "|".join(SCALES)
BELOW_TWENTY = "|".join(sorted(set(UNITS) - {"one"}, key=len, reverse=True))
PART = rf"(?:(?:{ANY_TEN})(?:[\s-](?:{'|'.join(ONES[1:])}))?|{BELOW_TWENTY}|one(?=[\s-]{COUNTED_ONES}))"
ENGLISH = re.compile(rf"\b{PART}(?:\s(?:{ANY_SCALE})\b(?:\s(?:and\s)?{PART})?)*\b")
DOZEN = re.compile(r"\b(half a|a|one|two|three)\s+dozen\b")
DOZENS = {"half a": 6, "a": 12, "one": 12, "two": 24, "three": 36}
SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*(hundred|thousand|million)\b")
ONE_SCALE = re.compile(r"\ba (hundred|thousand|million)\b")
NOT_COUNTED = re.compile(r"\b(?:the|you|both|all|these|those|of) (?:two|three)\b|\bfrom zero\b|\bzero in\b")

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
POWERS = {"十": 10, "百": 100, "千": 1000}
CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")
# Characters that are numbers only before what is counted: 一般, 统一, 十分 and 万一 are words.
COUNTED = (
    r"(?=\s*(?:个|次|天|日|周|年|月|小时|钟头|分钟|秒|元|块|角|美元|欧元|英镑|日元|港|人|位|件|台|张|本|条|份|只|双|套|盒|瓶|袋|步|种|项|名|倍|成|"
    r"折|点|时|期|级|层|号|岁|斤|公斤|千克|克|吨|米|公里|厘米|毫米|升|毫升|度|页|字|课|节|班|晚|夜|餐|卡|户|部|辆|架|趟|站|间|季|星期|礼拜|工作|"
    r"自然|营业|[gmtk]b|积分|%))"
)


def digits_for_words(text: str) -> str:
    """Write the numbers of a normalised text as digits, wherever words surely mean them.

    >>> digits_for_words("within twenty-four hours, at most three times")
    'within 24 hours, at most 3 times'
    >>> digits_for_words("二十四小时内，最多三次，一般两天")
    '24小时内，最多3次，一般2天'
    """
    text = DOZEN.sub(lambda match: str(DOZENS[match[1]]), text)
    text = re.sub("([半一两])打", lambda match: {"半": "6个", "一": "12个", "两": "24个"}[match[1]], text)
    text = ONE_SCALE.sub(lambda match: str(SCALES[match[1]]), text)
    kept = NOT_COUNTED.sub(lambda match: "\0".join(match[0]), text)
    text = ENGLISH.sub(lambda match: _english(match[0]), kept).replace("\0", "")
    text = SCALED.sub(lambda match: _plain(Fraction(match[1]) * SCALES[match[2]]), text)
    text = re.sub(rf"千分之({CHINESE.pattern}|\d+(?:\.\d+)?)", lambda match: f"{_plain(Fraction(chinese_number(match[1])) / 10)}%", text)
    text = re.sub(rf"百分之({CHINESE.pattern}|\d+(?:\.\d+)?)", lambda match: f"{chinese_number(match[1])}%", text)
    text = re.sub(
        r"(\d+(?:\.\d+)?)([千万])(?![瓦克米])", lambda match: _plain(Fraction(match[1]) * (10_000 if match[2] == "万" else 1000)), text
    )
    text = re.sub(rf"第(?={CHINESE.pattern})", "第\0", text)  # the first, the second: an order and no amount
    text = re.sub(rf"(?<![\0\d]){CHINESE.pattern}{COUNTED}", lambda match: chinese_number(match[0]), text)
    return text.replace("\0", "")


def _english(words: str) -> str:
    total = part = 0
    for word in re.findall(r"[a-z]+", words):
        if word in UNITS:
            part += UNITS[word]
        elif word in TENS:
            part += TENS[word]
        elif word == "hundred":
            part = max(part, 1) * 100
        elif word in SCALES:
            total, part = total + max(part, 1) * SCALES[word], 0
    return str(total + part)


def chinese_number(characters: str) -> str:
    """A number in Chinese characters, or in digits already, as digits."""
    if characters[0].isdigit():
        return characters
    if len(characters) > 1 and all(character in DIGITS for character in characters):  # 二〇二六
        return "".join(str(DIGITS[character]) for character in characters)
    total = part = digit = 0
    last = 1
    for character in characters:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in POWERS:
            last = POWERS[character]
            part, digit = part + (digit or 1) * last, 0
        else:  # 万, 亿
            last = 10_000 if character == "万" else 100_000_000
            total, part, digit = (total + part + digit or 1) * last, 0, 0
    if digit and last >= 100 and characters[-1] in DIGITS and characters[-2] not in "零〇":
        digit *= last // 10  # 两千五, 一万二
    return str(total + part + digit)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(float(value))
