"""Pictures that belong to a record."""

from engine.fields.file import FileField


class ImageField(FileField):
    """A picture, or several: files whose content was written anew, so that they may be shown."""

    key = "image"
    widget = "image"
