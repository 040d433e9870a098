"""The JSON Schemas of documents, for editors."""

import json
from pathlib import Path

import click

from engine.fields.registry import TYPES
from metadata.editor import ENTRY, editor_schemas
from ui.cli.words import refusal, say, tell


@click.command("schema", help=say("cli.schema"))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def schema(folder: Path) -> None:
    """Write the schemas into a folder; what is there under the same names is replaced."""
    files = editor_schemas(TYPES)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise refusal("cli.schema.unwritable", folder=folder, reason=error.strerror) from None
    tell("cli.schema.done", count=len(files), entry=folder / ENTRY)


COMMANDS = [schema]
