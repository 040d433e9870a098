"""A list of 100,000 rows by the command line, and the documents of 50 objects with 40 fields."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from bench.cases.importing import COLUMNS, companies
from bench.measure import measure
from bench.result import Result
from bench.world import World
from engine.fields.registry import TYPES
from metadata.load import apply_changes, dump_layers, load_site, parse_changes, parse_layers

ROOT = Path(__file__).resolve().parent.parent.parent
ROWS = 100_000
SECONDS_TARGET = 20.0
MEMORY_TARGET = 300.0
OBJECTS, FIELDS = 50, 40
COMPILE_TARGET, FIELD_TARGET = 300.0, 20.0
TIMES = 5
LOOK_EVERY = 0.1
KINDS = (
    {"type": "text", "max_length": 100},
    {"type": "decimal", "scale": 2},
    {"type": "date"},
    {"type": "boolean"},
    {"type": "select", "options": {"one": {"label": "一"}, "two": {"label": "二"}}},
)


def run(world: World) -> Iterator[Result]:
    """Measure an import in a process of its own, and compiling without a database."""
    with world.copy() as mine, TemporaryDirectory() as folder:
        seconds, cpu, megabytes = _imported(mine, Path(folder))
    yield Result(
        case=f"import of {ROWS:,} rows, in a process of its own",
        database=world.database,
        value=seconds,
        unit="s",
        target=SECONDS_TARGET,
        note=f"{cpu:.1f} s CPU; start and check of every row included",
    )
    yield Result(
        case=f"memory of the import of {ROWS:,} rows",
        database=world.database,
        value=megabytes,
        unit="MB",
        target=MEMORY_TARGET,
    )
    if world.on_sqlite:
        yield from _compiled(world)


def _imported(world: World, folder: Path) -> tuple[float, float, float]:
    """Import as the administrator does by hand; gives seconds, those of CPU, and megabytes.

    Raises:
        ValueError: the command failed, or rows were left out.
    """
    file = folder / "companies.csv"
    file.write_bytes(companies(ROWS))
    mapping = [f"--map={column}={field}" for column, field in COLUMNS.items()]
    before = _held(world)
    environment = os.environ | {
        "HEDDLE_DATA_DIR": str(folder / "var"), "HEDDLE_DATABASE_URL": world.url,
    }  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "app.py", "import", "customer", str(file), *mapping],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    highest = 0.0
    while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
        highest = _highest(process.pid) or highest
        time.sleep(LOOK_EVERY)
    _, status, usage = ended
    seconds = time.perf_counter() - began
    told = process.stdout.read() if process.stdout else ""
    made = _held(world) - before
    if status or made != ROWS:
        raise ValueError(f"{made} of {ROWS} customers: {told[-500:]}")
    return seconds, usage.ru_utime + usage.ru_stime, highest


def _highest(number: int) -> float:
    """Give the most memory a process ever held, in megabytes; 0 when it has ended.

    What `os.wait4` tells counts the memory of this process too, from before the other's program.
    """
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    held = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(held.split()[1]) / 1024


def _held(world: World) -> int:
    table = world.live.snapshot.object("customer").table
    with world.live.database.read() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _compiled(world: World) -> Iterator[Result]:
    compiled = world.live.compiled
    if compiled is None:
        raise ValueError("nothing is published")
    changes = parse_changes([_object(number) for number in range(OBJECTS)])
    text = dump_layers(apply_changes(compiled.layers, changes))
    whole = load_site(parse_layers(text), TYPES, check=False)
    numbers = count()

    def stored() -> None:
        load_site(parse_layers(text), TYPES, check=False)

    def one_field() -> None:
        path = f"fields/x_more_{next(numbers)}"  # another each time: nothing is known of it yet
        one = {"op": "add", "document": "object/x_thing_0", "path": path, "value": _field(0)}
        load_site(apply_changes(whole.layers, parse_changes([one])), TYPES, whole)

    for case, act, target in (
        (f"compile of {OBJECTS} × {FIELDS} fields as stored", stored, COMPILE_TARGET),
        ("compile of one more field of them, checked", one_field, FIELD_TARGET),
    ):
        taken = measure(act, times=TIMES, warm=1)
        yield Result(
            case=case, database="", value=taken.cpu, unit="ms CPU", wall=taken.wall,
            target=target, note=f"beside the shipped packs; {len(text) // 1024} KB",
        )  # fmt: skip


def _object(number: int) -> dict[str, object]:
    fields = {f"f_{at}": _field(at) for at in range(FIELDS - 1)}
    name = {"type": "text", "label": "名称", "required": True, "max_length": 100}
    value = {
        "kind": "object", "key": f"x_thing_{number}", "label": f"物品{number}",
        "plural": f"物品{number}", "name_field": "name", "fields": {"name": name, **fields},
    }  # fmt: skip
    return {"op": "add", "document": f"object/x_thing_{number}", "path": "", "value": value}


def _field(at: int) -> dict[str, object]:
    return {**KINDS[at % len(KINDS)], "label": f"字段{at}"}
