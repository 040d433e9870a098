"""Drawing of widgets for tests: a cell of a row, a control as the browser gets it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.context import Locale
from metadata.model import FieldDef
from tests.unit.engine.fields.definitions import CHINESE
from ui import i18n
from ui.widgets.base import Asked
from ui.widgets.registry import widget_of

TEMPLATES = Path(i18n.__file__).parent.parent / "templates"
VOID = frozenset({"input", "br", "img"})


def environment(locale: Locale = CHINESE) -> Environment:
    """Give Jinja as the screens use it: escaping, and loud about what is missing."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    made.globals["t"] = lambda key, **params: i18n.translate(locale.language, key, **params)
    made.globals["icon"] = lambda name: Markup("<svg></svg>")
    return made


def cell(definition: FieldDef, *row: Any, locale: Locale = CHINESE) -> str:
    """Draw a cell: ``row`` is the value, then the label of a link."""
    show = widget_of(definition).cell(definition, locale, index=0, label_index=1)
    return show((*row, None))


def drawn(definition: FieldDef, *, locale: Locale = CHINESE, **asked: Any) -> "Drawn":
    """Draw a control and read its HTML."""
    control = widget_of(definition).control(definition, locale, Asked(object="book", **asked))
    html = environment(locale).get_template(control.template).render(control=control)
    page = Drawn(html)
    page.feed(html)
    page.close()
    return page


@dataclass
class Element:
    """An element with its attributes; an attribute without a value is ""."""

    tag: str
    attributes: dict[str, str]
    content: str = ""


@dataclass
class Seen:
    """What a page is made of."""

    elements: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)


class Drawn(HTMLParser):
    """A piece of HTML: its elements in order, its text, whether all of them are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.seen = Seen()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} says something twice: {names}"
        self.seen.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.seen.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.seen.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen.texts.append(data)
        if self.seen.open and self.seen.open[-1] == "textarea":
            self.seen.elements[-1].content += data

    @property
    def text(self) -> str:
        """Give the text, spaces folded."""
        return " ".join("".join(self.seen.texts).split())

    def all(self, tag: str, **attributes: str) -> list[dict[str, str]]:
        """Give the attributes of every element of a tag that has these."""
        wanted = {name.strip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            one.attributes
            for one in self.seen.elements
            if one.tag == tag and wanted.items() <= one.attributes.items()
        ]

    def one(self, tag: str, **attributes: str) -> dict[str, str]:
        """Give the attributes of the only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    def submitted(self, *, scripts: bool = True) -> dict[str, list[str]]:
        """Give what the form would send; without ``scripts``, noscript too."""
        html = self.html if not scripts else _without_noscript(self.html)
        page = Drawn(html)
        page.feed(html)
        return _sent(page.seen)


def _without_noscript(html: str) -> str:
    head, start, rest = html.partition("<noscript>")
    return head + rest.partition("</noscript>")[2] if start else head


def _sent(seen: Seen) -> dict[str, list[str]]:
    form: dict[str, list[str]] = {}
    name = ""
    for one in seen.elements:
        own = one.attributes
        if "disabled" in own:
            continue
        if one.tag == "select":
            name = own["name"]
            form.setdefault(name, []).append("")
        elif one.tag == "option" and "selected" in own:
            form[name][-1] = own["value"]
        elif one.tag == "textarea":
            # A browser drops the first line break and sends the others as two characters.
            sent = one.content.removeprefix("\n").replace("\n", "\r\n")
            form.setdefault(own["name"], []).append(sent)
        elif own.get("name") and (own["type"] != "checkbox" or "checked" in own):
            form.setdefault(own["name"], []).append(own["value"])
    return form
