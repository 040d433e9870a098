"""Passwords: argon2id, never weaker than the floor, and the same work for unknown accounts."""

import threading
import time
from dataclasses import dataclass
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import FieldError, InvalidInput

MEMORY_KIB = 19 * 1024
FLOOR_ROUNDS = 2
MOST_ROUNDS = 8
AIM_SECONDS = 0.08
"""How long one check should take on this machine; more rounds are added until it does."""
AT_ONCE = 2
"""Checks that run at the same time: each takes `MEMORY_KIB` and a core."""
LONGEST = 256
COMMON = frozenset(
    ("password", "passw0rd", "qwerty", "qwertyuiop", "letmein", "iloveyou", "administrator")
)
DIFFERENT = 4


@dataclass(slots=True)
class Passwords:
    """Hashes and checks with one set of parameters. Thread-safe."""

    hasher: PasswordHasher
    dummy: str
    turns: threading.Semaphore

    def hash(self, password: str) -> str:
        """Give what is stored of a password."""
        with self.turns:
            return self.hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Tell whether a password is right; as much work where there is none to compare with."""
        with self.turns:
            try:
                self.hasher.verify(stored or self.dummy, password[: LONGEST + 1])
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Tell whether a hash was made with weaker parameters than today's."""
        return self.hasher.check_needs_rehash(stored)


def passwords_of(rounds: int) -> Passwords:
    """Make the checker with so many rounds.

    Raises:
        ValueError: fewer rounds than the floor.
    """
    if rounds < FLOOR_ROUNDS:
        raise ValueError(f"at least {FLOOR_ROUNDS} rounds")
    hasher = PasswordHasher(time_cost=rounds, memory_cost=MEMORY_KIB, parallelism=1)
    return Passwords(hasher, hasher.hash("nobody's password"), threading.Semaphore(AT_ONCE))


def calibrated() -> Passwords:
    """Make the checker for this machine: rounds are added until a check takes `AIM_SECONDS`."""
    probe = PasswordHasher(time_cost=FLOOR_ROUNDS, memory_cost=MEMORY_KIB, parallelism=1)
    began = time.perf_counter()
    probe.hash("a password to measure with")
    a_round = (time.perf_counter() - began) / FLOOR_ROUNDS
    return passwords_of(max(FLOOR_ROUNDS, min(MOST_ROUNDS, int(AIM_SECONDS / a_round))))


def check_password(password: str, *, least: int, about: tuple[str, ...] = ()) -> None:
    """Refuse a password that is easy to guess.

    Args:
        password: as typed.
        least: the fewest characters.
        about: what others know of the person: mobile number, name.

    Raises:
        InvalidInput: for the field ``password``, with the reason.
    """
    reason = _weakness(password, least, about)
    if reason:
        params = {"least": least, "most": LONGEST}
        raise InvalidInput([FieldError("password", reason, params)])


def _weakness(password: str, least: int, about: tuple[str, ...]) -> str:
    if len(password) < least:
        return "password_too_short"
    if len(password) > LONGEST:
        return "password_too_long"
    plain = password.lower()
    known = any(text and text.lower() in plain for text in about)
    common = any(word in plain and len(plain) < len(word) + least // 2 for word in COMMON)
    if known or common or len(set(plain)) < DIFFERENT or _is_run(plain):
        return "password_too_easy"
    return ""


def _is_run(text: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return len(steps) == 1
