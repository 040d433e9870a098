"""Text with headings, lists and emphasis: a little HTML, cleaned on its way in and out."""

import re
from html import escape, unescape
from typing import Any, ClassVar

import nh3

from engine.context import Locale
from engine.errors import InvalidValue
from engine.fields import clean, sample_words
from engine.fields.base import TEXT_WIDTH, ColumnSpec, FieldType, SampleWorld, Schema
from engine.fields.text import PIECE, TEXT
from metadata.model import FieldDef

BLOCKS = frozenset({"p", "div", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "hr"})
TAGS = BLOCKS | {"br", "b", "strong", "i", "em", "u", "s", "a", "code"}
LONGEST = 20_000
"""Characters of a value, its tags included, unless the field says another number."""

_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    attributes={"a": {"href"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)
_STRIPPER = nh3.Cleaner(tags=set())
_IS_BLOCK = re.compile(rf"<({'|'.join(sorted(BLOCKS))})[\s/>]")
_LINE_ENDS = re.compile(r"<br>|<hr>|</(?:p|div|h[234]|li|blockquote|pre)>")
_WHOLE = re.compile(r"<(?:p|div|h[234]|ul|ol|blockquote|pre)>.*>", re.DOTALL)

Rich = tuple[str, str]


class RichTextField(FieldType):
    """Text with a few kinds of markup.

    Input:   HTML; tags, attributes and addresses beyond a short list are dropped, scripts and
             styles with what is in them. Text without any markup becomes a paragraph.
    Stored:  two columns: the plain text, which filters and search look into, and the HTML.
    API:     the HTML. Shown in lists, history and sentences: the plain text.
    """

    key = "rich_text"
    widget = "rich_text"
    operators = frozenset({"contains", "not_contains", "empty", "not_empty"})
    schema: ClassVar[Schema] = {
        "max_length": {"type": "integer", "minimum": 1, "maximum": 100_000},
    }
    sortable = False
    indexable = False
    searchable = True
    plain_first = True
    covered_whole = True
    conversions = {"long_text": "plain_text", "text": "as_shown"}

    def columns(self, field: FieldDef) -> tuple[ColumnSpec, ...]:
        return ColumnSpec("text", "_text", TEXT_WIDTH), ColumnSpec("text", "_html", TEXT_WIDTH)

    def parse(self, raw: object, field: FieldDef) -> Rich | None:
        html = cleaned(clean.lines(raw))
        plain = plain_of(html)
        if not plain and "<hr>" not in html:
            return None
        most = int(field.props.get("max_length", LONGEST))
        if len(html) > most:
            raise InvalidValue("too_long", most=most, length=len(html))
        return plain, html

    def _operand(self, op: str, raw: object, field: FieldDef, *, last: bool = False) -> Any:
        value = TEXT.parse(raw, PIECE)
        if value is None:
            raise InvalidValue("value_missing")
        return value

    def api(self, stored: Any, field: FieldDef) -> Any:
        return None if stored is None else stored[1]

    def text(self, stored: Any, field: FieldDef, locale: Locale) -> str:
        return "" if stored is None else stored[0]

    def export(self, stored: Any, field: FieldDef, locale: Locale) -> Any:
        """Give the plain text where it says all, else the HTML, which reads back whole."""
        if stored is None:
            return None
        return stored[0] if paragraphs(stored[0]) == stored[1] else stored[1]

    def from_text(self, text: object, field: FieldDef, locale: Locale) -> Any:
        said = clean.lines(clean.cell_text(text))
        return self.parse(said if _WHOLE.fullmatch(said) else paragraphs(said), field)

    def search_text(self, stored: Any, field: FieldDef) -> str:
        return "" if stored is None else stored[0]

    def sample(self, world: SampleWorld, field: FieldDef) -> Any:
        return paragraphs(sample_words.sentences(world))


def cleaned(html: str) -> str:
    """Give HTML with nothing in it that could act, and in blocks; "" stays empty."""
    safe = _CLEANER.clean(html).replace("<p></p>", "").strip()
    return safe if not safe or _IS_BLOCK.search(safe) else f"<p>{safe}</p>"


def paragraphs(text: str) -> str:
    """Give plain text as HTML, a paragraph a line."""
    lines = [line.strip() for line in text.split("\n")]
    return cleaned("".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line))


def plain_of(html: str) -> str:
    """Give what one reads of cleaned HTML, lines where blocks end."""
    text = unescape(_STRIPPER.clean(_LINE_ENDS.sub("\n", html)))
    lines = (line.strip() for line in text.split("\n"))
    return clean.lines("\n".join(line for line in lines if line))
