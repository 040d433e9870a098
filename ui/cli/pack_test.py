"""``heddle pack test DIR``: a pack proves itself in a database that is thrown away."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from engine.fields.registry import TYPES
from engine.trials.run import Failure, Outcome, run_tests
from metadata.check_tests import check_tests
from metadata.documents import Document
from metadata.errors import PlatformError
from metadata.load import Pack, layers_of, load_site
from metadata.model import say as in_words
from metadata.pack_tests import read_tests
from metadata.packs import read_pack
from metadata.report import problem_at
from ui.api.actions import VERBS
from ui.cli.pack_sources import line_of, problems_of, with_needed
from ui.cli.words import language, refusal, say, tell
from ui.errors import fault_of


def prove(folder: Path, only: Sequence[str] = ()) -> None:
    """Run the tests of the pack in a folder; tell each, with the place of what is otherwise.

    Args:
        folder: of the pack.
        only: keys of the tests to run; all without any.

    Raises:
        ClickException: the pack or a test is wrong, or a test found something otherwise.
    """
    packs = _whole_pack(folder)
    tests = [one for one in _good_tests(folder, packs) if not only or one.key in only]
    if not tests:
        raise refusal("cli.pack.test.none", folder=folder)
    failed = 0
    for outcome in run_tests(packs, tests, VERBS):
        failed += bool(outcome.failures)
        for line in lines_of(outcome, folder):
            click.echo(line)
    if failed:
        raise refusal("cli.pack.test.failed", count=len(tests), failed=failed)
    tell("cli.pack.test.passed", count=len(tests))


def _whole_pack(folder: Path) -> list[Pack]:
    _refuse([line_of(one, folder) for one in problems_of(folder)])
    return with_needed(read_pack(folder).packs)


def _good_tests(folder: Path, packs: Sequence[Pack]) -> Sequence[Document]:
    pack = packs[-1]
    tests, problems = read_tests(folder, pack.key)
    compiled = load_site(layers_of(packs), TYPES, check=False)
    problems = [*problems, *check_tests(tests, compiled, TYPES, pack.languages, VERBS)]
    _refuse([line_of(one, folder) for one in problems])
    return tests


def _refuse(lines: Sequence[str]) -> None:
    for line in lines:
        click.echo(line)
    if lines:
        raise refusal("cli.pack.bad", count=len(lines))


def lines_of(outcome: Outcome, folder: Path) -> Iterator[str]:
    """Say how a test ended: its name, then a line for each thing that is otherwise."""
    test = outcome.test
    word = "cli.pack.test.bad" if outcome.failures else "cli.pack.test.good"
    label = in_words(test.body["label"], language()) if _has_words(test) else test.body["label"]
    yield say(word, key=test.key, label=label)
    for one in outcome.failures:
        yield from _failure(test, one, folder)


def _has_words(test: Document) -> bool:
    return not isinstance(test.body["label"], str)


def _failure(test: Document, one: Failure, folder: Path) -> Iterator[str]:
    told = list(_errors(one.error)) if one.error is not None else []
    status = one.error.status if one.error is not None else one.params.get("status", 0)
    params = {"found": "", **one.params, "status": status}
    for path, reason in told or [("", "")]:
        inner = f"{one.path}/values/{path}" if path and one.code == "test_refused" else one.path
        said = {**params, "reason": reason}
        yield line_of(problem_at(test, one.code, inner, **said), folder)


def _errors(error: PlatformError) -> Iterator[tuple[str, str]]:
    """Give what an answer says: pairs of field, where it is about one, and sentence."""
    fault = fault_of(error, language())
    for one in fault.errors:
        yield str(one["field"]), str(one["message"])
    if not fault.errors:
        yield "", " ".join(part for part in (fault.title, fault.detail) if part)
