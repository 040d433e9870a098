"""Unpack the browser and register the font of the journeys: no root, nothing outside the tree.

Everything lands in ``tests/assets/node_modules/.browser/``, which npm's next clean install
removes together with the packages it was made from.
"""

import shutil
import tarfile
from pathlib import Path
from xml.sax.saxutils import escape

from ui.assets.build import install_packages, run_node

ASSETS = Path(__file__).resolve().parent.parent / "assets"
PACKAGES = ASSETS / "node_modules"
BROWSER = PACKAGES / ".browser"
CHROMIUM = BROWSER / "chromium"
LIBRARIES = BROWSER / "lib"
FONTS = BROWSER / "fonts.conf"
AXE = PACKAGES / "axe-core" / "axe.min.js"

FONT_FOLDERS = ("400Regular", "500Medium", "700Bold")
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Noto Sans SC</family></prefer></alias>
</fontconfig>
"""


def main() -> None:
    """Install the packages, unpack the browser and write the font configuration."""
    install_packages(ASSETS)
    shutil.rmtree(BROWSER, ignore_errors=True)
    BROWSER.mkdir()
    source = PACKAGES / "@sparticuz" / "chromium" / "bin"
    unpack(source / "chromium.br", CHROMIUM)
    CHROMIUM.chmod(0o755)
    for name in ("swiftshader", "al2023"):
        archive = BROWSER / f"{name}.tar"
        unpack(source / f"{name}.tar.br", archive)
        write_members(archive)
        archive.unlink()
    write_fonts()


def unpack(source: Path, target: Path) -> None:
    """Decompress a brotli file."""
    run_node(ASSETS / "unbrotli.mjs", str(source), str(target), cwd=ASSETS)


def write_members(archive: Path) -> None:
    """Write the files of a tar, all of them libraries, below the browser's folder."""
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            target = (BROWSER / member.name).resolve()
            content = tar.extractfile(member)
            if content is None or not target.is_relative_to(BROWSER):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.read())
            target.chmod(0o755)


def write_fonts() -> None:
    """Tell fontconfig of the one font family that every picture is made with."""
    fonts = PACKAGES / "@expo-google-fonts" / "noto-sans-sc"
    folders = "\n".join(f"  <dir>{escape(str(fonts / name))}</dir>" for name in FONT_FOLDERS)
    text = FONTS_CONF.format(folders=folders, cache=escape(str(BROWSER / "font-cache")))
    FONTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
