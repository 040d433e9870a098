"""The few words that values themselves show, by language; nothing else of the engine speaks.

They are part of stored exports, so they stand beside the code that reads them back.
"""

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

TRUE_FALSE: Mapping[str, tuple[str, str]] = {"zh-CN": ("是", "否"), "en": ("Yes", "No")}
SEPARATORS: Mapping[str, str] = {"zh-CN": "、", "en": ", "}
EXTENSIONS: Mapping[str, str] = {"zh-CN": " 转 ", "en": " ext. "}

TRUE_TEXTS = frozenset({"true", "1", "yes", "y", "on", "是", "对", "√", "✓"})
FALSE_TEXTS = frozenset({"false", "0", "no", "n", "off", "否", "不", "错", "×"})

# Ways to write a currency that its sign and its ISO code do not cover.
CURRENCY_NAMES: Mapping[str, frozenset[str]] = {"CNY": frozenset({"¥", "元", "人民币", "RMB"})}

MULTIPLES: Mapping[str, int] = {"万": 10_000, "亿": 100_000_000}

FALLBACK = "zh-CN"


def in_language(words: Mapping[str, T], language: str) -> T:
    """Give the entry for ``language``, else that of the first shipped language."""
    return words.get(language) or words[FALLBACK]
