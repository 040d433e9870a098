"""HTML escaping for cells, at the price of one call into C."""

from collections.abc import Callable

import markupsafe


def _slow(text: str) -> str:
    return str.__str__(markupsafe.escape(text))


# `escape` wraps its result in an object that says "safe"; a list of 600 cells feels that. The
# function inside is not part of the public interface, so its absence is allowed for.
escaped: Callable[[str], str] = getattr(markupsafe, "_escape_inner", None) or _slow
"""Escape a `str` (and only a `str`) for HTML text and for attributes in double quotes."""
