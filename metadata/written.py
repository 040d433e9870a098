"""How a text is written in a YAML file: quotes, escapes, folded lines."""

from dataclasses import dataclass

_LONG = {"x": 4, "u": 6, "U": 10}
"""Escapes by number, and how many characters they take."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text and its raw form, which begins at a line and a column."""

    value: str
    raw: str
    style: str
    line: int
    column: int

    def locate(self, offset: int) -> tuple[int, int]:
        """Give line and column of a character of the text."""
        at = self._start()
        for number, character in enumerate(self.value):
            at = self._found(at, character)
            if number >= offset or at >= len(self.raw):
                break
            at = self._beyond(at, character)
        at = min(at, len(self.raw))
        before = self.raw[:at]
        line = before.count("\n")
        column = at - (before.rfind("\n") + 1) + (1 if line else self.column)
        return self.line + line, column

    def _start(self) -> int:
        """Skip the opening quote, or the head of a block."""
        if self.style in {"|", ">"}:
            return self.raw.find("\n") + 1
        return 1 if self.style else 0

    def _found(self, at: int, character: str) -> int:
        """Pass over what stands only in the file: indents and line ends that are folded."""
        raw = self.raw
        while at < len(raw):
            if self.style == '"' and raw[at : at + 2] == "\\\n":
                at += 2
            elif raw[at].isspace() and not character.isspace():
                at += 1
            else:
                break
        return at

    def _beyond(self, at: int, character: str) -> int:
        raw = self.raw
        if self.style == '"' and raw[at] == "\\":
            return at + _LONG.get(raw[at + 1 : at + 2], 2)
        if self.style == "'" and raw[at : at + 2] == "''":
            return at + 2
        if character.isspace() and raw[at].isspace():
            end = at
            while end < len(raw) and raw[end].isspace():
                end += 1
            return end if "\n" in raw[at:end] and self.style != "|" else at + 1
        return at + 1
