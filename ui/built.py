"""The files that the build made, by their plain names."""

import gzip
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "static"
PREFIX = "/static/"

log = logging.getLogger("heddle.web")


@dataclass(frozen=True, slots=True)
class Assets:
    """The built files.

    Attributes:
        names: plain name -> served name, of what pages ask for.
        served: every name that is given out; files that styles name are among them.
    """

    folder: Path
    names: Mapping[str, str]
    served: frozenset[str] = frozenset()
    packed: dict[str, bytes] = field(default_factory=dict)  # served name -> gzip, once asked for

    def url(self, name: str) -> str:
        """Give the address of a file by its plain name, such as ``app.js``.

        Raises:
            RuntimeError: the build makes no such file.
        """
        if self.names and name not in self.names:
            raise RuntimeError(f"the build makes no {name}")
        return PREFIX + self.names.get(name, name)

    def read(self, name: str, *, packed: bool) -> bytes | None:
        """Give the content of a served name; None when there is no such file."""
        if name not in self.served:
            return None
        plain = (self.folder / name).read_bytes
        if not packed:
            return plain()
        if name not in self.packed:
            self.packed[name] = gzip.compress(plain(), 9, mtime=0)
        return self.packed[name]


def load_assets(folder: Path = FOLDER) -> Assets:
    """Read what the build made; without a build, pages have no style and the log says so."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        log.warning("%s is missing: pages have no style; build the front end", manifest)
        return Assets(folder, {})
    served = frozenset(path.name for path in folder.iterdir()) - {manifest.name}
    return Assets(folder, json.loads(manifest.read_text(encoding="utf-8")), served)
