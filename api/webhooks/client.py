"""Sending a webhook to an address that somebody else named: this must reach nothing that only this machine may reach.

Only http and https, without a name and password. The host is resolved once, every address that it has must be a public
one (IANA's special-purpose registries; also where IPv4 hides in IPv6), and the connection goes to the address that was
looked at, so that a second answer of the name server changes nothing (SSRF by DNS rebinding). No redirect is followed,
no proxy is used, an answer is read up to some kilobytes, and all of it has to be done in some seconds, however slowly
bytes drip. What went wrong is told as a code: nothing of the answer, nothing of the network.

>>> is_public("93.184.215.14"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1"), is_public("64:ff9b::a00:1")
(True, False, False, False)
>>> Target.parse("https://example.com:8443/hook?a=1")
Target(scheme='https', host='example.com', port=8443, path='/hook?a=1')
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from ledger.errors import FormatError, LedgerError

SECONDS = 5.0
"""For connecting, sending and answering together; resolving a name takes what the system lets it."""
LARGEST = 4096
"""Bytes of an answer that are read."""
LONGEST = 500
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_PORTS = {"http": 80, "https": 443}
_TRANSLATED = tuple(
    ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")
)
"""IPv6 that stands for some IPv4 address: NAT64 (RFC 6052, 8215), 6to4, Teredo, IPv4-compatible."""
_LOCAL = tuple(
    ipaddress.ip_network(n) for n in ("fec0::/10", "3fff::/20", "5f00::/16", "192.0.0.0/24", "192.88.99.0/24")
)
"""What some versions of Python take for public: site-local (RFC 3879), documentation (RFC 9637), segment routing (RFC
9602), protocol assignments (RFC 6890), relays of 6to4 (RFC 7526)."""


class SendingError(LedgerError):
    """A webhook was not delivered. ``why``: address (none, or one that is not public), unreachable, tls, slow."""

    code = "sending"

    def __init__(self, why: str) -> None:
        super().__init__(f"webhook: not delivered ({why})", f"webhook：未送达（{why}）")
        self.why = why


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes."""

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Target:
        """The parts of an address. Raises FormatError for what is no http or https address of a host."""
        try:
            if len(url) > LONGEST or not re.fullmatch("[!-~]+", url):
                raise ValueError
            parts = urlsplit(url)
            scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
            named = _HOST.fullmatch(host) or ipaddress.ip_address(host)
            if (
                scheme not in _PORTS
                or not named
                or re.search("[@%]", parts.netloc)
                or parts.fragment
                or parts.port == 0
            ):
                raise ValueError
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            return cls(scheme, host, parts.port or _PORTS[scheme], path)
        except ValueError:
            raise FormatError(
                f"url: expected http:// or https://, a host, and no name, password or #, at most {LONGEST} characters",
                f"url：应为 http:// 或 https:// 地址，含主机名，不含用户名、口令与 #，不超过 {LONGEST} 个字符",
            ) from None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the receiver answered: the status, and the beginning of what it said."""

    status: int
    body: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        if any(found in network for network in _TRANSLATED):
            return False
    if any(found in network for network in _LOCAL):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


def post(
    target: Target, body: bytes, headers: Mapping[str, str], *, private: bool, seconds: float = SECONDS
) -> Answered:
    """Posts once. ``private``: addresses that are not public are allowed. Raises SendingError."""
    family, address = _resolved(target, private=private)
    with socket.socket(family, socket.SOCK_STREAM) as plain, plain.dup() as same:
        plain.settimeout(seconds)
        # A time-out of a socket is one of each read: who sends a byte now and then would hold us for ever.
        late = threading.Event()
        cutter = threading.Timer(seconds, _cut, [same, late])
        cutter.daemon = True
        cutter.start()
        try:
            answered = _posted(plain, address, target, body, headers)
            if late.is_set():  # what was cut off looks like an answer that ended
                raise TimeoutError
            return answered
        except ssl.SSLError:
            raise SendingError("tls") from None
        except TimeoutError:
            raise SendingError("slow") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise SendingError("slow" if late.is_set() else "unreachable") from None
        finally:
            cutter.cancel()


def _cut(connection: socket.socket, late: threading.Event) -> None:
    late.set()  # first: who reads sees the end at once
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _posted(
    plain: socket.socket, address: tuple[str, int], target: Target, body: bytes, headers: Mapping[str, str]
) -> Answered:
    plain.connect(address)
    if target.scheme == "https":
        with _tls().wrap_socket(plain, server_hostname=target.host) as wrapped:
            return _exchanged(wrapped, target, body, headers)
    return _exchanged(plain, target, body, headers)


def _exchanged(connected: socket.socket, target: Target, body: bytes, headers: Mapping[str, str]) -> Answered:
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.default_port = _PORTS[target.scheme]  # for the Host header
    connection.sock = connected
    connection.request("POST", target.path, body, {**headers, "connection": "close", "accept-encoding": "identity"})
    response = connection.getresponse()
    return Answered(response.status, response.read(LARGEST))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _resolved(target: Target, *, private: bool) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """The first address of the host. Raises SendingError where it has none, or one that is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise SendingError("address") from None
    places = [(family, (str(place[0]), int(place[1]))) for family, _, _, _, place in found]
    if not places:
        raise SendingError("address")
    if not private and not all(is_public(address) for _, (address, _) in places):
        raise SendingError("address")
    return places[0]
