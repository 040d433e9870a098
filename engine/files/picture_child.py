"""The child that writes a picture anew: ``python -m engine.files.picture_child IN OUT THUMB``.

A new file holds the pixels alone: no script, no place where it was taken, nothing after its end.
The child says what it made as one line of JSON; whatever goes wrong ends it before that.
"""

import json
import resource
import sys
import warnings

from PIL import Image, ImageOps

MOST_MEMORY = 2 * 1024 * 1024 * 1024
SECONDS = 30
MOST_PIXELS = 64_000_000
LONGEST_SIDE = 4096
THUMB_SIDE = 320
READ = ("JPEG", "PNG", "WEBP", "GIF")
WRITTEN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/png"}


def main(source: str, target: str, thumb: str) -> None:
    """Write ``source`` anew as ``target``, and small as ``thumb``."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    warnings.simplefilter("error")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(source, formats=READ) as opened:
        media_type = WRITTEN[str(opened.format)]
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture = ImageOps.exif_transpose(opened)
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture = _plain(picture, media_type)
    _write(picture, target, media_type)
    picture.thumbnail((THUMB_SIDE, THUMB_SIDE))
    _write(picture, thumb, "image/webp")
    sys.stdout.write(json.dumps({"type": media_type}) + "\n")


def _plain(picture: Image.Image, media_type: str) -> Image.Image:
    """Give the pixels without anything that was said about them."""
    if media_type == "image/jpeg":
        plain = picture.convert("RGB")
    else:
        clear = "transparency" in picture.info or picture.mode in {"RGBA", "LA", "PA"}
        plain = picture.convert("RGBA" if clear else "RGB")
    plain.info = {}
    return plain


def _write(picture: Image.Image, path: str, media_type: str) -> None:
    if media_type == "image/png":
        picture.save(path, format="PNG", optimize=True)
    else:
        picture.save(path, format=media_type.removeprefix("image/").upper(), quality=86)


if __name__ == "__main__":
    main(*sys.argv[1:4])
