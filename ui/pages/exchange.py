"""Files in and out, and the jobs that carry them."""

from typing import Any

from ui.pages import exports, imports, jobs

ROUTES: list[Any] = [*imports.ROUTES, *exports.ROUTES, *jobs.ROUTES]
