"""Random secrets given out once and kept only as hashes: sessions, tokens, links."""

import hashlib
import secrets

BYTES = 32  # 256 bits: a plain hash is enough, nobody guesses them


def new_secret() -> str:
    """Give a fresh secret, safe in cookies, headers and addresses."""
    return secrets.token_urlsafe(BYTES)


def hash_of(secret: str) -> bytes:
    """Give what is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
