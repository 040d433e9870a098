"""Sentences about jobs, for screens, API and command line alike."""

from collections.abc import Mapping
from typing import Any

from engine.queue.job import Job
from ui.i18n import has_text, translate


def row_message(code: str, params: Mapping[str, Any], language: str) -> str:
    """Say what is wrong with a cell or a row."""
    key = f"invalid.{code}"
    return translate(language, key if has_text(language, key) else f"error.{code}", **params)


def row_reason(code: str, params: Mapping[str, Any], labels: Mapping[str, str], lang: str) -> str:
    """Say why a record was left alone; ``labels``: field key -> its label."""
    told = row_message(code, params, lang) if code else ""
    field = labels.get(str(params.get("at_field", "")), "")
    return f"{field}: {told}" if field and told else told


def problem_message(job: Job, language: str) -> str:
    """Say what ended a job; "" when nothing did."""
    if job.state == "dead":
        return translate(language, "job.problem.dead")
    if job.state != "failed" or not job.result:
        return ""
    params = job.result.get("params", {})
    code = job.result.get("code", "internal")
    detail = f"error.{code}.{params.get('reason')}"
    key = detail if has_text(language, detail) else f"error.{code}"
    return translate(language, key, **params)
