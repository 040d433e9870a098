"""Build hook: a wheel carries the front end and the tables of fields, made on the spot."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class AssetsHook(BuildHookInterface):  # type: ignore[type-arg]  # its config type is private
    """Run ``ui/assets/build.py`` before the files of a wheel are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the assets, unless the install is editable: `make` builds those itself."""
        del build_data
        if version != "editable":
            script = Path(self.root) / "ui" / "assets" / "build.py"
            subprocess.run([sys.executable, str(script)], check=True)
