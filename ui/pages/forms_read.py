"""Forms as handlers get them: every name with all its values."""

from collections.abc import Mapping
from typing import Any

from litestar.datastructures.multi_dicts import MultiMixin
from litestar.params import URLEncodedBody

from ui.widgets.base import Form as Filled

Form = URLEncodedBody[dict[str, Any]]
"""The type of a handler's ``data``: a name sent once gives a text, more often a list."""


def form_of(given: Mapping[str, Any]) -> Filled:
    """Give a body or a query as widgets read it."""
    if isinstance(given, MultiMixin):
        return {str(name): [str(one) for one in every] for name, every in given.dict().items()}
    return {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in given.items()
    }


def all_of(given: Mapping[str, Any], name: str) -> list[str]:
    """Give every value of a name, in the order sent."""
    return list(form_of(given).get(name, ()))
