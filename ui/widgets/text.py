"""One line of text."""

from ui.widgets.base import PlainTextWidget


class TextWidget(PlainTextWidget):
    """A text input."""


class AutoNumberWidget(PlainTextWidget):
    """A text input that may stay empty: the number is made when the record is saved."""
