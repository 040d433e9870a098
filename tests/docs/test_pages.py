"""Pages hold together: links, both languages, labels of the screens, length of decisions."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, examples, name_of, pages, prose
from ui.i18n import catalogue

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
LABEL = re.compile(r"\*\*([^*\n]+)\*\*")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
BOTH_LANGUAGES = ("tutorial", "howto", "reference", "explanation")
MEASURED = set((DOCS / "reference").glob("benchmark*.md"))
"""A table of numbers, the same in every language."""
GUIDES = [page for page in pages() if page.parent.name in {"tutorial", "howto"}]
LONGEST_DECISION = 60
PICTURE_SIZE = 10_000


def anchor(heading: str) -> str:
    """Give the anchor that a heading gets."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    """Give all anchors of a page."""
    return {anchor(heading) for heading in HEADING.findall(prose(page))}


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(prose(page)):
        if target.startswith("https://"):
            continue
        path, _, heading = target.partition("#")
        found = page.parent / path if path else page
        assert found.exists(), f"{name_of(page)}: {target}"
        if heading:
            assert heading in anchors(found), f"{name_of(page)}: {target}"


def test_every_page_is_in_both_languages() -> None:
    written = {page for folder in BOTH_LANGUAGES for page in (DOCS / folder).rglob("*.md")}
    english = {page for page in written if not page.name.endswith(".zh.md")}
    assert english
    pairs = english | {page.with_name(f"{page.stem}.zh.md") for page in english}
    assert pairs - MEASURED == written - MEASURED


@pytest.mark.parametrize(
    "page", [page for page in pages() if page.name.endswith(".zh.md")], ids=name_of
)
def test_both_languages_show_the_same_examples(page: Path) -> None:
    english = page.with_name(page.name.replace(".zh.md", ".md"))
    told = [
        [(one.language, one.file, without_comments(one.text)) for one in examples(side)]
        for side in (page, english)
    ]
    assert told[0] == told[1]


def without_comments(text: str) -> str:
    return re.sub(r" +# .*$", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("page", GUIDES, ids=name_of)
def test_labels_in_bold_are_on_the_screens(page: Path) -> None:
    texts = set(catalogue("zh-CN" if page.name.endswith(".zh.md") else "en").values())
    unknown = [label for label in LABEL.findall(prose(page)) if label not in texts]
    assert not unknown


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_no_page_promises_what_is_to_come(page: Path) -> None:
    promised = re.search(r"coming soon|not yet implemented|敬请期待|即将推出", prose(page), re.I)
    assert promised is None


def test_the_picture_of_the_readme_is_there() -> None:
    picture = ROOT / "docs" / "images" / "list.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > PICTURE_SIZE


def test_the_changelog_begins_with_the_version_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    assert versions[0] == project["version"]


def test_a_version_begins_with_its_point_and_tells_compatibility() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    for release in re.split(r"^## \[", text, flags=re.MULTILINE)[1:]:
        lines = release.splitlines()
        assert lines[1].endswith(".")
        assert "### Compatibility" in lines


@pytest.mark.parametrize("page", sorted((DOCS / "adr").glob("*.md")), ids=name_of)
def test_a_decision_is_short_and_whole(page: Path) -> None:
    text = page.read_text("utf-8")
    assert len(text.splitlines()) <= LONGEST_DECISION
    assert HEADING.findall(text)[1:] == [
        "Context",
        "Decision",
        "Rejected",
        "Consequences",
        "How we would notice that it was wrong",
    ]
    assert re.fullmatch(r"\d{4}-[a-z]+(-[a-z]+)+\.md", page.name)
