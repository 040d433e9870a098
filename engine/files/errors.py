"""What is wrong with a file that comes in, or is asked for."""

from metadata.errors import PlatformError


class FileTooLarge(PlatformError):
    """A file beyond the limit, ``most`` megabytes; what came of it was thrown away."""

    code = "file_too_large"
    status = 413


class UnknownFile(PlatformError):
    """There is no such file, it is out of reach, or its time is over: all look the same."""

    code = "unknown_file"
    status = 404


class FileRefused(PlatformError):
    """A file that the field, or the installation, does not take; ``reason`` says why."""

    code = "file_refused"
    status = 422


class QuotaExceeded(PlatformError):
    """The installation keeps as much as it may; ``most`` megabytes."""

    code = "quota_exceeded"
    status = 413
