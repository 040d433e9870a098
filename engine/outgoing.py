"""The one way out: HTTP to an address that somebody typed, and only where it may go.

The name is looked up once, every address it has is checked, and the connection goes to the very
address that was checked: a name that changes in between leads nowhere else. Redirects are not
followed, the machine's proxy settings are not read, an answer is cut off where it is too long.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from engine.settings import Network
from metadata.errors import PlatformError

SECONDS_OF_SILENCE = 10.0
SECONDS_IN_ALL = 20.0
LONGEST_ADDRESS = 2_000
LONGEST_ANSWER = 1 << 20
PORTS = {"http": 80, "https": 443}
TRANSLATED = IPv6Network("64:ff9b::/96")
"""IPv6 addresses that a gateway turns into IPv4 ones, private ones too."""

Address = IPv4Address | IPv6Address


class AddressRefused(PlatformError):
    """An address that we do not send to; ``reason`` says why."""

    code = "address_refused"
    status = 422


class NotReached(PlatformError):
    """Nobody answered in time."""

    code = "not_reached"
    status = 502


@dataclass(frozen=True, slots=True)
class Target:
    """A checked place: the host as named, and the one address that is connected to."""

    scheme: str
    host: str
    port: int
    path: str
    address: Address


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes = b""


def check_url(text: str) -> SplitResult:
    """Check what can be checked without looking the name up.

    Raises:
        AddressRefused: not http or https, no host, or with a user's name in it.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise AddressRefused(reason="not_an_address") from None
    wrong = len(text) > LONGEST_ADDRESS or any(sign <= " " or sign == "\x7f" for sign in text)
    if wrong or parts.scheme not in PORTS or not parts.hostname or port == 0:
        raise AddressRefused(reason="not_an_address")
    if parts.username is not None or parts.password is not None:
        raise AddressRefused(reason="holds_credentials")
    return parts


def find_target(text: str, allowed: Sequence[Network]) -> Target:
    """Look up where an address leads.

    Args:
        text: as somebody typed it.
        allowed: networks that may be reached though they are not public.

    Raises:
        AddressRefused: it leads (also) to this machine or into a private network.
        NotReached: the name is not known.
    """
    parts = check_url(text)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, find_address(host, port, allowed))


def find_address(host: str, port: int, allowed: Sequence[Network]) -> Address:
    """Look up where a name leads, and give the address to connect to.

    Raises:
        AddressRefused: it leads (also) to this machine or into a private network.
        NotReached: the name is not known.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotReached(reason="unknown_host") from None
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not addresses or not all(may_reach(address, allowed) for address in addresses):
        raise AddressRefused(reason="not_public")
    return addresses[0]


def may_reach(address: Address, allowed: Sequence[Network]) -> bool:
    """Tell whether an address is public, or in a network that was allowed."""
    plain = address
    if isinstance(plain, IPv6Address) and plain.ipv4_mapped is not None:
        plain = plain.ipv4_mapped
    if any(plain in network for network in allowed):
        return True
    if isinstance(plain, IPv6Address) and (
        plain in TRANSLATED or plain.sixtofour is not None or plain.teredo is not None
    ):
        return False
    return plain.is_global and not plain.is_multicast


def post(
    text: str, body: bytes, headers: Mapping[str, str], *, allowed: Sequence[Network] = ()
) -> int:
    """Send a body; gives the status of the answer, whose body is not read.

    Raises:
        AddressRefused: we do not send there.
        NotReached: no answer within `SECONDS_IN_ALL`.
    """
    return _ask("POST", text, body, headers, allowed=allowed, most=0).status


def fetch(
    method: str,
    text: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network] = (),
) -> Answer:
    """Ask for something; gives the answer, of at most `LONGEST_ANSWER` bytes.

    Raises:
        AddressRefused: we do not ask there.
        NotReached: no answer within `SECONDS_IN_ALL`, or a longer one.
    """
    answer = _ask(method, text, body, headers, allowed=allowed, most=LONGEST_ANSWER + 1)
    if len(answer.body) > LONGEST_ANSWER:
        raise NotReached(reason="too_long")
    return answer


def _ask(
    method: str,
    text: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network],
    most: int,
) -> Answer:
    target = find_target(text, allowed)
    connection = _connection(target)
    # A silence ends by itself; an answer that drips in without an end is cut off.
    end = threading.Timer(SECONDS_IN_ALL, _cut, (connection,))
    end.start()
    try:
        connection.request(method, target.path, body or None, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(most) if most else b"")
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotReached(reason=_reason(error)) from None
    finally:
        end.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name means by now."""

    target: Target

    def connect(self) -> None:
        """Open the connection."""
        place = (str(self.target.address), self.target.port)
        self.sock = socket.create_connection(place, SECONDS_OF_SILENCE)
        if self.target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host)


def _connection(target: Target) -> _Pinned:
    made = _Pinned(target.host, target.port, timeout=SECONDS_OF_SILENCE)
    made.default_port = PORTS[target.scheme]  # what need not be said in Host
    made.target = target
    return made


def _cut(connection: _Pinned) -> None:
    if connection.sock is not None:
        connection.sock.close()


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "bad_certificate"
    return "timed_out" if isinstance(error, TimeoutError) else "no_answer"
