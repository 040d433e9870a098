"""The tree of departments by screen: people with and without those below, moving, deleting."""

from engine.people import NewPerson, acting, add_person
from engine.records.company import root_of
from engine.records.create import create
from engine.records.shape import load, shape_of
from tests.support.web import Visit, Web


def build(web: Web) -> tuple[int, int, int, int]:
    """Make Sales with North below it, and somebody in each; gives root, both, the one in Sales."""
    with web.live.write(acting(web.live)) as unit:
        root = root_of(unit) or 0
        sales = create(unit, "department", {"name": "销售部"}).id
        north = create(unit, "department", {"name": "北区", "parent": sales}).id
        one = NewPerson(
            name="小赵", mobile="13900000011", roles=("librarian",), department_id=sales
        )
        two = NewPerson(
            name="小钱", mobile="13900000012", roles=("librarian",), department_id=north
        )
        person = add_person(unit, one)
        add_person(unit, two)
    return root, sales, north, person


def held(web: Web, key: str, record_id: int, field: str) -> object:
    with web.live.read(acting(web.live)) as unit:
        return load(unit, shape_of(unit, key), record_id).values[field]


def test_people_of_a_department_with_and_without_those_below(web: Web, visit: Visit) -> None:
    root, sales, north, _ = build(web)
    assert "/departments" in visit.get("/o/department").text
    alone = visit.get(f"/departments?at={sales}").text
    assert "小赵" in alone
    assert "小钱" not in alone
    both = visit.get(f"/departments?at={sales}&below=1").text
    assert "小钱" in both
    assert f'href="/o/department/{north}/do/move"' in both
    assert f'href="/o/department/{root}/do/move"' not in both
    assert f'href="/departments/{root}/delete"' not in both
    moved = visit.post(f"/o/department/{sales}/do/move", parent=str(north), version="1")
    assert moved.status_code == 422
    assert "会形成循环" in moved.text


def test_what_is_in_a_department_finds_a_place_before_it_goes(web: Web, visit: Visit) -> None:
    root, sales, north, person = build(web)
    place = f"/departments/{sales}/delete"
    page = visit.get(place).text
    assert "其中有 1 名员工" in page
    assert "其中有 1 个下级部门" in page
    wrong = visit.post(place, **{"people.department": str(sales), "children.parent": str(root)})
    assert wrong.status_code == 422
    circle = visit.post(place, **{"people.department": str(root), "children.parent": str(north)})
    assert circle.status_code == 422
    assert held(web, "user", person, "department") == sales  # nothing of it was done
    done = visit.post(place, **{"people.department": str(root), "children.parent": str(root)})
    assert (done.status_code, done.headers["location"]) == (303, "/departments")
    assert held(web, "user", person, "department") == root
    assert held(web, "department", north, "parent") == root
    assert "销售部" not in visit.get("/departments").text
    assert visit.post(f"/departments/{root}/delete").status_code == 409
