"""Databases that begin as copies: what many tests start from is built once per run."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

T = TypeVar("T")
Build = Callable[[str], T]
"""Fills the empty database at a URL, closes every connection to it, and tells what it made."""

_made: dict[tuple[str, str], tuple[str, Any]] = {}


def fill(url: str, name: str, build: Build[T]) -> T:
    """Make the database at ``url`` a copy of the template ``name``; gives what ``build`` told.

    Args:
        url: a database that is empty, or does not exist yet.
        name: what the template is called; the same name is built once per server and run.
        build: builds it. What it tells (ids, say) holds for every copy, and nobody changes it.
    """
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        return cast(T, _copy_file(target, name, build))
    return cast(T, _copy_database(target, name, build))


@cache
def _folder() -> Path:
    """Make the folder of this process when it is first needed."""
    made = Path(tempfile.mkdtemp(prefix="heddle-templates-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _copy_file(target: URL, name: str, build: Build[Any]) -> Any:
    key = ("sqlite", name)
    if key not in _made:
        template = _folder() / f"{name}.db"
        told = build(f"sqlite:///{template}")
        _made[key] = str(template), told
    if target.database is None:
        raise ValueError("a database in memory cannot be a copy")
    Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    source, told = _made[key]
    shutil.copy(source, target.database)
    return told


def _copy_database(target: URL, name: str, build: Build[Any]) -> Any:
    server = target.set(drivername="postgresql", database="postgres")
    plain = server.render_as_string(hide_password=False)
    key = (plain, name)
    with psycopg.connect(plain, autocommit=True) as connection:
        if key not in _made:
            template = f"heddle_template_{_folder().name[-8:]}_{name}".lower()
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
            told = build(target.set(database=template).render_as_string(hide_password=False))
            _made[key] = template, told
        template, told = _made[key]
        mine = sql.Identifier(target.database or "")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(mine))
        # By the file: the other strategy writes every page of the copy to the log as well.
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
        connection.execute(copy.format(mine, sql.Identifier(template)))
        return told
