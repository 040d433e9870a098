"""What publishing does, in words: to the database, to the records, to other documents."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.publish.conversion import Conversion
from engine.publish.plan import Plan
from engine.publish.purging import PURGE, Purge
from engine.publish.steps import Deferral
from metadata.load import Difference
from metadata.model import Site, say
from ui.designer.canvas import type_label
from ui.designer.sentences import (
    ToldProblem,
    field_label,
    kind_label,
    label_of,
    tell_problem,
)
from ui.designer.workspace import Workspace
from ui.i18n import translate


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlan:
    """What publishing would do, in words.

    ``ddl``: the statements that would run; ``lost``: data that goes for good.
    """

    steps: tuple[str, ...]
    impact: tuple[str, ...]
    warnings: tuple[ToldProblem, ...]
    ddl: tuple[str, ...]
    records: int = 0
    lost: tuple[str, ...] = ()


def tell_plan(workspace: Workspace, plan: Plan, language: str) -> ToldPlan:
    """Tell what publishing would do to the database and to other documents."""
    site = plan.compiled.site if plan.compiled is not None else workspace.site
    steps: list[str] = []
    records = 0
    for planned in plan.steps:
        records = max(records, planned.records)
        params = {
            "name": planned.step.name,
            "object": label_of(site, planned.step.object, language),
            "records": planned.records,
        }
        steps.append(translate(language, f"designer.step.{planned.step.kind}", **params))
    steps += [_deferral(site, one, language) for one in plan.deferrals if one.kind != PURGE]
    steps += [line for one in plan.conversions for line in tell_conversion(site, one, language)]
    return ToldPlan(
        steps=tuple(dict.fromkeys(steps)),
        impact=tuple(tell_impact(workspace, plan, language)),
        warnings=tuple(tell_problem(workspace, one) for one in plan.warnings),
        ddl=tuple(planned.sql for planned in plan.steps),
        records=records,
        lost=tuple(_purge(workspace, one, language) for one in plan.purges),
    )


def shown_differences(plan: Plan) -> list[Difference]:
    """Give what differs, but for the fields whose data goes: that is told on its own."""
    lost = {(f"object/{one.object}", f"fields/{one.field}") for one in plan.purges}
    return [one for one in plan.differences if (one.document, one.path) not in lost]


def _purge(workspace: Workspace, one: Purge, language: str) -> str:
    """Tell that the data of a field goes for good."""
    name = field_label(workspace, f"object/{one.object}", one.field)
    owner = label_of(workspace.site, one.object, language)
    return translate(language, "designer.purges", object=owner, field=name, count=one.values)


def tell_conversion(site: Site, one: Conversion, language: str) -> list[str]:
    """Tell what a type change does: how many values convert, and each that does not."""
    definition = site.objects[one.object].fields[one.field]
    lines = [
        translate(
            language,
            "designer.converts",
            field=say(definition.label, language),
            before=type_label(one.before, language),
            after=type_label(one.after, language),
            count=one.converts,
            failed=one.fails,
        )
    ]
    for bad in one.failing:
        reason = translate(language, f"invalid.{bad.reason.reason}", **bad.reason.params)
        params = {"record": bad.record, "count": bad.count, "value": bad.value, "reason": reason}
        lines.append(translate(language, "designer.fails", **params))
    return lines


def _deferral(site: Site, one: Deferral, language: str) -> str:
    """Tell what a publish leaves to a job."""
    definition = site.objects.get(one.object)
    field = definition.fields.get(one.field) if definition is not None else None
    return translate(
        language,
        f"designer.defer.{one.kind}",
        object=label_of(site, one.object, language),
        field=say(field.label, language) if field is not None else one.field,
    )


def tell_impact(workspace: Workspace, plan: Plan, language: str) -> Iterable[str]:
    """Tell which documents refer to what is changed."""
    told: dict[str, None] = {}
    for one in plan.impact:
        document, _, path = one.refers_to.partition("#")
        key = path.split("/")[1] if path.startswith("fields/") else ""
        name = field_label(workspace, document, key)
        kind, _, rest = one.document.partition("/")
        params = {"name": name, "kind": kind_label(kind, language), "document": rest}
        told[translate(language, "designer.impact", **params)] = None
    return list(told)
