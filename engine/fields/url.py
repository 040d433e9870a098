"""Addresses of web pages."""

import re
from typing import Any, ClassVar
from urllib.parse import urlsplit

from engine.errors import InvalidValue
from engine.fields import clean, sample_words
from engine.fields.base import SampleWorld, Schema
from engine.fields.text import TextField
from metadata.model import FieldDef

LONGEST = 1000
_WEB = re.compile(r"https?://", re.IGNORECASE)
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?![0-9]+(?:/|$))|.*://", re.IGNORECASE)
_NEVER = re.compile(r"[\s\"<>\\^`{|}]")
_HOST = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]{1,63}\.?")


class UrlField(TextField):
    """A web address, http or https only.

    Input:   ``www.example.com`` gets ``https://`` before it.
    Stored:  the whole address.
    """

    key = "url"
    widget = "url"
    schema: ClassVar[Schema] = {}
    sortable = False
    groupable = False
    conversions = {"text": "as_shown"}
    longest = LONGEST

    def parse(self, raw: object, field: FieldDef) -> str | None:
        text = clean.within_length(clean.line(raw), LONGEST)
        if not text:
            return None
        if not _WEB.match(text):
            if _OTHER_SCHEME.match(text):
                raise InvalidValue("not_a_url")
            text = f"https://{text}"
        if _NEVER.search(text) or not _has_host(text):
            raise InvalidValue("not_a_url")
        return clean.within_length(text, LONGEST)

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return sample_words.website(world)


def _has_host(address: str) -> bool:
    """Tell whether an address names a host that a browser can look up, and no password."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or port == 0:
        return False
    if host.startswith("[") or ":" in host:
        return True
    return bool(_HOST.fullmatch(host)) and ("." in host.strip(".") or host == "localhost")
