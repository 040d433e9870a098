"""Rules about templates and messages: what the content policy refuses, and what goes stale."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.architecture.tree import files, parse, place, read

TEMPLATES = "ui/templates"
MESSAGES = "ui/i18n"
LANGUAGES = ("en", "zh-CN")

FORBIDDEN = {
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE),
    "an inline style sheet": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event handler attribute": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "a computed value": re.compile(r"""\bhx-[\w:-]+\s*=\s*["']\s*(?:js|javascript):""", re.I),
    "a trigger filter": re.compile(r"""\bhx-trigger[\w:-]*\s*=\s*("[^"]*\[|'[^']*\[)""", re.I),
    "a script address": re.compile(r"""=\s*["']\s*javascript:""", re.IGNORECASE),
}
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
JINJA_JOINED = re.compile(r"""["']([\w./-]*)["']\s*~[^~{}%]+~\s*["']([\w./-]*\.html)["']""")
QUOTED_TEMPLATE = re.compile(r"""["']([\w./{}-]+\.html)["']""")
LITERAL_KEY = re.compile(r"""(?<![\w.])t\(\s*["']([^"'~]+)["']\s*[,)]""")
PLACEHOLDER = re.compile(r"\{(\w+)[^{}]*\}")
GAP = "[^/]+"


def refused_markup(root: Path) -> Iterator[str]:
    """Find what the content policy would refuse in the browser, where nobody looks."""
    for path in files(root, (TEMPLATES,), ".html"):
        text = JINJA_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), read(path))
        for number, line in enumerate(text.splitlines(), start=1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    yield f"{place(path, root, number)}: {what}"


def unused_templates(root: Path) -> Iterator[str]:
    """Find templates that neither Python nor another template names."""
    names = [re.compile(pattern) for pattern in named_templates(root)]
    for path in files(root, (TEMPLATES,), ".html"):
        name = path.relative_to(root / TEMPLATES).as_posix()
        if not any(pattern.fullmatch(name) for pattern in names):
            yield f"{place(path, root)}: nobody uses it"


def named_templates(root: Path) -> set[str]:
    """Give patterns of the template names in code; a computed part matches any one name."""
    found: set[str] = set()
    for path in files(root, (TEMPLATES,), ".html"):
        text = JINJA_COMMENT.sub("", read(path))
        found.update(re.escape(name) for name in QUOTED_TEMPLATE.findall(text))
        pairs = JINJA_JOINED.findall(text)
        found.update(re.escape(head) + GAP + re.escape(tail) for head, tail in pairs)
    for path in files(root, ("ui", "app.py"), ".py"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    part.value if isinstance(part, ast.Constant) else 0 for part in node.values
                ]
                found.add(
                    "".join(re.escape(part) if isinstance(part, str) else GAP for part in parts)
                )
            elif isinstance(node, ast.Constant) and str(node.value).endswith(".html"):
                found.add(re.escape(str(node.value)))
    return found


def uneven_messages(root: Path) -> Iterator[str]:
    """Find messages that one language has and another has not, or has empty or differently."""
    names = {path.name for path in files(root, (MESSAGES,), ".po")}
    for name in sorted(names):
        catalogs = {language: catalog(root, language, name) for language in LANGUAGES}
        keys = {key for one in catalogs.values() for key in one}
        for key in sorted(keys):
            texts = {language: catalogs[language].get(key, "") for language in LANGUAGES}
            for language in LANGUAGES:
                if not texts[language].strip():
                    yield f"{MESSAGES}/{language}/{name}: {key} has no text"
            holes = {frozenset(PLACEHOLDER.findall(text)) for text in texts.values() if text}
            if len(holes) > 1:
                yield f"{MESSAGES}/*/{name}: {key} has other placeholders in another language"


def unknown_messages(root: Path) -> Iterator[str]:
    """Find message keys in templates that no catalogue has."""
    names = {path.name for path in files(root, (MESSAGES,), ".po")}
    known = {key for name in names for key in catalog(root, LANGUAGES[0], name)}
    for path in files(root, (TEMPLATES,), ".html"):
        for number, line in enumerate(read(path).splitlines(), start=1):
            for key in LITERAL_KEY.findall(line):
                if key not in known:
                    yield f"{place(path, root, number)}: no message {key}"


def doubled_messages(root: Path) -> Iterator[str]:
    """Find keys that two files of one language both define: one of them would be ignored."""
    for language in LANGUAGES:
        seen: dict[str, str] = {}
        for path in files(root, (f"{MESSAGES}/{language}",), ".po"):
            for key in catalog(root, language, path.name):
                if key in seen:
                    yield f"{place(path, root)}: {key} stands in {seen[key]} too"
                seen[key] = path.name


def catalog(root: Path, language: str, name: str) -> dict[str, str]:
    """Read one catalogue file: key to text; a missing file has no messages."""
    path = root / MESSAGES / language / name
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        messages: Catalog = read_po(file, abort_invalid=True)
    return {str(one.id): str(one.string or "") for one in messages if one.id}


RULES = (refused_markup, unused_templates, uneven_messages, unknown_messages, doubled_messages)
"""Each takes the root of a tree and gives one line for every place that breaks the rule."""
