"""What was measured, and what was hoped for."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one run: processor time (ours and the database's), and by the clock."""

    cpu: float
    wall: float
    backend: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One row of the table.

    Attributes:
        case: what was done.
        database: on which database; "" where it does not matter.
        value: what counts, in ``unit``.
        unit: ``ms CPU``, ``ms``, ``s`` or ``MB``.
        wall: milliseconds by the clock; None where that is the value.
        floor: the bare driver's value in the same run; None where there is none.
        target: what the value must not exceed; None where nothing was promised.
        note: what a reader must know to read the figure right.
    """

    case: str
    database: str
    value: float
    unit: str
    wall: float | None = None
    floor: float | None = None
    target: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Tell how many times the floor was needed."""
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Tell whether the target was met; None without one."""
        return None if self.target is None else self.value <= self.target


HEADS = ("case", "database", "measured", "wall", "floor", "ratio", "target", "met", "note")


def cells(result: Result) -> Sequence[str]:
    """Give a result as the cells of its row."""
    ratio, met = result.ratio, result.met
    return (
        result.case,
        result.database,
        f"{figure(result.value)} {result.unit}",
        "" if result.wall is None else f"{figure(result.wall)} ms",
        "" if result.floor is None else figure(result.floor),
        "" if ratio is None else f"{ratio:.1f}×",
        "" if result.target is None else f"≤ {result.target:g}",
        "" if met is None else ("yes" if met else "**no**"),
        result.note,
    )


def figure(value: float) -> str:
    """Write a figure with as many digits as mean something."""
    digits = 2 if value < 10 else 1 if value < 100 else 0  # noqa: PLR2004 - steps of ten
    return f"{value:.{digits}f}"
