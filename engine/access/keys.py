"""The installation's secret: 32 random bytes in a file that only its owner may read.

Nothing is derived from passwords or host names: who has the data folder's backup without this
file cannot forge what it signs.
"""

import hashlib
import hmac
import os
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from metadata.errors import PlatformError

FILE = "heddle.key"
BYTES = 32
NONCE = 12


class KeyFileUnusable(PlatformError):
    """The key file is open to others, cut short, or cannot be read."""

    code = "key_file_unusable"
    status = 500


class SealBroken(PlatformError):
    """Something that was sealed with another key file, for something else, or was changed."""

    code = "seal_broken"
    status = 409


@dataclass(frozen=True, slots=True)
class Keys:
    """The secret. Never shown: its text form leaves it out."""

    secret: bytes = field(repr=False)

    def sign(self, purpose: str, text: str) -> str:
        """Give a signature of ``text`` that holds for ``purpose`` alone, as hex digits."""
        message = f"{purpose}\0{text}".encode()
        return hmac.new(self.secret, message, hashlib.sha256).hexdigest()

    def signed(self, purpose: str, text: str, signature: str) -> bool:
        """Tell whether `sign` gave ``signature``, in a time that says nothing about it."""
        return hmac.compare_digest(self.sign(purpose, text).encode(), signature.encode())

    def seal(self, purpose: str, plain: bytes, about: str) -> bytes:
        """Encrypt ``plain`` for ``purpose``; it opens only as what it is ``about``."""
        nonce = os.urandom(NONCE)
        return nonce + self._cipher(purpose).encrypt(nonce, plain, about.encode())

    def unseal(self, purpose: str, sealed: bytes, about: str) -> bytes:
        """Give what `seal` took.

        Raises:
            SealBroken: another key file, purpose or subject, or changed since.
        """
        try:
            return self._cipher(purpose).decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def _cipher(self, purpose: str) -> AESGCM:
        return AESGCM(HKDFExpand(SHA256(), BYTES, purpose.encode()).derive(self.secret))


def load_keys(folder: Path) -> Keys:
    """Read the key file of ``folder``, making folder and file when they are not there.

    Raises:
        KeyFileUnusable: others could read it, or it does not hold a key.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    if not path.exists():
        _make(path)
    return Keys(_read(path))


def _make(path: Path) -> None:
    # Written aside and linked into place: of two first starts one wins, and nobody ever
    # reads a key that is only half there.
    handle, aside = tempfile.mkstemp(dir=path.parent)  # mkstemp's files are 0600
    with os.fdopen(handle, "wb") as file:
        file.write(os.urandom(BYTES))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        Path(aside).unlink()


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes()
    except OSError as error:
        raise KeyFileUnusable(file=str(path)) from error
    shared = os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO)
    if shared or len(secret) != BYTES:
        raise KeyFileUnusable(file=str(path))
    return secret
