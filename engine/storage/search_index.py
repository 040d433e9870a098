"""The full-text side of ``heddle_search``: FTS5 on SQLite; PostgreSQL has an index on the table.

The index keeps no text of its own: a row is removed from it by naming the very tokens it was
added with, which the table holds. Whoever writes the table writes the index beside it, in the
same transaction; triggers cannot, as ``trusted_schema`` is off.
"""

from typing import Any

from sqlalchemy import Connection, Integer, Text, column, table, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import ARRAY, TypeDecorator, TypeEngine

INDEX = "heddle_search_fts"
index = table(INDEX, column("rowid", Integer), column("tokens", Text), column(INDEX, Text))
"""For queries; ``index.c.heddle_search_fts`` is what ``MATCH`` stands on."""

# The ASCII tokenizer splits at ASCII punctuation alone: our tokens hold none, so that every one
# of them stays whole, whatever Unicode version SQLite knows.
_CREATE = f"""
CREATE VIRTUAL TABLE {INDEX} USING fts5(
    tokens, content='heddle_search', content_rowid='id', detail=none, columnsize=0,
    tokenize='ascii'
)
"""


def _array(tokens: tuple[str, ...] | None) -> str | list[str] | None:
    """Write PostgreSQL's text of an array; hardly any token needs more than quotes around it."""
    if not tokens:
        return tokens if tokens is None else []
    text = '","'.join(tokens)
    if "\\" in text or text.count('"') != 2 * len(tokens) - 2:
        return list(tokens)
    return f'{{"{text}"}}'


class Tokens(TypeDecorator[tuple[str, ...]]):
    """Tokens of one entry: separated by spaces on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the carrier."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(Text))
        return dialect.type_descriptor(Text())

    def process_bind_param(
        self, value: tuple[str, ...] | None, dialect: Dialect
    ) -> list[str] | str | None:
        """Write the tokens."""
        if value is None:
            return None
        return list(value) if dialect.name == "postgresql" else " ".join(value)

    def bind_processor(self, dialect: Dialect) -> Any:
        """Write an array as text in one step: the driver would look at each token's quotes."""
        if dialect.name == "postgresql":
            return _array
        return super().bind_processor(dialect)

    def process_result_value(
        self, value: list[str] | str | None, dialect: Dialect
    ) -> tuple[str, ...] | None:
        """Read the tokens."""
        if value is None:
            return None
        return tuple(value.split(" ") if isinstance(value, str) else value)


def create_search_index(connection: Connection) -> None:
    """Create the full-text index beside the kernel tables, in the same transaction."""
    if connection.dialect.name == "sqlite":
        connection.execute(text(_CREATE))
