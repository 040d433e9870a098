"""How a request reached us: scheme, host and client, behind trusted proxies too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit

from engine.settings import Settings


@dataclass(frozen=True, slots=True)
class Reached:
    """``host`` without port, lower case; ``origin`` as a browser of this page would send it."""

    scheme: str
    host: str
    origin: str
    address: str

    @property
    def secure(self) -> bool:
        """Tell whether the person's connection is encrypted."""
        return self.scheme == "https"

    @property
    def loopback(self) -> bool:
        """Tell whether the person works on the machine that serves."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        found = _ip(self.host)
        return found is not None and found.is_loopback


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Give the headers by lower-case name; of repeated ones the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def reached(scope: Mapping[str, Any], settings: Settings) -> Reached:
    """Read how a request reached us. Forwarding headers count only from a trusted proxy."""
    headers = headers_of(scope)
    peer = (scope.get("client") or ("", 0))[0]
    scheme, netloc, address = scope.get("scheme", "http"), headers.get("host", ""), peer
    if _trusted(peer, settings):
        address = _client(headers.get("x-forwarded-for", ""), settings) or peer
        scheme = headers.get("x-forwarded-proto", scheme).split(",")[-1].strip().lower()
        netloc = headers.get("x-forwarded-host", netloc).split(",")[-1].strip()
    scheme = "https" if scheme == "https" else "http"
    return Reached(scheme, _host(netloc), f"{scheme}://{netloc.lower()}", address)


def host_allowed(found: Reached, settings: Settings) -> bool:
    """Tell whether the name by which we are called is ours.

    Without a setting: this machine's names, the public address, and any bare IP address, which
    no foreign name server can point elsewhere.
    """
    allowed = set(settings.allowed_hosts)
    if settings.public_url:
        allowed.add(urlsplit(settings.public_url).hostname or "")
    if settings.allowed_hosts:
        return found.host in allowed
    return bool(
        found.host in allowed or found.loopback or _ip(found.host) or found.host in own_names()
    )


def own_names() -> tuple[str, ...]:
    """Give the names of this machine."""
    name = gethostname().lower()
    return (name, name.split(".", 1)[0], f"{name}.local")


def _host(netloc: str) -> str:
    try:
        return (urlsplit(f"//{netloc}").hostname or "").lower()
    except ValueError:
        return ""


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _trusted(peer: str, settings: Settings) -> bool:
    found = _ip(peer)
    return found is not None and any(found in network for network in settings.trusted_proxies)


def _client(forwarded: str, settings: Settings) -> str:
    """Give the nearest address that is not one of our proxies."""
    hops: Iterable[str] = (hop.strip() for hop in reversed(forwarded.split(",")))
    return next((hop for hop in hops if _ip(hop) and not _trusted(hop, settings)), "")
