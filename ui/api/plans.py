"""A plan as JSON: of the API and of the command line."""

from typing import Any

from engine.publish.conversion import Conversion
from engine.publish.plan import Plan
from metadata.errors import Problem
from metadata.load import Conflict
from ui.errors import problem_message
from ui.i18n import has_text, translate


def plan_json(plan: Plan, language: str) -> dict[str, Any]:
    """Give what publishing would do, or why it cannot be done."""
    return {
        "base": plan.base,
        "metadata_version": plan.served,
        "valid": plan.valid,
        "outdated": plan.outdated,
        "errors": [problem_json(one, language) for one in plan.problems],
        "warnings": [problem_json(one, language) for one in plan.warnings],
        "changes": [
            {"document": one.document, "path": one.path, "op": one.op,
             "before": one.before, "after": one.after}
            for one in plan.differences
        ],
        "conflicts": [conflict_json(one.conflict, one.side) for one in plan.merge.choices],
        "kept": [
            {"document": one.document, "path": one.path, "pack": one.pack, "hidden": one.hidden}
            for one in plan.merge.kept
        ],
        "asleep": list(plan.merge.asleep),
        "ddl": [planned.sql for planned in plan.steps],
        "impact": [
            {"document": one.document, "path": one.path, "refers_to": one.refers_to}
            for one in plan.impact
        ],
        "effects": [
            {
                "kind": planned.step.kind,
                "object": planned.step.object,
                "field": planned.step.field,
                "name": planned.step.name,
                "records": planned.records,
                "message": translate(
                    language,
                    f"effect.{planned.step.kind}",
                    name=planned.step.name,
                    records=planned.records,
                ),
            }
            for planned in plan.steps
        ],
        "conversions": [conversion_json(one, language) for one in plan.conversions],
        "purges": [
            {"object": one.object, "field": one.field, "values": one.values}
            for one in plan.purges
        ],
        "deferred": [
            {"kind": one.kind, "object": one.object, "field": one.field, "name": one.name}
            for one in plan.deferrals
        ],
    }  # fmt: skip


def conversion_json(conversion: Conversion, language: str) -> dict[str, Any]:
    """Give what a type change does to the values there are."""
    return {
        "object": conversion.object,
        "field": conversion.field,
        "before": conversion.before,
        "after": conversion.after,
        "converts": conversion.converts,
        "fails": conversion.fails,
        "failing": [
            {
                "record": one.record,
                "count": one.count,
                "value": one.value,
                "reason": one.reason.reason,
                "message": translate(
                    language, f"invalid.{one.reason.reason}", **one.reason.params
                ),
            }
            for one in conversion.failing
        ],
    }


def conflict_json(conflict: Conflict, side: str) -> dict[str, Any]:
    """Give a conflict with its three values (null: nothing stands there)."""
    return {
        "document": conflict.document,
        "path": conflict.path,
        "base": conflict.base,
        "mine": conflict.mine,
        "theirs": conflict.theirs,
        "stranded": conflict.stranded,
        "side": side,
    }


def problem_json(problem: Problem, language: str) -> dict[str, Any]:
    """Give one problem in words, with where it is and what to do."""
    hint = f"problem.{problem.code}.hint"
    return {
        "code": problem.code,
        "document": problem.document,
        "path": problem.path,
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem_message(problem, language),
        "hint": translate(language, hint, **problem.params) if has_text(language, hint) else "",
    }
