"""SQL functions that SQLite lacks, written once in Python."""

import unicodedata
from typing import Any


def fold(text: str | None) -> str | None:
    """Give ``text`` as comparisons without case see it: NFKC, case-folded."""
    return None if text is None else unicodedata.normalize("NFKC", str(text)).casefold()


def add_functions(driver: Any) -> None:
    """Add ``heddle_fold(text)`` to a new SQLite connection."""
    driver.create_function("heddle_fold", 1, fold, deterministic=True)
