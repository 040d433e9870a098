"""Texts of the command line, in the language of the installation."""

import os
from typing import Any

import click

from engine.errors import InvalidInput
from engine.settings import SettingsInvalid
from metadata.errors import MetadataInvalid, PlatformError
from ui.errors import fault_of
from ui.i18n import LANGUAGES, translate

DEFAULT = "zh-CN"


def language() -> str:
    """Give the language of messages: help is shown before settings can be read."""
    chosen = os.environ.get("HEDDLE_LOCALE", DEFAULT)
    return chosen if chosen in LANGUAGES else DEFAULT


def say(key: str, /, **params: Any) -> str:
    """Give a text."""
    return translate(language(), key, **params)


def tell(key: str, /, **params: Any) -> None:
    """Print a text."""
    click.echo(say(key, **params))


def refusal(key: str, /, **params: Any) -> click.ClickException:
    """Make the error that ends a command with a sentence and a status of 1."""
    return click.ClickException(say(key, **params))


def refusal_of(error: PlatformError) -> click.ClickException:
    """Put an expected error into the sentences that end a command."""
    if isinstance(error, SettingsInvalid):
        lines = [
            f"{one.field}: {say(f'setting_invalid.{one.code}', **one.params)}"
            for one in error.errors
        ]
        return click.ClickException(
            "\n".join([say("error.settings_invalid", **error.params), *lines])
        )
    fault = fault_of(error, language())
    lines = [fault.title, fault.detail]
    if isinstance(error, InvalidInput | MetadataInvalid):
        lines += [_line(one) for one in fault.errors]
    return click.ClickException("\n".join(line for line in lines if line))


def _line(one: Any) -> str:
    place = one.get("file") or one.get("document") or one["field"]
    if one.get("line"):
        place = f"{place}:{one['line']}:{one['column']}"
    hint = f" {one['hint']}" if one.get("hint") else ""
    return f"  {place}: {one['message']}{hint}"
