"""The errors of Jiannuo: one root, each message in Chinese and English.

A caller catches :class:`LedgerError` or one of its kinds. ``code`` is stable and is what a program should look at;
``en`` and ``zh`` are for people and say what was expected and what came. No message holds personal data.

>>> error = FormatError("size of an event: expected at most 65508 bytes, got 70000",
...                     "事件大小：应不超过 65508 字节，实为 70000")
>>> error.code
'malformed'
>>> print(error)
size of an event: expected at most 65508 bytes, got 70000 | 事件大小：应不超过 65508 字节，实为 70000
"""

from __future__ import annotations

from dataclasses import dataclass


class LedgerError(Exception):
    """Root of all errors that Jiannuo raises on purpose."""

    code = "error"

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en} | {zh}")
        self.en = en
        self.zh = zh


class FormatError(LedgerError):
    """Bytes that are not what their format says (event, note, checkpoint, proof, document)."""

    code = "malformed"


class SignatureError(LedgerError):
    """A signature that does not verify, or a key that may not sign here: unknown, revoked, of another body."""

    code = "signature"


class RuleError(LedgerError):
    """A well-formed, well-signed event that a rule refuses.

    ``rule`` is the rule's stable name, ``source`` the document and section (or RFC and section) that it comes from.
    """

    code = "refused"

    def __init__(self, en: str, zh: str, *, rule: str, source: str) -> None:
        super().__init__(en, zh)
        self.rule = rule
        self.source = source


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a stream: its version (0: no event yet) and hash (hex SHA-256 of the signed bytes)."""

    version: int
    hash: str | None


class ConflictError(LedgerError):
    """The event does not follow the stream's head; ``head`` is what it has to follow."""

    code = "conflict"

    def __init__(self, en: str, zh: str, *, head: Head) -> None:
        super().__init__(en, zh)
        self.head = head


class IdentifierReusedError(LedgerError):
    """An event's ``jti`` already names another event."""

    code = "jti-reused"


class AlreadyOpenedError(LedgerError):
    """A look-up of sealed fields that is in the log already: its answer is given once."""

    code = "already-opened"


class TakenBackError(LedgerError):
    """What is to be taken back was taken back before."""

    code = "taken-back"


class NotFoundError(LedgerError):
    """Nothing of that name or at that index."""

    code = "not-found"


class ConfigurationError(LedgerError):
    """A setting, a file or a server is missing or wrong; the message says what to do."""

    code = "configuration"


class UnavailableError(LedgerError):
    """The database cannot be reached now; the same request may succeed later."""

    code = "unavailable"


class CorruptionError(LedgerError):
    """Stored bytes contradict each other. Never caught to go on: the program stops."""

    code = "corrupt"


class ProofError(LedgerError):
    """An inclusion or consistency proof that does not lead to the root it was checked against."""

    code = "proof"
