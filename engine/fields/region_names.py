"""The official regions: names, codes, and finding a code by what people write.

The table is a file of the package, ``data/regions.json``, made when the front end is built; it
is read when the first region is needed. Codes have two, four or six digits, each the beginning
of the codes below it.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from engine.errors import InvalidValue
from engine.fields.clean import narrow

FILE = Path(__file__).parent / "data" / "regions.json"
LEVELS = (2, 4, 6)
"""Digits of a code, by level: province, city, district."""

_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡"
    "|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|鄂温克|保安"
    "|裕固|独龙|鄂伦春"
)
_KINDS = "特别行政区|自治区|自治州|自治县|自治旗|地区|新区|林区|省|市|区|县|旗|盟"
# Longest first: 内蒙古自治区 loses only the last word, 恩施土家族苗族自治州 three.
_ENDINGS = (re.compile(rf"(?:(?:{_PEOPLES})族?)*(?:{_KINDS})$"), re.compile(rf"(?:{_KINDS})$"))
_BETWEEN = re.compile(r"[\s/,，、>|·\-]+")
_NO_PLACE = "直辖县级行政区划"
_FILLER = "市辖区"
_SHORTEST = 2
_SAID = {"内蒙": "15"}
"""Names in use that no rule gives."""


@dataclass(frozen=True, slots=True)
class Region:
    """One region. ``plain``: its name adds something to that of the region above."""

    code: str
    name: str
    short: str
    plain: bool


@dataclass(frozen=True, slots=True)
class RegionTable:
    """All regions, by code, and what lies directly in each ("" = the whole)."""

    regions: Mapping[str, Region]
    inside: Mapping[str, tuple[str, ...]]


@cache
def table() -> RegionTable:
    """Read the table, once.

    Raises:
        RuntimeError: the file was not built.
    """
    if not FILE.is_file():
        raise RuntimeError(f"{FILE.name} is missing: build the front end first")
    regions: dict[str, Region] = {}
    inside: dict[str, tuple[str, ...]] = {}
    _collect(json.loads(FILE.read_text("utf-8")), "", regions, inside)
    return RegionTable(regions, inside)


def _collect(
    nodes: list[list[Any]],
    above: str,
    regions: dict[str, Region],
    inside: dict[str, tuple[str, ...]],
) -> None:
    inside[above] = tuple(node[0] for node in nodes)
    for code, name, *below in nodes:
        upper = regions.get(above)
        plain = _NO_PLACE not in name and len(name) >= _SHORTEST
        plain = plain and (upper is None or upper.name != name)
        regions[code] = Region(code, name, _short(name), plain)
        if below:
            _collect(below[0], code, regions, inside)


def _short(name: str) -> str:
    shorter = (ending.sub("", name) for ending in _ENDINGS)
    return next((text for text in shorter if len(text) >= _SHORTEST), name)


def canonical(code: str, depth: int) -> str:
    """Give the stored form of a code: no padding zeros, no level that only repeats another.

    Raises:
        InvalidValue: no such region, or one below ``depth``.
    """
    regions = table().regions
    if len(code) == LEVELS[-1]:
        code = re.sub("(?:00){1,2}$", "", code)
    region = regions.get(code)
    if region is None:
        raise InvalidValue("unknown_region", value=code[:40])
    if not region.plain:
        code = code[:-2]
    if LEVELS.index(len(code)) >= depth:
        raise InvalidValue("region_too_deep", depth=depth)
    return code


def chain(code: str) -> tuple[Region, ...]:
    """Give the regions from the province down to ``code``; none when the code is unknown."""
    regions = table().regions
    codes = [code[:digits] for digits in LEVELS if digits <= len(code)]
    return tuple(regions[part] for part in codes if part in regions)


@lru_cache(maxsize=4096)
def shown(code: str) -> str:
    """Give the name from the province down: ``浙江省杭州市西湖区``; the code when unknown."""
    return "".join(region.name for region in chain(code) if region.plain) or code


def children(code: str, depth: int) -> tuple[Region, ...]:
    """Give what lies directly in a region, down to ``depth`` levels from the top.

    What only repeats the region is left out, its parts are not: the districts of a city that
    is a province lie directly in it.
    """
    found = table()
    parts: list[Region] = []
    for key in found.inside.get(code, ()):
        if found.regions[key].plain:
            parts.append(found.regions[key])
        else:
            parts.extend(children(key, depth))
    return tuple(part for part in parts if len(part.code) <= LEVELS[depth - 1])


@lru_cache(maxsize=4096)
def find(text: str, depth: int) -> str:
    """Find the code of a region by its name, full or short, with or without what is above.

    Raises:
        InvalidValue: no such region, several of them, or one below ``depth``.
    """
    words = _BETWEEN.sub("", narrow(text)).replace(_FILLER, "")
    if words in _SAID:
        return _SAID[words]
    codes = set(_matches(words, "")) if words else set()
    if not codes:
        raise InvalidValue("unknown_region", value=text[:40])
    fewest = min(len(code) for code in codes)
    best = sorted(code for code in codes if len(code) == fewest)
    if len(best) > 1:
        names = [shown(code) for code in best[:2]]
        raise InvalidValue("region_ambiguous", first=names[0], second=names[1])
    return canonical(best[0], depth)


def _matches(words: str, above: str) -> Iterator[str]:
    """Give every code whose name, or chain of names, is exactly ``words``."""
    found = table()
    for code in _below(above):
        region = found.regions[code]
        for name in {region.name, region.short}:
            if words == name:
                yield code if region.plain else code[:-2]
            elif words.startswith(name):
                yield from _matches(words[len(name) :], code)


def _below(above: str) -> Iterator[str]:
    inside = table().inside
    for code in inside.get(above, ()):
        yield code
        yield from _below(code)
