"""Price and discount of a line follow each other, in decimals, rounded half up.

A line knows the price of the list, the price asked and the discount in percent. Whoever sets the
price gets the discount; whoever sets the discount gets the price; a new line costs what the list
says, less its discount.
"""

from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.storage.snapshot import BoundField, BoundObject

HUNDRED = Decimal(100)


def settle_price(
    child: BoundObject,
    pricing: Mapping[str, str],
    new: dict[str, Any],
    set_now: Collection[str],
) -> None:
    """Let price or discount of a line follow what was set.

    Args:
        child: the object of lines.
        pricing: which of its fields are the list price, the price and the discount.
        new: stored values of the line; price and discount may change.
        set_now: the fields whose value this save sets.
    """
    listed, price, discount = (child.fields[pricing[part]] for part in _PARTS)
    base = _read(listed, new)
    if price.key in set_now and new.get(price.key) is not None:
        asked = _read(price, new) or Decimal(0)
        if base is not None and _follows(asked, base, _read(discount, new), _scale(price)):
            return
        share = (base - asked) / base * HUNDRED if base else Decimal(0)
        _write(discount, new, share)
    elif {discount.key, listed.key} & set(set_now) and base is not None:
        share = _read(discount, new) or Decimal(0)
        _write(price, new, base * (HUNDRED - share) / HUNDRED)


def _follows(asked: Decimal, base: Decimal, share: Decimal | None, scale: int) -> bool:
    """Tell whether a price is what its discount makes of the list price: nothing is to be done."""
    return share is not None and asked == _rounded(base * (HUNDRED - share) / HUNDRED, scale)


def _rounded(amount: Decimal, scale: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)


_PARTS = ("list", "price", "discount")


def _read(field: BoundField, values: Mapping[str, Any]) -> Decimal | None:
    stored = values.get(field.key)
    return None if stored is None else Decimal(stored).scaleb(-_scale(field))


def _write(field: BoundField, values: dict[str, Any], amount: Decimal) -> None:
    scaled = amount.scaleb(_scale(field)).to_integral_value(ROUND_HALF_UP)
    values[field.key] = int(scaled)


def _scale(field: BoundField) -> int:
    return int(field.definition.props.get("scale", 2))
