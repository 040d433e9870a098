"""An administrator at the designer of the library site, without a browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from httpx import Response

from metadata.load import Compiled
from tests.support.web import Web, library_web

HTMX = {"hx-request": "true", "hx-request-type": "partial", "hx-target": "div#designer"}


class Reader(HTMLParser):
    """Keeps the text of a page, and the cards on the canvas with the section they stand in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.cards: dict[str, list[str]] = {}
        self.section = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "data-section" in given:
            self.section = given["data-section"] or ""
            self.cards[self.section] = []
        if tag == "ul" and "data-section" not in given:
            self.section = ""
        if "data-key" in given and self.section:
            self.cards[self.section].append(given["data-key"] or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(word for word in self.words if word)


@dataclass(slots=True)
class Desk:
    """An administrator with a session: reads pages, sends forms."""

    web: Web
    secret: str
    csrf: str

    @property
    def compiled(self) -> Compiled:
        """What is served now."""
        found = self.web.live.compiled
        assert found is not None
        return found

    def get(self, path: str) -> Response:
        """Open a page."""
        cookies = {"cookie": f"heddle_session={self.secret}"}
        return self.web.client.get(path, headers=cookies, follow_redirects=False)

    def post(self, path: str, *, full: bool = False, **form: Any) -> Response:
        """Send a form; double underscores in names stand for dots."""
        pairs = {name.replace("__", "."): value for name, value in form.items()}
        return self.send(path, pairs, full=full)

    def send(self, path: str, form: dict[str, Any], *, full: bool = False) -> Response:
        """Send a form by htmx, or as a browser without scripts would."""
        headers = {
            "cookie": f"heddle_session={self.secret}",
            "content-type": "application/x-www-form-urlencoded",
            **({} if full else HTMX),
        }
        content = urlencode({"_csrf": self.csrf, **form}, doseq=True)
        return self.web.client.post(path, content=content, headers=headers, follow_redirects=False)

    def add(self, field_type: str, **form: Any) -> str:
        """Add a field to the books; gives its key."""
        answer = self.post("/designer/object/book/fields", type=field_type, **form)
        assert answer.status_code == 200, answer.text
        return answer.headers["hx-replace-url"].partition("field=")[2]

    def publish(self) -> int:
        """Publish the draft; gives the version."""
        answer = self.post("/designer/publish", full=True)
        assert answer.status_code == 303, answer.text
        return int(answer.headers["location"].partition("published=")[2])

    def cards(self, object_key: str = "book") -> dict[str, list[str]]:
        """Read the canvas: section -> fields in order."""
        return Reader(self.get(f"/designer/object/{object_key}").text).cards


def signed_in(web: Web, user_id: int) -> Desk:
    """Open a session for somebody."""
    return Desk(web, *web.session(user_id))


@pytest.fixture
def web(new_database_url: str, tmp_path: Path) -> Iterator[Web]:
    """The library site, served."""
    with library_web(new_database_url, tmp_path) as found:
        yield found


@pytest.fixture
def desk(web: Web) -> Desk:
    """The first administrator."""
    return signed_in(web, web.admin_id)


@pytest.fixture
def other(web: Web) -> Desk:
    """A second administrator."""
    return signed_in(web, web.person("二号", "13800000002", "superadmin"))
