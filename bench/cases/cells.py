"""Drawing the cells of a page of 50 rows with 12 columns."""

from collections.abc import Iterable, Iterator

from bench.cases.lists import read_first
from bench.measure import measure
from bench.result import Result
from bench.world import World
from engine.context import Locale
from ui.widgets.registry import WIDGETS

TIMES = 400
TARGET = 0.5


def run(world: World) -> Iterator[Result]:
    """Measure cells as a list composes them; the floor joins the same texts, drawn before."""
    page = read_first(world, world.person(everything=True))
    cells = []
    for slot in page.slots.values():
        widget = WIDGETS[slot.field.type.widget]
        definition = slot.field.definition
        cells.append(
            widget.cell(definition, Locale(), index=slot.index, label_index=slot.label_index)
        )
    drawn = [[cell(row) for cell in cells] for row in page.rows]

    def draw() -> str:
        return _join([cell(row) for cell in cells] for row in page.rows)

    ours = measure(draw, times=TIMES)
    floor = measure(lambda: _join(drawn), times=TIMES)
    yield Result(
        case=f"cells of {len(page.rows)} × {len(cells)}",
        database="",
        value=ours.cpu,
        unit="ms CPU",
        wall=ours.wall,
        floor=floor.cpu,
        target=TARGET,
        note="floor: joining cells that are drawn",
    )


def _join(rows: Iterable[list[str]]) -> str:
    return "".join([f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows])
