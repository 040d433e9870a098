"""Names of files that are safe to show and to save under."""

import re

LONGEST_NAME = 200
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')


def safe_name(name: str) -> str:
    """Give a file name that is safe to show and to save under: no path, no tricks."""
    plain = _UNSAFE.sub("", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    return plain[-LONGEST_NAME:] or "file"
