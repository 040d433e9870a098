"""What stands in the way of carrying a database."""

from metadata.errors import PlatformError


class TargetNotEmpty(PlatformError):
    """There is something already where the database is to go; nothing was touched."""

    code = "target_not_empty"
    status = 409


class ArchiveBroken(PlatformError):
    """The file is no backup of ours, or not whole; nothing was changed."""

    code = "archive_broken"
    status = 422


class NotEqual(PlatformError):
    """What arrived is not what was sent; nothing was kept."""

    code = "not_equal"
    status = 500


class StillServed(PlatformError):
    """A server is running: what it writes meanwhile would be lost."""

    code = "still_served"
    status = 409
