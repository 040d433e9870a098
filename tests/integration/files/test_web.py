"""Files over HTTP: taken in while a form is filled, shown, given away, refused."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from tests.integration.files.desk import PDF, Desk, picture
from tests.support.web import PART, Visit

ANN, BOB = "13900000011", "13900000012"
SANDBOX = "default-src 'none'; sandbox"


def upload(visit: Visit, place: str, name: str, content: bytes, **headers: str) -> Any:
    """Send a file as the script of the form does."""
    given = PART | {"x-csrf-token": visit.csrf} | headers
    return visit.client.post(f"/files/{place}", files={"file": (name, content)}, headers=given)


def id_in(text: str) -> str:
    """Give the id in the line of a form."""
    return text.split('value="', 1)[1].split(" ", 1)[0]


def test_upload_answers_the_line_of_the_form(desk: Desk) -> None:
    ann = desk.sign_in(ANN)

    made = upload(ann, "book/x_papers", "<b>报价<i>.pdf", PDF, **{"x-field": "lines.0.x_papers"})

    assert made.status_code == 201
    assert 'name="lines.0.x_papers"' in made.text
    assert "报价" in made.text
    assert "<b>" not in made.text


def test_upload_without_the_token_of_the_page_is_refused(desk: Desk) -> None:
    ann = desk.sign_in(ANN)

    sent = ann.client.post("/files/book/x_papers", files={"file": ("a.pdf", PDF)})

    assert sent.status_code == 403


@pytest.mark.parametrize(
    ("place", "name", "content", "status"),
    [
        ("book/x_papers", "a.pdf", b"MZ program", 422),
        ("book/x_papers", "a.pdf", PDF + b"x" * (1 << 20), 422),
        ("book/title", "a.pdf", PDF, 422),
        ("book/nothing", "a.pdf", PDF, 422),
        ("x_task/x_secret", "a.pdf", PDF, 422),
        ("x_nothing/x_papers", "a.pdf", PDF, 422),
        ("user/avatar", "a.png", picture(), 422),
    ],
)
def test_refused_upload_says_why_beside_the_file(
    desk: Desk, place: str, name: str, content: bytes, status: int
) -> None:
    sent = upload(desk.sign_in(ANN), place, name, content)

    assert sent.status_code == status
    assert "is-bad" in sent.text
    assert "a.p" in sent.text


def test_form_saves_and_shows_files_again(desk: Desk) -> None:
    ann = desk.sign_in(ANN)
    line = upload(ann, "book/x_cover", "封面.png", picture()).text
    value = line.split('value="', 1)[1].split('"', 1)[0]

    refused = ann.post("/o/book", title="", author="Herbert", x_cover=["", value])
    saved = ann.post("/o/book", title="Dune", author="Herbert", x_cover=["", value])
    page = ann.client.get(saved.headers["location"])

    assert refused.status_code == 422
    assert value in refused.text
    assert saved.status_code == 303
    assert f"/files/{id_in(line)}/thumb" in page.text


def test_file_is_saved_never_shown(desk: Desk) -> None:
    ann = desk.sign_in(ANN)
    file_id = id_in(upload(ann, "book/x_papers", "报 价.pdf", PDF).text)

    got = ann.client.get(f"/files/{file_id}")

    assert got.content == PDF
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith("attachment; filename*=utf-8''%E6%8A%A5")
    assert got.headers["content-security-policy"] == SANDBOX
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["cache-control"] == "private, no-cache"
    for shown in ("image", "thumb"):
        assert ann.client.get(f"/files/{file_id}/{shown}").status_code == 404


def test_picture_is_shown_and_asked_for_again(desk: Desk) -> None:
    ann = desk.sign_in(ANN)
    sent = picture("JPEG", (1000, 700))
    file_id = id_in(upload(ann, "book/x_photos", "p.jpg", sent).text)

    shown = ann.client.get(f"/files/{file_id}/image")
    small = ann.client.get(f"/files/{file_id}/thumb")
    again = ann.client.get(
        f"/files/{file_id}/thumb", headers={"if-none-match": small.headers["etag"]}
    )

    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["content-security-policy"] == SANDBOX
    assert small.headers["content-type"] == "image/webp"
    assert Image.open(BytesIO(small.content)).size == (320, 224)
    assert again.status_code == 304


def test_file_of_others_is_as_if_it_were_not_there(desk: Desk) -> None:
    ann, bob = desk.sign_in(ANN), desk.sign_in(BOB)
    mine = id_in(upload(ann, "x_task/x_notes", "a.pdf", PDF).text)
    ann.post("/o/x_task", name="Bind", x_notes=["", mine])
    tag = ann.client.get(f"/files/{mine}").headers["etag"]

    theirs = bob.client.get(f"/files/{mine}", headers={"if-none-match": tag})
    absent = bob.client.get(f"/files/{'0' * 32}", headers={"if-none-match": tag})

    assert ann.client.get(f"/files/{mine}").status_code == 200
    assert theirs.status_code == absent.status_code == 404
    assert theirs.text.replace(mine, "0" * 32) == absent.text
    assert bob.client.get(f"/files/{mine}/thumb").status_code == 404


def test_api_uploads_names_describes_and_gives(desk: Desk) -> None:
    client, ann = desk.web.client, desk.web.token(desk.ann.user_id or 0)
    bob = desk.web.token(desk.bob.user_id or 0)
    files = [("file", ("a.pdf", PDF)), ("file", ("b.txt", b"two"))]
    key = {"idempotency-key": "k1"}

    made = client.post("/api/v1/uploads/x_task/x_notes", files=files, headers=ann | key)
    again = client.post("/api/v1/uploads/x_task/x_notes", files=files, headers=ann | key)
    items = made.json()["items"]
    values = {"name": "Bind", "x_notes": [one["id"] for one in items]}
    record = client.post("/api/v1/records/x_task", json=values, headers=ann)
    address = f"/api/v1/files/{items[0]['id']}"

    assert made.status_code == 201
    assert [(one["name"], one["size"]) for one in items] == [("a.pdf", len(PDF)), ("b.txt", 3)]
    assert again.json() == made.json()
    assert record.json()["x_notes"] == items
    assert client.get(address, headers=ann).json() == items[0]
    assert client.get(f"{address}/content", headers=ann).content == PDF
    assert client.get(f"{address}/content", headers=bob).status_code == 404
    assert client.get(f"{address}/content").status_code == 401


def test_api_tells_what_is_wrong_with_an_upload(desk: Desk) -> None:
    client, ann = desk.web.client, desk.web.token(desk.ann.user_id or 0)

    program = client.post(
        "/api/v1/uploads/book/x_papers", files={"file": ("a.pdf", b"MZ")}, headers=ann
    )
    nothing = client.post("/api/v1/uploads/book/x_papers", data={"a": "b"}, headers=ann)
    names = client.post(
        "/api/v1/records/book",
        json={"title": "D", "author": "H", "x_papers": ["a.pdf"]},
        headers=ann,
    )

    assert (program.status_code, program.json()["code"]) == (422, "file_refused")
    assert (nothing.status_code, nothing.json()["errors"][0]["code"]) == (422, "required")
    assert names.json()["errors"][0] == {
        "field": "x_papers",
        "code": "not_a_file",
        "message": names.json()["errors"][0]["message"],
    }


def test_openapi_tells_files_apart_from_their_ids(desk: Desk) -> None:
    schemas = desk.web.client.get(
        "/api/v1/openapi.json", headers=desk.web.token(desk.web.admin_id)
    ).json()["components"]["schemas"]

    read, write = schemas["book"]["properties"], schemas["book.write"]["properties"]
    assert read["x_cover"]["anyOf"][0] == {"$ref": "#/components/schemas/File"}
    assert write["x_papers"]["anyOf"][0]["items"]["pattern"] == "^[0-9a-f]{32}$"
