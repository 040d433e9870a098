"""A small library for the tests: books and their authors, and field types that know little."""

from collections.abc import Iterable, Mapping
from typing import Any

from metadata.errors import Problem
from metadata.formula.types import ValueType
from metadata.load import Layers, Pack, layers_of
from metadata.model import FieldDef
from metadata.packs import assemble
from ui.i18n import LANGUAGES, has_text, translate

_EQUAL = frozenset({"eq", "ne", "in", "not_in", "empty", "not_empty"})
_ORDERED = _EQUAL | {"gt", "gte", "lt", "lte", "between"}
_KNOWN: Mapping[str, tuple[frozenset[str], Mapping[str, Any], tuple[str, ...]]] = {
    "text": (_EQUAL | {"contains"}, {"max_length": {"type": "integer"}}, ()),
    "long_text": (_EQUAL, {}, ()),
    "integer": (_ORDERED, {"min": {"type": "integer"}, "default": {"type": "integer"}}, ()),
    "boolean": (_EQUAL, {}, ()),
    "date": (_ORDERED, {}, ()),
    "datetime": (_ORDERED, {}, ()),
    "select": (_EQUAL, {"default": {"type": "string"}}, ()),
    "multi_select": (_EQUAL, {}, ()),
    "auto_number": (_EQUAL, {"rule": {"type": "string"}}, ()),
    "user": (_EQUAL | {"is_me"}, {}, ()),
    "department": (_EQUAL, {}, ()),
    "link": (
        _EQUAL,
        {
            "to": {"type": "string"},
            "on_delete": {"$ref": "common.schema.json#/$defs/on_delete"},
            "where": {"$ref": "common.schema.json#/$defs/condition"},
            "inverse": {"$ref": "common.schema.json#/$defs/inverse"},
            "copies": {"type": "object"},
        },
        ("to", "on_delete"),
    ),
}


class FewTypes:
    """Field types, as far as documents need to know them."""

    def names(self) -> frozenset[str]:
        return frozenset(_KNOWN)

    def schema(self, field_type: str, /) -> Mapping[str, Any]:
        _, properties, required = _KNOWN[field_type]
        return {"properties": properties, "required": list(required)}

    def operators(self, field_type: str, /) -> frozenset[str]:
        return _KNOWN[field_type][0]

    def value_type(self, definition: Mapping[str, Any], /) -> ValueType:
        kinds = {"integer": "number"}
        return ValueType(kinds.get(definition["type"], definition["type"]))

    def takes(self, field: FieldDef, value: Any, /) -> bool:
        kinds = {"text": str, "select": str, "integer": int}
        return field.type in kinds and isinstance(value, kinds[field.type])

    def can(self, field_type: str, trait: str, /) -> bool:
        if trait == "options":
            return field_type in {"select", "multi_select"}
        return trait != "unique" or field_type in {"text", "integer"}


TYPES = FewTypes()

MANIFEST = """
kind: pack
key: shelf
label: {zh-CN: 书架, en: Shelf}
version: 1.0.0
engine: ">=0.1,<2"
languages: [zh-CN, en]
"""

BOOK = """
kind: object
key: book
label: {zh-CN: 图书, en: Book}
plural: {zh-CN: 图书, en: Books}
name_field: title
abilities: {owner: true, history: true, star: true}
fields:
  title: {type: text, label: {zh-CN: 书名, en: Title}, required: true, max_length: 100}
  owner: {label: {zh-CN: 保管人, en: Keeper}}
  author:
    type: link
    label: {zh-CN: 作者, en: Author}
    to: author
    on_delete: restrict
    inverse: {key: books, label: {zh-CN: 图书, en: Books}}
  kind: {type: select, label: {zh-CN: 类别, en: Kind}, options_from: book_kind, default: novel}
  state:
    type: select
    label: {zh-CN: 状态, en: State}
    options: {in: {label: {zh-CN: 在馆, en: In}}, out: {label: {zh-CN: 借出, en: Out}}}
  pages: {type: integer, label: {zh-CN: 页数, en: Pages}, min: 1}
rules:
  has_pages:
    when: {field: kind, op: eq, value: novel}
    check: {field: pages, op: not_empty}
    message: {zh-CN: 小说要有页数, en: A novel has pages}
actions:
  lend:
    label: {zh-CN: 借出, en: Lend}
    set: {state: out}
    when: {field: state, op: eq, value: in}
    bulk: true
"""

