"""From the words of a formula to its tree: operators bind by strength (a Pratt parser)."""

from decimal import Decimal

from metadata.formula.errors import FormulaInvalid
from metadata.formula.tokens import Token, tokens_of
from metadata.formula.tree import Call, Literal, Name, Tree

DEEPEST = 32
"""How deep parts of a formula may lie inside each other."""

_BINARY: dict[str, tuple[int, str]] = {
    "or": (1, "or"), "and": (2, "and"),
    "=": (4, "eq"), "<>": (4, "ne"), "<": (4, "lt"), "<=": (4, "lte"), ">": (4, "gt"),
    ">=": (4, "gte"),
    "+": (5, "add"), "-": (5, "subtract"), "*": (6, "multiply"), "/": (6, "divide"),
}  # fmt: skip
_CHAINED = frozenset({"add", "multiply", "and", "or"})
_NOT, _MINUS, _COMPARED = 3, 7, 4
_WORDS = {"true": True, "false": False, "null": None}
_THIS = "this."


def parse_formula(text: str) -> Tree:
    """Read a formula.

    Raises:
        FormulaInvalid: it is none, or it is too long, too large or too deep.
    """
    reader = _Reader(tokens_of(text))
    tree = reader.expression(0)
    rest = reader.next()
    if rest.kind != "end":
        raise FormulaInvalid("formula_unexpected", rest.at, rest.until, found=rest.text)
    _check_depth(tree, 1)
    return tree


def _check_depth(tree: Tree, depth: int) -> None:
    """Refuse a chain of operators that lies too deep: what is computed from it would recurse."""
    if depth > DEEPEST:
        raise FormulaInvalid("formula_too_deep", tree.at, most=DEEPEST)
    if isinstance(tree, Call):
        for argument in tree.arguments:
            _check_depth(argument, depth + 1)


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def next(self) -> Token:
        token = self._tokens[self._at]
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def peek(self) -> Token:
        return self._tokens[self._at]

    def expression(self, strength: int) -> Tree:
        """Read as much as holds together more strongly than ``strength``."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaInvalid("formula_too_deep", self.peek().at, most=DEEPEST)
        left = self.start()
        while True:
            token = self.peek()
            found = _BINARY.get(_sign(token))
            if found is None or found[0] <= strength:
                break
            self.next()
            right = self.expression(found[0])
            left = _joined(found[1], left, right, token.text)
            if found[0] == _COMPARED and _BINARY.get(_sign(self.peek()), (0, ""))[0] == _COMPARED:
                twice = self.peek()
                raise FormulaInvalid(
                    "formula_compared_twice", twice.at, twice.until, found=twice.text
                )
        self._depth -= 1
        return left

    def start(self) -> Tree:
        token = self.next()
        if token.kind == "number":
            return Literal(Decimal(token.text), token.at, token.until)
        if token.kind == "text":
            return Literal(token.text, token.at, token.until)
        if token.kind == "name":
            return self.name(token)
        if token.text in {"-", "+"}:
            inner = self.expression(_MINUS)
            if token.text == "+":
                return inner
            return Call("negate", (inner,), token.at, inner.until, token.text)
        if token.text == "(":
            inner = self.expression(0)
            self.close(token)
            return inner
        if token.kind == "end":
            raise FormulaInvalid("formula_ends_early", token.at)
        raise FormulaInvalid("formula_unexpected", token.at, token.until, found=token.text)

    def name(self, token: Token) -> Tree:
        word = token.text.lower()
        if word == "not":
            inner = self.expression(_NOT)
            return Call("not", (inner,), token.at, inner.until, "not")
        if self.peek().text == "(" and self.peek().kind == "op":
            return self.call(token)
        if word in {"and", "or"}:
            raise FormulaInvalid("formula_unexpected", token.at, token.until, found=token.text)
        if word in _WORDS:
            return Literal(_WORDS[word], token.at, token.until)
        return Name(token.text.removeprefix(_THIS), token.at, token.until)

    def call(self, token: Token) -> Tree:
        opened = self.next()
        arguments: list[Tree] = []
        if self.peek().text == ")":
            return Call(token.text.lower(), (), token.at, self.next().until)
        while True:
            arguments.append(self.expression(0))
            if self.peek().text != ",":
                break
            self.next()
        end = self.close(opened)
        return Call(token.text.lower(), tuple(arguments), token.at, end.until)

    def close(self, opened: Token) -> Token:
        token = self.next()
        if token.text == ")" and token.kind == "op":
            return token
        if token.kind == "end":
            raise FormulaInvalid("formula_not_closed", opened.at)
        raise FormulaInvalid("formula_unexpected", token.at, token.until, found=token.text)


def _joined(name: str, left: Tree, right: Tree, sign: str) -> Tree:
    """Join two operands; a chain of one operator becomes one call, however long it is."""
    if name == "subtract":
        name, right = "add", Call("negate", (right,), right.at, right.until, sign)
    longer = isinstance(left, Call) and left.name == name and name in _CHAINED and left.sign
    first = left.arguments if longer and isinstance(left, Call) else (left,)
    return Call(name, (*first, right), left.at, right.until, sign)


def _sign(token: Token) -> str:
    """Give the operator that a token may be; a text that reads the same is none."""
    if token.kind == "op":
        return token.text
    return token.text.lower() if token.kind == "name" else ""
