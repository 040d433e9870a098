"""Large amounts in few characters, for heads of columns: the whole stands in the tip."""

import re
from decimal import Decimal

from babel.numbers import format_compact_decimal

LEAST = 10_000
"""What is smaller is short enough as it is."""
PARTS = re.compile(r"^(?P<before>\D*?)(?P<digits>-?[\d,]+(?:\.\d+)?)(?P<after>\D*)$")
LOCALES = {"zh-CN": "zh_Hans_CN", "en": "en"}


def short_number(text: str, language: str) -> str:
    """Shorten a shown number: ``¥62,800,000.00`` is ``¥6280万``; other text stays."""
    found = PARTS.match(text)
    if found is None:
        return text
    number = Decimal(found["digits"].replace(",", ""))
    if abs(number) < LEAST:
        return text
    locale = LOCALES.get(language, "en")
    short = format_compact_decimal(number, locale=locale, fraction_digits=1)
    return f"{found['before']}{short}{found['after']}"
