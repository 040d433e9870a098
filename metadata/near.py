"""Words that somebody may have meant."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NAMES = 6


def close(word: str, known: Iterable[str]) -> str:
    """Give the known words that ``word`` may have meant, as one text."""
    names = sorted(known)
    found = get_close_matches(word, names, n=3, cutoff=0.5)
    return ", ".join(found or names[:MOST_NAMES]) or "–"
