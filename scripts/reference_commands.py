"""Every command of the command line as JSON, in the language of ``HEDDLE_LOCALE``.

Help texts are chosen when the commands are imported, so each language takes a process of its
own: `commands` starts one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click

from ui.cli import COMMANDS


@cache
def commands(language: str) -> tuple[dict[str, Any], ...]:
    """Give every command: path, help, arguments, options; in the order of the help."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.reference_commands"],
        env=os.environ | {"HEDDLE_LOCALE": language},
        cwd=Path(__file__).resolve().parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(done.stdout))


def main() -> int:
    """Print the commands."""
    found = [entry for command in COMMANDS for entry in _entries(command, ())]
    sys.stdout.write(json.dumps(found, ensure_ascii=False))
    return 0


def _entries(command: click.Command, above: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    path = (*above, command.name or "")
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _entries(inner, path)
        return
    yield {
        "path": list(path),
        "help": command.help or "",
        "arguments": [_name(one) for one in command.params if isinstance(one, click.Argument)],
        "options": [_option(one) for one in command.params if isinstance(one, click.Option)],
    }


def _name(argument: click.Argument) -> str:
    return argument.metavar or (argument.name or "").upper()


def _option(option: click.Option) -> dict[str, Any]:
    return {
        "name": ", ".join(option.opts),
        "value": _value(option),
        "help": option.help or "",
        "required": option.required,
        "default": str(option.default) if _tells_default(option) else "",
    }


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        word = "|".join(map(str, option.type.choices))
    else:
        word = "N" if isinstance(option.type, click.types.IntParamType) else "TEXT"
    return f"{word} …" if option.multiple else word


def _tells_default(option: click.Option) -> bool:
    known = isinstance(option.default, str | int) and not isinstance(option.default, bool)
    return known and option.default != "" and not option.is_flag


if __name__ == "__main__":
    sys.exit(main())
