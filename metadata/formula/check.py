"""Look up the names of a formula and check its types."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from metadata.formula.errors import FormulaInvalid
from metadata.formula.functions import CALLED, FUNCTIONS, SHOWN, Function
from metadata.formula.parse import parse_formula
from metadata.formula.tree import Call, Literal, Name, Tree
from metadata.formula.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    LINK,
    NOTHING,
    NUMBER,
    REGION,
    SELECT,
    TEXT,
    Apply,
    Constant,
    Field,
    Formula,
    Typed,
    ValueType,
    walk,
)
from metadata.near import close

Find = Callable[[str], ValueType | None]
"""Gives the type of a field by its path; None when there is no such field."""

_PLAIN = {kind: ValueType(kind) for kind in (TEXT, NUMBER, BOOLEAN, DATE, DATETIME)}
_NOTHING = ValueType(NOTHING)


def check_formula(text: str, find: Find, known: Collection[str], returns: ValueType) -> Formula:
    """Read a formula and check it.

    Args:
        text: the formula.
        find: looks a path up.
        known: the fields of the object, for "did you mean".
        returns: the type of the field that the formula fills.

    Raises:
        FormulaInvalid: the first thing that is wrong with it.
    """
    checker = _Checker(find, known)
    tree = parse_formula(text)
    root = checker.node(tree)
    checker.fits(root, returns, tree)
    if returns.kind == SELECT:
        for part, place in _results(root, tree):
            checker.option(part, returns, place)
    nodes = list(walk(root))
    paths = tuple(dict.fromkeys(node.path for node in nodes if isinstance(node, Field)))
    volatile = any(isinstance(n, Apply) and FUNCTIONS[n.function].volatile for n in nodes)
    return Formula(root, returns, paths, len(nodes), volatile, tuple(checker.shown))


@dataclass(slots=True)
class _Checker:
    find: Find
    known: Collection[str]
    shown: dict[str, None] = field(default_factory=dict)

    def node(self, tree: Tree) -> Typed:
        match tree:
            case Literal(value, at):
                return Constant(value or None if value == "" else value, _type_of(value), at)
            case Name():
                return self.name(tree)
            case Call():
                return self.call(tree)

    def name(self, tree: Name) -> Typed:
        found = self.find(tree.path)
        if found is None:
            if tree.path in CALLED:
                raise FormulaInvalid("formula_not_called", tree.at, tree.until, function=tree.path)
            raise FormulaInvalid(
                "formula_unknown_field", tree.at, tree.until, field=tree.path,
                known=close(tree.path, self.known),
            )  # fmt: skip
        if not found.kind:
            raise FormulaInvalid("formula_unusable_field", tree.at, tree.until, field=tree.path)
        return Field(tree.path, found, tree.at)

    def call(self, tree: Call) -> Typed:
        function = FUNCTIONS.get(tree.name) if tree.sign else CALLED.get(tree.name)
        if function is None:
            raise FormulaInvalid(
                "formula_unknown_function", tree.at, tree.at + len(tree.name), function=tree.name,
                known=close(tree.name, CALLED),
            )  # fmt: skip
        self.count(function, tree)
        arguments = [self.node(argument) for argument in tree.arguments]
        for at, argument in enumerate(arguments):
            kinds = function.takes[min(at, len(function.takes) - 1)]
            if argument.type.kind not in kinds | {NOTHING}:
                self.refuse(argument, kinds, tree, at)
            if kinds == SHOWN and argument.type.kind == REGION and isinstance(argument, Field):
                self.shown[argument.path] = None
        if function.alike >= 0:
            pairs = zip(arguments, tree.arguments, strict=True)
            self.alike(list(pairs)[function.alike :])
        return Apply(
            function.name, tuple(arguments), self.given(function, arguments, tree), tree.at
        )

    def count(self, function: Function, tree: Call) -> None:
        least, most = function.counts
        if not least <= len(tree.arguments) <= most:
            raise FormulaInvalid(
                "formula_arguments", tree.at, tree.until, function=function.name, least=least,
                most=most, count=len(tree.arguments),
            )  # fmt: skip

    def refuse(self, argument: Typed, kinds: Collection[str], tree: Call, at: int) -> None:
        place = tree.arguments[at]
        found = argument.type.kind
        if isinstance(argument, Field) and found in {LINK, REGION}:
            if found == REGION:
                raise FormulaInvalid(
                    "formula_region_value", place.at, place.until, field=argument.path
                )
            raise FormulaInvalid("formula_link_value", place.at, place.until, field=argument.path)
        if tree.sign == "+" and found == TEXT:
            raise FormulaInvalid("formula_add_texts", place.at, place.until)
        if tree.sign in {"+", "-"} and found in {DATE, DATETIME}:
            raise FormulaInvalid("formula_add_dates", place.at, place.until)
        raise FormulaInvalid(
            "formula_wrong_type", place.at, place.until, function=tree.sign or tree.name,
            expected=_listed(kinds), actual=_shown(argument.type),
        )  # fmt: skip

    def alike(self, pairs: list[tuple[Typed, Tree]]) -> ValueType:
        """Check that parts are of one type, and give it; a text may stand for an option."""
        told = [pair for pair in pairs if pair[0].type.kind != NOTHING]
        if not told:
            return _NOTHING
        selects = [node.type for node, _ in told if node.type.kind == SELECT]
        first = selects[0] if selects else told[0][0].type
        for node, place in told:
            if selects and node.type.kind == TEXT:
                self.option(node, first, place)
            elif node.type.kind != first.kind and {node.type.kind, first.kind} != {SELECT, TEXT}:
                raise FormulaInvalid(
                    "formula_different_types", place.at, place.until, one=_shown(first),
                    other=_shown(node.type),
                )  # fmt: skip
        currency = _currency([node for node, _ in told], told[-1][1])
        return replace(first, currency=currency) if first.kind == NUMBER else first

    def option(self, node: Typed, select: ValueType, place: Tree) -> None:
        """Check that a written text is one of the options that it is compared with."""
        keys = [key for key, _ in select.options]
        if isinstance(node, Constant) and isinstance(node.value, str) and node.value not in keys:
            raise FormulaInvalid(
                "formula_unknown_option", place.at, place.until, option=node.value[:60],
                known=close(node.value, keys),
            )  # fmt: skip

    def given(self, function: Function, arguments: list[Typed], tree: Call) -> ValueType:
        match function.gives:
            case "same":
                pairs = list(zip(arguments, tree.arguments, strict=True))
                return self.alike(pairs[function.alike :])
            case "first":
                return ValueType(NUMBER, arguments[0].type.currency)
            case "sum":
                return ValueType(NUMBER, _currency(arguments, tree.arguments[-1]))
            case "product":
                return ValueType(NUMBER, _product(arguments, tree))
            case "quotient":
                return ValueType(NUMBER, _quotient(arguments, tree))
            case kind:
                return _PLAIN[kind]

    def fits(self, root: Typed, returns: ValueType, tree: Tree) -> None:
        """Check that the whole gives what its field holds."""
        given = root.type
        kinds = {given.kind, returns.kind}
        if given.kind not in {NOTHING, returns.kind} and kinds != {SELECT, TEXT}:
            raise FormulaInvalid(
                "formula_wrong_result", tree.at, tree.until, expected=_shown(returns),
                actual=_shown(given),
            )  # fmt: skip
        if given.currency and returns.currency and given.currency != returns.currency:
            raise FormulaInvalid(
                "formula_currencies",
                tree.at,
                tree.until,
                one=returns.currency,
                other=given.currency,
            )


def _results(root: Typed, tree: Tree) -> Iterator[tuple[Typed, Tree]]:
    """Give the parts of a formula that it may give as a whole, each with its place."""
    if isinstance(root, Apply) and isinstance(tree, Call) and root.function in {"if", "coalesce"}:
        first = FUNCTIONS[root.function].alike
        for part, place in list(zip(root.arguments, tree.arguments, strict=True))[first:]:
            yield from _results(part, place)
    else:
        yield root, tree


def _type_of(value: Decimal | str | bool | None) -> ValueType:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return _PLAIN[BOOLEAN]
    return _PLAIN[NUMBER if isinstance(value, Decimal) else TEXT]


def _currency(parts: Collection[Typed], place: Tree) -> str:
    """Give the one currency of amounts; plain numbers beside them count as amounts of it."""
    found = sorted({part.type.currency for part in parts if part.type.currency})
    if len(found) > 1:
        raise FormulaInvalid(
            "formula_currencies", place.at, place.until, one=found[0], other=found[1]
        )
    return found[0] if found else ""


def _product(parts: list[Typed], tree: Call) -> str:
    amounts = [part.type.currency for part in parts if part.type.currency]
    if len(amounts) > 1:
        raise FormulaInvalid("formula_money_times_money", tree.at, tree.until)
    return amounts[0] if amounts else ""


def _quotient(parts: list[Typed], tree: Call) -> str:
    above, below = (part.type.currency for part in parts)
    if above and below and above != below:
        raise FormulaInvalid("formula_currencies", tree.at, tree.until, one=above, other=below)
    return "" if below else above


def _shown(value: ValueType) -> str:
    return value.currency or value.kind


def _listed(kinds: Collection[str]) -> str:
    return ", ".join(sorted(kinds))
