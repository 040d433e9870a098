"""What is wrong with a formula, and where."""

from typing import Any

from metadata.errors import PlatformError


class FormulaInvalid(PlatformError):
    """A formula that means nothing. ``at`` counts its characters from 0, as does ``until``."""

    code = "formula_invalid"
    status = 422

    def __init__(self, problem: str, at: int, until: int = 0, **params: Any) -> None:
        """Take the code of the problem and its place."""
        super().__init__(problem=problem, at=at, **params)
        self.problem = problem
        self.at = at
        self.until = max(until, at + 1)
        self.said = params
