"""Every rule can fail: a small tree is good, and one planted mistake makes it bad."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import nouns, screens, shape

Rule = Callable[[Path], Iterator[str]]

GOOD = {
    "app.py": '"""Starts."""\n\nPAGE = "books/list.html"\n',
    "engine/books.py": (
        '"""Books. The contract of a shelf leads here."""\n\n\n'
        'def lend(days: int) -> str:\n    """Lend a book."""\n    return f"widgets/{days}.html"\n'
    ),
    "engine/shelf.py": (
        '"""Shelves."""\n\nPOLICY = "usb=(), payment=()"\n\n\n'
        'class Shelf:\n    """A shelf."""\n\n'
        '    def books(self) -> int:\n        """Count."""\n\n\n'
        'class Long(Shelf):\n    """A long one."""\n\n    def books(self) -> int: ...\n\n\n'
        'class Longer(Long):\n    """A longer one."""\n\n    def books(self) -> int: ...\n'
    ),
    "engine/access/scope.py": '"""Scopes."""\n\nMINE = AccessPredicate("book")\n',
    "ui/pages.py": '"""Pages."""\n\n\ndef name(key: str) -> str:\n    """Name one."""\n'
    '    return f"widgets/{key}.html"\n',
    "ui/templates/books/list.html": (
        '{# no style="" here #}\n{% include "books/_row.html" %}\n{{ t("book.none") }}\n'
        '<script src="/static/app.js" defer></script>\n<p hx-trigger="click delay:1s">…</p>\n'
    ),
    "ui/templates/books/_row.html": '<td>{% include "cells/" ~ row.kind ~ ".html" %}</td>\n',
    "ui/templates/cells/date.html": "<time></time>\n",
    "ui/templates/widgets/text.html": "<input>\n",
    "ui/i18n/en/books.po": 'msgid "book.none"\nmsgstr "No {what} leading here."\n',
    "ui/i18n/zh-CN/books.po": 'msgid "book.none"\nmsgstr "没有{what}。"\n',
    "requirements.lock": "litestar==2.25.0 --hash=sha256:00\n",
    "ui/assets/package-lock.json": '{"version": "1"}\n',
    "tests/test_books.py": '"""Books."""\n\n\ndef test_it() -> None:\n    assert 1 + 1 == 2\n',
}

METHODS = "".join(f'    def m{number}(self) -> None:\n        """Do."""\n' for number in range(21))
BARE = "".join(f"def f{number}() -> None: ...\n" for number in range(9))

# A bar keeps the rule about leftovers from finding them here; `plant` takes it out.
PLANTED: list[tuple[Rule, str, str]] = [
    (shape.oversized_files, "metadata/long.py", "x = 1\n" * 501),
    (shape.oversized_files, "ui/templates/cells/date.html", "<p></p>\n" * 151),
    (shape.oversized_files, "metadata/packs/long.yaml", "a: 1\n" * 301),
    (shape.crowded_classes, "engine/god.py", f"class God:\n{METHODS}"),
    (shape.hidden_imports, "engine/late.py", "def f() -> None:\n    import os  # noqa: PLC0415\n"),
    (shape.hidden_imports, "engine/late.py", 'M = importlib.import_module("ui.pages")\n'),
    (shape.undocumented_share, "engine/bare.py", BARE),
    (shape.leftovers, "engine/later.py", "x = 1  # TO¦DO: better\n"),
    (shape.leftovers, "ui/templates/cells/date.html", "{# FIX¦ME #}\n"),
    (shape.leftovers, "engine/later.py", "raise NotImplemented¦Error\n"),
    (shape.leftovers, "tests/test_books.py", "@pytest.mark.sk¦ip\ndef test() -> None: ...\n"),
    (shape.leftovers, "tests/test_books.py", 'pytest.importor¦skip("x")\n'),
    (shape.leftovers, "tests/test_books.py", "time.sle¦ep(1)\n"),
    (shape.forged_predicates, "engine/query/all.py", 'EVERYTHING = AccessPredicate("book")\n'),
    (shape.addresses_in_locks, "requirements.lock", "--index-url https://a.example/simple\n"),
    (shape.addresses_in_locks, "tests/assets/package-lock.json", '{"url": "https://a.example"}\n'),
    (nouns.trade_words, "engine/books.py", "def read_customer() -> None: ...\n"),
    (nouns.trade_words, "engine/books.py", "class LeadList: ...\n"),
    (nouns.trade_words, "engine/books.py", 'KEY = "object/contract"\n'),
    (nouns.trade_words, "engine/books.py", '"""The customer\'s books."""\n'),
    (nouns.trade_words, "workflows/x.py", "x = 1  # 客户\n"),
    (nouns.trade_words, "ui/templates/cells/date.html", "<p>回款</p>\n"),
    (nouns.trade_words, "ui/assets/src/app.js", 'const key = "lead";\n'),
    (nouns.trade_words, "ui/i18n/en/books.po", 'msgid "x"\nmsgstr "Sign the contract"\n'),
    (nouns.trade_words, "engine/payment.py", "x = 1\n"),
    (screens.refused_markup, "ui/templates/a.html", "<script>go()</script>\n"),
    (screens.refused_markup, "ui/templates/a.html", "<style>p {}</style>\n"),
    (screens.refused_markup, "ui/templates/a.html", '<p style="color: red">\n'),
    (screens.refused_markup, "ui/templates/a.html", '<p onclick="go()">\n'),
    (screens.refused_markup, "ui/templates/a.html", '<p hx-on:click="go()">\n'),
    (screens.refused_markup, "ui/templates/a.html", "<p hx-vals='js:{a: 1}'>\n"),
    (screens.refused_markup, "ui/templates/a.html", "<p hx-trigger='click[ctrlKey]'>\n"),
    (screens.refused_markup, "ui/templates/a.html", '<a href="javascript:go()">\n'),
    (screens.unused_templates, "ui/templates/alone.html", "<p></p>\n"),
    (screens.uneven_messages, "ui/i18n/en/books.po", 'msgid "book.two"\nmsgstr "Two"\n'),
    (screens.uneven_messages, "ui/i18n/zh-CN/books.po", 'msgid "book.none"\nmsgstr ""\n'),
    (screens.uneven_messages, "ui/i18n/zh-CN/books.po", 'msgid "book.none"\nmsgstr "{a}"\n'),
    (screens.uneven_messages, "ui/i18n/zh-CN/more.po", 'msgid "more"\nmsgstr "多"\n'),
    (screens.unknown_messages, "ui/templates/a.html", '{{ t("book.lost", name=x) }}\n'),
    (screens.doubled_messages, "ui/i18n/en/more.po", 'msgid "book.none"\nmsgstr "Two"\n'),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in GOOD.items():
        plant(tmp_path, name, text)
    return tmp_path


def plant(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("¦", ""), encoding="utf-8")


EVERY_RULE = [*shape.RULES, *nouns.RULES, *screens.RULES]


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.__name__)
def test_a_good_tree_is_accepted(rule: Rule, tree: Path) -> None:
    assert list(rule(tree)) == []


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: rule.__name__)
def test_an_empty_tree_is_accepted(rule: Rule, tmp_path: Path) -> None:
    assert list(rule(tmp_path)) == []


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_a_planted_mistake_is_found(rule: Rule, name: str, text: str, tree: Path) -> None:
    plant(tree, name, text)
    (found, *_) = list(rule(tree))
    assert Path(name).stem in found


def test_every_rule_has_a_planted_mistake() -> None:
    assert {rule for rule, _, _ in PLANTED} == set(EVERY_RULE)
