"""Rules about the shape of Python code: sizes, imports, docstrings, leftovers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import EVERYTHING, PRODUCT, files, parse, place, read

PYTHON_LINES = 500
TEMPLATE_LINES = 150
YAML_LINES = 300
PUBLIC_METHODS = 20
DOCUMENTED_SHARE = 0.9
HTTP_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "route", "asgi"})

# Written so that the pattern does not find itself.
LEFTOVER = re.compile(
    r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|Not[I]mplementedError"
    r"|\b(?:mark\.|pytest\.|unittest\.)(?:s[k]ip|xf[a]il|imports[k]ip|importors[k]ip|expectedF)"
)
SLEEP = re.compile(r"\btime\.sl[e]ep\(|\bwait_for_time[o]ut\(")

type_of_function = ast.FunctionDef | ast.AsyncFunctionDef


def oversized_files(root: Path) -> Iterator[str]:
    """Find files that have grown beyond what one sitting can read."""
    limits = ((".py", PYTHON_LINES), (".html", TEMPLATE_LINES), (".yaml", YAML_LINES))
    for suffix, limit in limits:
        for path in files(root, EVERYTHING, suffix):
            lines = len(read(path).splitlines())
            if lines > limit:
                yield f"{place(path, root)}: {lines} lines, at most {limit}"


def crowded_classes(root: Path) -> Iterator[str]:
    """Find classes that answer too many questions."""
    for path in files(root, EVERYTHING, ".py"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ClassDef):
                count = sum(is_public_function(inner) for inner in node.body)
                if count > PUBLIC_METHODS:
                    yield f"{place(path, root, node.lineno)}: {node.name} has {count} methods"


def hidden_imports(root: Path) -> Iterator[str]:
    """Find imports inside functions, silenced or dressed up as calls."""
    for path in files(root, EVERYTHING, ".py"):
        for node in ast.walk(parse(path)):
            if isinstance(node, type_of_function):
                for inner in ast.walk(node):
                    if isinstance(inner, ast.Import | ast.ImportFrom):
                        yield f"{place(path, root, inner.lineno)}: import inside {node.name}"
    for path in files(root, PRODUCT, ".py"):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and called(node) in {"__import__", "import_module"}:
                yield f"{place(path, root, node.lineno)}: import by a call"


def undocumented_share(root: Path) -> Iterator[str]:
    """Complain when too few public classes and functions of the product say what they are.

    What overrides a documented method is aside, and so is a handler of HTTP.
    """
    trees = {path: parse(path) for path in files(root, PRODUCT, ".py")}
    classes = {
        node.name: node
        for tree in trees.values()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }
    public: list[str] = []
    bare: list[str] = []
    for path, tree in trees.items():
        for node in documentable(tree, classes):
            public.append(place(path, root, node.lineno))
            if ast.get_docstring(node) is None:
                bare.append(public[-1])
    if len(bare) > len(public) * (1 - DOCUMENTED_SHARE):
        yield f"{len(bare)} of {len(public)} public names lack a docstring: {', '.join(bare)}"


def documentable(
    tree: ast.Module, classes: dict[str, ast.ClassDef]
) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give the public functions, classes and methods of a module that owe a docstring."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | type_of_function) or node.name[0] == "_":
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            inherited = set(inherited_methods(node, classes))
            for inner in node.body:
                if (
                    isinstance(inner, type_of_function)
                    and inner.name[0] != "_"
                    and inner.name not in inherited
                    and not is_handler(inner)
                ):
                    yield inner


def inherited_methods(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> Iterator[str]:
    """Give the names of the methods that a class has from the product's other classes."""
    for name in (last_name(base) for base in node.bases):
        base = classes.get(name)
        if base is not None and base is not node:
            yield from (inner.name for inner in base.body if isinstance(inner, type_of_function))
            yield from inherited_methods(base, classes)


def is_handler(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a method is a route: its decorator says what it answers to."""
    names = {
        last_name(one.func if isinstance(one, ast.Call) else one) for one in node.decorator_list
    }
    return not names.isdisjoint(HTTP_VERBS)


def leftovers(root: Path) -> Iterator[str]:
    """Find work put off, tests switched off, and tests that wait for time to pass."""
    for path in files(root, EVERYTHING, ".py", ".html", ".js", ".css", ".yaml", ".toml"):
        for number, line in enumerate(read(path).splitlines(), start=1):
            if found := LEFTOVER.search(line):
                yield f"{place(path, root, number)}: {found[0]}"
    for path in files(root, ("tests",), ".py"):
        if path.name.startswith("test_"):
            for number, line in enumerate(read(path).splitlines(), start=1):
                if SLEEP.search(line):
                    yield f"{place(path, root, number)}: a test sleeps"


def forged_predicates(root: Path) -> Iterator[str]:
    """Find access predicates made outside ``engine/access``: who may read is decided there."""
    for path in files(root, PRODUCT, ".py"):
        if root / "engine" / "access" in path.parents:
            continue
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and called(node) == "AccessPredicate":
                yield f"{place(path, root, node.lineno)}: makes an AccessPredicate"


def addresses_in_locks(root: Path) -> Iterator[str]:
    """Find addresses in lock files: any registry must do."""
    locks = [*root.glob("*.lock"), *(root / "ui/assets").glob("*.json")]
    for path in [*locks, *(root / "tests/assets").glob("*.json"), *root.glob("*/assets/.npmrc")]:
        for number, line in enumerate(read(path).splitlines(), start=1):
            if "://" in line:
                yield f"{place(path, root, number)}: {line.strip()}"


def is_public_function(node: ast.AST) -> bool:
    """Tell whether ``node`` defines a function that others may call."""
    return isinstance(node, type_of_function) and not node.name.startswith("_")


def called(node: ast.Call) -> str:
    """Give the last name of what is called: ``import_module`` of ``importlib.import_module``."""
    return last_name(node.func)


def last_name(node: ast.expr) -> str:
    """Give the last part of a dotted name, nothing for any other expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript):  # Generic[T]
        return last_name(node.value)
    return node.id if isinstance(node, ast.Name) else ""


RULES = (
    oversized_files,
    crowded_classes,
    hidden_imports,
    undocumented_share,
    leftovers,
    forged_predicates,
    addresses_in_locks,
)
"""Each takes the root of a tree and gives one line for every place that breaks the rule."""
