"""Databases that begin as copies: what many tests start from is built once per run."""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

Build = Callable[[str], None]
"""Fills the empty database at a URL and closes every connection to it."""

_made: dict[tuple[str, str], str] = {}
_folder = Path(tempfile.mkdtemp(prefix="heddle-templates-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)


def fill(url: str, name: str, build: Build) -> None:
    """Make the database at ``url`` a copy of the template ``name``.

    Args:
        url: a database that is empty, or does not exist yet.
        name: what the template is called; the same name is built once per server and run.
        build: builds it.
    """
    target = make_url(url)
    if target.get_backend_name() == "sqlite":
        _copy_file(target, name, build)
    else:
        _copy_database(target, name, build)


def _copy_file(target: URL, name: str, build: Build) -> None:
    key = ("sqlite", name)
    if key not in _made:
        template = _folder / f"{name}.db"
        build(f"sqlite:///{template}")
        _made[key] = str(template)
    if target.database is None:
        raise ValueError("a database in memory cannot be a copy")
    Path(target.database).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(_made[key], target.database)


def _copy_database(target: URL, name: str, build: Build) -> None:
    server = target.set(drivername="postgresql", database="postgres")
    plain = server.render_as_string(hide_password=False)
    key = (plain, name)
    with psycopg.connect(plain, autocommit=True) as connection:
        if key not in _made:
            template = f"heddle_template_{_folder.name[-8:]}_{name}".lower()
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template)))
            build(target.set(database=template).render_as_string(hide_password=False))
            _made[key] = template
        mine = sql.Identifier(target.database or "")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(mine))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(mine, sql.Identifier(_made[key]))
        )
