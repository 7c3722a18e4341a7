"""Where a key is in a hardware module: ``pkcs11:`` URIs (RFC 7512), as far as a key needs them.

The path names token (``token``, ``serial``, ``manufacturer``, ``model``) and key (``object``, ``id``, ``type``); the
query says which library drives the module (``module-path``) and which file holds the PIN (``pin-source``). A PIN itself
(``pin-value``) is refused: URIs stand in files, arguments and logs. So is all that would go unheeded.

>>> uri = Pkcs11Uri.parse("pkcs11:token=city;object=log;id=%01%02?module-path=/usr/lib/softhsm/libsofthsm2.so")
>>> uri.token, uri.object, uri.id, str(uri)
('city', 'log', b'\\x01\\x02', 'pkcs11:token=city;object=log;id=%01%02')
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

from ledger.errors import FormatError

LONGEST = 4096
_KINDS = ("private", "secret-key")
_PATH = ("token", "serial", "manufacturer", "model", "object", "id", "type")
_QUERY = ("module-path", "pin-source")
_SAFE = "-._~:[]@!$'()*+,=&"
"""Characters of an attribute in the path that need no escape (RFC 7512 §2.3, ``pk11-pchar``)."""
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:\[\]@!$'()*+,=&/?|%]*")
_ESCAPES = re.compile("(?:[^%]|%[0-9A-Fa-f]{2})*")


@dataclass(frozen=True, slots=True)
class Pkcs11Uri:
    """See the module's docstring; None: not said. ``secret``: a symmetric key (``type=secret-key``)."""

    module: str
    token: str | None = None
    serial: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    object: str | None = None
    id: bytes | None = None
    secret: bool = False
    pin_source: Path | None = None

    @classmethod
    def parse(cls, text: str) -> Pkcs11Uri:
        """The URI that ``text`` is. Raises FormatError, which does not repeat it."""
        scheme, _, rest = text.partition(":")
        path, _, query = rest.partition("?")
        if scheme != "pkcs11" or len(text) > LONGEST:
            raise _wrong("it begins with pkcs11:", "以 pkcs11: 开头")
        found = _attributes(path, ";", _PATH) | _attributes(query, "&", _QUERY)
        kind = _text(found, "type") or "private"
        module = _text(found, "module-path")
        if kind not in _KINDS:
            raise _wrong("type private or secret-key", "type 为 private 或 secret-key")
        if not module:
            raise _wrong("module-path in its query", "查询部分含 module-path")
        if found.keys().isdisjoint(("object", "id")) or found.keys().isdisjoint(("token", "serial")):
            raise _wrong("token or serial, and object or id", "token 或 serial，以及 object 或 id")
        return cls(
            module,
            _text(found, "token"),
            _text(found, "serial"),
            _text(found, "manufacturer"),
            _text(found, "model"),
            _text(found, "object"),
            found.get("id"),
            kind == "secret-key",
            _pin_file(_text(found, "pin-source")),
        )

    def with_id(self, identity: bytes) -> Pkcs11Uri:
        """The same with this id."""
        return replace(self, id=identity)

    def __str__(self) -> str:
        """Its path: what may be shown."""
        texts = {name: getattr(self, name) for name in ("token", "serial", "manufacturer", "model", "object")}
        parts = [f"{name}={quote(value, safe=_SAFE)}" for name, value in texts.items() if value is not None]
        if self.id is not None:
            parts.append("id=" + "".join(f"%{byte:02x}" for byte in self.id))
        if self.secret:
            parts.append("type=secret-key")
        return "pkcs11:" + ";".join(parts)

    def marshal(self) -> str:
        """The whole URI, which names the PIN's file and holds no PIN."""
        query = f"?module-path={quote(self.module, safe='/-._~')}"
        if self.pin_source is not None:
            query += f"&pin-source=file:{quote(str(self.pin_source), safe='/-._~')}"
        return f"{self}{query}"


def _attributes(text: str, separator: str, known: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for part in text.split(separator) if text else ():
        name, sign, value = part.partition("=")
        if name == "pin-value":
            raise _wrong(
                "no pin-value: put the PIN in a file, and pin-source=file:… here",
                "不含 pin-value：请改用 pin-source=file:…",
            )
        if name not in known or name in found or not sign:
            raise _wrong(
                f"each of {', '.join(_PATH)} and, after ?, {', '.join(_QUERY)} at most once, and nothing else",
                f"只含 {'、'.join(_PATH)} 以及 ? 之后的 {'、'.join(_QUERY)}，各至多一次",
            )
        if not _CHARACTERS.fullmatch(value) or not _ESCAPES.fullmatch(value):
            raise _wrong(f"other characters of {name} escaped as %XX", f"{name} 中的其他字符写作 %XX")
        found[name] = unquote_to_bytes(value)
    return found


def _text(found: dict[str, bytes], name: str) -> str | None:
    try:
        text = found[name].decode() if name in found else None
    except UnicodeDecodeError:
        raise _wrong(f"{name} in UTF-8", f"{name} 为 UTF-8") from None
    if text is not None and "\0" in text:
        raise _wrong(f"{name} without NUL", f"{name} 不含 NUL")
    return text


def _pin_file(source: str | None) -> Path | None:
    """The file that a pin-source names: ``file:/…`` (RFC 8089) or a path; a program (``|…``) is not run."""
    if source is None:
        return None
    path = source.removeprefix("file:")
    path = path.removeprefix("//") if path.startswith("///") else path
    if not path.startswith("/") or path.startswith("//"):
        raise _wrong("pin-source to be file:/ and the path of a file", "pin-source 为 file:/ 加文件路径")
    return Path(path)


def _wrong(en: str, zh: str) -> FormatError:
    return FormatError(f"pkcs11: URI: expected {en}", f"pkcs11: URI：应{zh}")
