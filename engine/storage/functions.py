"""SQL functions that SQLite lacks, written once in Python."""

import unicodedata
from typing import Any

from engine.formulas.expression import SQLITE_FUNCTION, run_on_sqlite


def fold(text: str | None) -> str | None:
    """Give ``text`` as comparisons without case see it: NFKC, case-folded."""
    return None if text is None else unicodedata.normalize("NFKC", str(text)).casefold()


def add_functions(driver: Any) -> None:
    """Add ``heddle_fold(text)`` and what computes formulas to a new SQLite connection."""
    driver.create_function("heddle_fold", 1, fold, deterministic=True)
    driver.create_function(SQLITE_FUNCTION, -1, run_on_sqlite, deterministic=True)
