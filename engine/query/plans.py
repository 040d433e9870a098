"""Statements that are composed once per shape and kept, with what they compile to."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from sqlalchemy import ClauseElement, Executable, Result
from sqlalchemy.sql import visitors

from engine.context import Context
from engine.formulas.expression import NOW, moment_values
from engine.formulas.moment import moment_of, zone_name
from engine.query.rows import Layout
from engine.storage.snapshot import Unit

MOST_PLANS = 1_000
"""People make up filters without end; the oldest plans go. Some 20 kB each."""
NO_LAYOUT = Layout((), 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement, how its rows are laid out, and SQLAlchemy's cache of this one statement."""

    statement: Executable
    layout: Layout = NO_LAYOUT
    cache: dict[Any, Any] = field(default_factory=dict)
    timed: bool = False  # it holds formulas, which want to know the moment

    def run(self, unit: Unit, values: Mapping[str, Any]) -> Result[Any]:
        """Execute the statement with values for its slots."""
        if self.timed:
            values = {**values, **now_of(unit.context)}
        return unit.connection.execute(
            self.statement, values, execution_options={"compiled_cache": self.cache}
        )


def now_of(context: Context) -> dict[str, str]:
    """Give the parameters that tell formulas in a query the moment."""
    return moment_values(moment_of(context), zone_name(context.locale.zone))


def is_timed(statement: Executable) -> bool:
    """Tell whether a statement holds a formula."""
    parts = visitors.iterate(statement) if isinstance(statement, ClauseElement) else ()
    return any(getattr(part, "key", None) == NOW for part in parts)


class Plans:
    """The plans of one metadata version; they die with its snapshot."""

    def __init__(self) -> None:
        self._plans: dict[Hashable, Plan] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Plan]) -> Plan:
        """Give the plan of ``key``, composing it the first time."""
        found = self._plans.get(key)
        if found is None:
            made = make()
            made = replace(made, timed=is_timed(made.statement))
            with self._lock:
                found = self._plans.setdefault(key, made)
                while len(self._plans) > MOST_PLANS:
                    del self._plans[next(iter(self._plans))]
        return found


def plan_of(unit: Unit, key: Hashable, make: Callable[[], Plan]) -> Plan:
    """Give a plan of the unit's metadata version and database."""
    plans = unit.snapshot.once("query plans", Plans)
    return plans.get((unit.connection.dialect.name, key), make)
