"""The commands of tutorials and how-tos are run as they stand there, in an empty folder."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import make_world
from tests.docs.pages import DOCS, ROOT, Example, examples, name_of
from tests.support.site import Site
from ui.cli import command_line

PAGES = [
    page
    for folder in ("tutorial", "howto")
    for page in sorted((DOCS / folder).glob("*.md"))
    if not page.name.endswith(".zh.md")  # the same examples: see test_pages
    and any(one.language == "sh" for one in examples(page))
]
SERVE = ["heddle", "serve"]


def run(site: Site, words: list[str]) -> None:
    """Run one command in the folder where this process stands."""
    done = CliRunner(env=site.environment).invoke(command_line(make_world), words[1:])
    assert done.exit_code == 0, f"{words}: {done.output} {done.exception!r}"


def follow(site: Site, example: Example) -> None:
    """Do what a reader does with an example: save it, or type it."""
    if example.file:
        path = site.folder / example.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(example.text, "utf-8")
    if example.language != "sh":
        return
    for line in example.text.splitlines():
        words = shlex.split(line)
        assert words[0] == "heddle", "a block `sh` is run by this test; call others `bash`"
        if words == SERVE:
            site.start()
            site.stop()
        else:
            run(site, words)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_commands_of_a_page_work_in_order(
    page: Path, make_site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = make_site()
    packs = site.folder / "tests" / "packs"
    packs.parent.mkdir()
    packs.symlink_to(ROOT / "tests" / "packs")
    monkeypatch.chdir(site.folder)
    if page.parent.name == "howto":  # its reader has a site; a tutorial makes one
        run(site, ["heddle", "init"])
    for example in examples(page):
        follow(site, example)


def test_the_tutorials_are_among_the_pages_that_are_run() -> None:
    assert {DOCS / "tutorial" / name for name in ("first-field.md", "first-pack.md")} <= set(PAGES)
