"""Whether a report is genuine: its code is found in the file, the report computed again, and the whole file compared.

A code alone tells whether the ledger would make such a report; a file must be that report, byte for byte. A code under
the ledger's signature (.jws) must be signed by this ledger, and say of the report what is so.

>>> format_of(b"%PDF-1.7"), format_of(b'{"code":'), format_of(b"<!DOCTYPE html>"), format_of(b"section,line")
('pdf', 'json', 'html', 'csv')
>>> format_of(b"eyJhbGciOiJFZDI1NTE5Iiwi")
'jws'
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from api.supervision.files import TYP, as_statement, file_of
from ledger.application import Ledger
from ledger.errors import FormatError, NotFoundError, SignatureError
from ledger.proof.attestation import verify_attestation
from projections.reading import Reading
from projections.reports import FIND_CODE, Report
from projections.views.reports import verified

LARGEST = 64 * 1024 * 1024
_SIGNED = "jws"


class Verdict(NamedTuple):
    """Whether it is genuine, and what to say."""

    genuine: bool
    zh: str
    en: str


def format_of(data: bytes) -> str:
    """The format of a report's file, by how it begins."""
    beginnings = {b"%PDF-": "pdf", b"{": "json", b"<!DOCTYPE": "html", b"eyJ": _SIGNED}  # RFC 7515: base64url of {"
    return next((form for start, form in beginnings.items() if data.startswith(start)), "csv")


def check(reading: Reading, ledger: Ledger, given: bytes | str, today: date) -> Verdict:
    """The verdict on a report's file (bytes) or code (text). Raises FormatError where there is no code."""
    try:
        code = given if isinstance(given, str) else _code_in(ledger, given)
        report = verified(reading, ledger, code, today)
    except (NotFoundError, SignatureError) as error:
        return Verdict(False, f"不符：{error.zh}", f"not genuine: {error.en}")
    if report is None:
        return Verdict(
            False, "不符：账本计算的数据与核验码不同", "not genuine: what the ledger computes is not what the code says"
        )
    if isinstance(given, bytes) and not _is_of(report, ledger, given):
        return Verdict(
            False,
            "核验码真实，但文件内容与账本计算的不同：文件被改动，或由另一版本的程序、字体生成",
            "the code is genuine, the file is not what the ledger makes: it was changed, or made by another version of "
            "the program or with another font",
        )
    return Verdict(
        True, "真实：由账本重新计算，结果一致", "genuine: computed again from the ledger, with the same result"
    )


def _is_of(report: Report, ledger: Ledger, data: bytes) -> bool:
    form = format_of(data)
    return _signed(ledger, data) == as_statement(report)[1] if form == _SIGNED else data == file_of(report, form)


def _signed(ledger: Ledger, data: bytes) -> dict[str, Any]:
    """What this ledger signed. Raises SignatureError where it did not."""
    try:
        return verify_attestation(data.strip(), ledger.public_key, TYP)
    except FormatError as error:  # whoever changes a signed file breaks its form, too
        raise SignatureError(error.en, error.zh) from None


def _code_in(ledger: Ledger, data: bytes) -> str:
    if format_of(data) == _SIGNED:
        return str(_signed(ledger, data).get("code"))
    found = FIND_CODE.search(data) if len(data) <= LARGEST else None
    if found is None:
        raise FormatError(
            "report: expected a file with a verification code, or the code itself", "报告：应为含核验码的文件或核验码"
        )
    return found[0].decode()