AUTHOR = """
kind: object
key: author
label: {zh-CN: 作者, en: Author}
name_field: name
fields:
  name: {type: text, label: {zh-CN: 姓名, en: Name}, required: true}
  born_on: {type: date, label: {zh-CN: 生日, en: Born on}}
"""

USER = """
kind: object
key: user
label: {zh-CN: 用户, en: User}
name_field: name
fields:
  name: {type: text, label: {zh-CN: 姓名, en: Name}}
  roles: {type: multi_select, label: {zh-CN: 角色, en: Roles}, options_from: role}
"""

KINDS = """
kind: option_set
key: book_kind
label: {zh-CN: 类别, en: Kind}
options:
  novel: {label: {zh-CN: 小说, en: Novel}, color: blue}
  poetry: {label: {zh-CN: 诗歌, en: Poetry}}
"""

LAYOUT = """
kind: list
key: book.main
object: book
columns: {title: {width: 240}, kind: {}, author: {}, author.born_on: {}, owner: {}}
sort: [-title]
scenes: {book.mine: {default: true}}
row_actions: {update: {}}
---
kind: scene
key: book.mine
object: book
label: {zh-CN: 我的书, en: My books}
where: {all: [{field: owner, op: is_me}, {field: id, op: is_starred}]}
---
kind: form
key: book.edit
object: book
tabs:
  basic:
    sections:
      main: {columns: 2, items: {title: {}, author: {}, kind: {}}}
      more: {items: {pages: {}}}
---
kind: detail
key: book.detail
object: book
header: {title: title, badges: {kind: {}}, facts: {author: {}, owner: {}}}
tabs: {fields: {type: form, form: book.edit}, history: {type: history}}
---
kind: detail
key: author.detail
object: author
header: {title: name}
tabs: {books: {type: related, list: books, columns: {title: {}, pages: {}}, create: true}}
---
kind: menu
key: desk
label: {zh-CN: 服务台, en: Desk}
items:
  books: {opens: list/book.main}
  people: {label: {zh-CN: 人, en: People}, items: {author: {opens: object/author}}}
---
kind: role
key: clerk
label: {zh-CN: 馆员, en: Clerk}
objects:
  book: {read: all, create: true, update: own, lend: all, fields: {pages: read}}
  author: {read: all}
menus: {desk: {books: true, author: true}}
"""

FILES: Mapping[str, str] = {
    "pack.yaml": MANIFEST,
    "objects/book.yaml": BOOK,
    "objects/author.yaml": AUTHOR,
    "objects/user.yaml": USER,
    "kinds.yaml": KINDS,
    "layout.yaml": LAYOUT,
}


def pack_of(files: Mapping[str, str] = FILES) -> Pack:
    """Make a pack of the texts of its files; they must be readable."""
    reading = assemble({name: text.encode() for name, text in files.items()}, "shelf")
    assert reading.problems == ()
    (pack,) = reading.packs
    return pack


def told(problems: Iterable[Problem]) -> list[Problem]:
    """Give problems on, once each has been said in every language with all its parameters."""
    found = list(problems)
    for problem in found:
        for language in LANGUAGES:
            key = f"problem.{problem.code}"
            assert translate(language, key, **problem.params)
            if has_text(language, f"{key}.hint"):
                assert translate(language, f"{key}.hint", **problem.params)
    return found


def shelf(**changed: str) -> Layers:
    """Give the layers of the small library; ``book="…"`` replaces a file of that name."""
    by_word = {name.rpartition("/")[2].removesuffix(".yaml"): name for name in FILES}
    files = dict(FILES)
    for word, text in changed.items():
        files[by_word.get(word, f"{word}.yaml")] = text
    return layers_of([pack_of(files)])
