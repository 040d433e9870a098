"""Several machines on one cable: network namespaces with an address each, joined by a bridge.

Needs root and the program `ip`; nothing leaves this machine.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

BRIDGE = "heddle-lab"
NETWORK = "10.203.77"
PROGRAM = shutil.which("ip") or ""
CALLER = 254
"""The last part of the address that the test itself has."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A namespace: ``address`` is its own on the common cable."""

    name: str
    address: str

    @property
    def entering(self) -> tuple[str, ...]:
        """Give the words before a command that shall run there."""
        return (PROGRAM, "netns", "exec", self.name)

    def cut(self) -> None:
        """Pull the cable: packets are lost, nobody is told."""
        _ip("link", "set", _outside(self.name), "down")

    def join(self) -> None:
        """Plug the cable in again."""
        _ip("link", "set", _outside(self.name), "up")

    def refuse(self, other: "Machine") -> None:
        """Lose whatever is meant for another machine; that one is not told."""
        _ip("-n", self.name, "route", "add", "blackhole", f"{other.address}/32")

    def accept(self, other: "Machine") -> None:
        """Reach the other machine again."""
        _ip("-n", self.name, "route", "del", "blackhole", f"{other.address}/32")


def machines_possible() -> bool:
    """Tell whether this environment lets us make such machines."""
    if os.geteuid() != 0 or not PROGRAM:
        return False
    name = "heddle-probe"
    made = subprocess.run([PROGRAM, "netns", "add", name], capture_output=True, check=False)
    if made.returncode:
        return False
    joined = subprocess.run(
        [PROGRAM, "link", "add", name, "type", "bridge"], capture_output=True, check=False
    )
    if not joined.returncode:
        _ip("link", "del", name)
    _ip("netns", "del", name)
    return not joined.returncode


@contextmanager
def machines(names: Sequence[str]) -> Iterator[list[Machine]]:
    """Make machines of these names (at most nine letters), and take them away again."""
    made: list[Machine] = []
    _ip("link", "add", BRIDGE, "type", "bridge")
    try:
        _ip("addr", "add", f"{NETWORK}.{CALLER}/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(names, start=1):
            _ip("netns", "add", name)
            made.append(Machine(name, f"{NETWORK}.{number}"))
            _connect(made[-1])
        yield made
    finally:
        for machine in made:
            _ip("netns", "del", machine.name)
        _ip("link", "del", BRIDGE)


def _connect(machine: Machine) -> None:
    inside = f"{machine.name}-in"
    _ip("link", "add", _outside(machine.name), "type", "veth", "peer", "name", inside)
    _ip("link", "set", inside, "netns", machine.name)
    _ip("link", "set", _outside(machine.name), "master", BRIDGE)
    _ip("link", "set", _outside(machine.name), "up")
    within = ("-n", machine.name)
    _ip(*within, "addr", "add", f"{machine.address}/24", "dev", inside)
    _ip(*within, "link", "set", inside, "up")
    _ip(*within, "link", "set", "lo", "up")


def _outside(name: str) -> str:
    return f"{name}-out"


def _ip(*words: str) -> None:
    subprocess.run([PROGRAM, *words], check=True, capture_output=True)
