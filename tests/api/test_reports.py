"""Reports over HTTP and as files, on the worked cases: the same bytes for ever, and no other passes for them."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.supervision import pdf as report_pdf
from api.supervision import routes as supervision
from api.supervision.check import check
from api.supervision.files import MEDIA, as_statement, called, file_of, money
from ledger.errors import ConfigurationError, FormatError
from ledger.installation import Installation
from ledger.proof.attestation import attest, verify_attestation
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings
from projections.reading import Reading
from projections.reports import Edition, Report
from projections.views import reports
from tests.api.pages import check_structure
from tests.api.pdf_text import text_of
from tests.api.reporting_place import FINANCE, REGION, reporting_place
from tests.api.submitting import is_problem
from tests.conftest import Databases, application, caller_of, read_side

TODAY = date(2027, 3, 1)
CITY = "990100"
HALF = f"/reports/{CITY}/2026H1"


@pytest.fixture(scope="module")
def reading(played: Installation) -> Iterator[Reading]:
    with read_side(played) as found:
        yield found


@pytest.fixture(scope="module")
def report(reading: Reading, played: Installation) -> Report:
    """The office's report on the city's year."""
    what = reports.asked(reading, CITY, "2026", Edition.OFFICE, today=TODAY)
    return reports.report(reading, played.ledger, what)


# --- files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", MEDIA)
def test_the_same_report_is_the_same_bytes_and_carries_its_code(report: Report, form: str) -> None:
    """J10: PDF too, which says nothing of when it was made."""
    first, again = file_of(report, form), file_of(report, form)
    assert first == again
    assert report.code.encode() in first


def test_the_json_holds_the_data_whose_hash_the_code_ends_with(report: Report) -> None:
    """J10: byte for byte."""
    assert json.loads(file_of(report, "json"))["code"] == report.code
    assert report.data() in file_of(report, "json")


def test_the_csv_holds_every_figure_with_its_words_and_what_it_rests_on(report: Report) -> None:
    """J10 J11."""
    rows = list(csv.DictReader(io.StringIO(file_of(report, "csv").decode("utf-8-sig"))))
    about = {row["line"]: row["value"] for row in rows if row["section"] == "report"}
    assert (about["code"], about["size"], about["root"]) == (report.code, str(report.asked.size), report.root)
    figures = [row for row in rows if row["section"] != "report"]
    assert [(r["line"], r["part"] or None, int(r["value"])) for r in figures] == [
        (f.line, f.part, f.count) for f in report.figures
    ]
    assert [r["trace"] for r in figures] == [" ".join(map(str, f.trace or ())) for f in report.figures]
    assert all(re.search("[\u4e00-\u9fff]", r["zh"]) and r["en"] for r in figures)


def test_the_page_holds_every_number_in_both_languages_and_needs_nothing_else(report: Report) -> None:
    """J10."""
    page = file_of(report, "html").decode()
    assert page.startswith("<!DOCTYPE html>")
    for figure in report.figures:
        assert called(figure).zh in page
    assert "15000.00" in page  # 07: the compensation, in yuan
    assert not re.search(r"<(?:script|link|img|iframe)|https?://|url\(", page)


def test_the_pdf_holds_every_line_and_number(report: Report) -> None:
    """J10: its text can be copied: Chinese, numbers, the code on every page."""
    text = text_of(file_of(report, "pdf"))
    flat = re.sub(r"\s", "", text)
    assert "\ufffd" not in text
    for figure in report.figures:
        assert re.sub(r"\s", "", called(figure).zh) in flat, figure.line
    assert "政务诚信建设情况" in flat
    assert "15000.00" in flat
    assert flat.count(report.code) >= 2
    assert report.root in flat
    opened = next(f for f in report.figures if f.line == "records_open")
    assert "失信记录存量" in flat
    assert f"{opened.before}{opened.count}{opened.trace[0]}" in flat  # type: ignore[index]


def test_without_a_font_with_chinese_the_pdf_is_refused_with_what_to_install(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J10: no page of empty boxes."""
    report_pdf.families.cache_clear()
    monkeypatch.setattr(report_pdf, "FAMILIES", ("No Such Font",))
    with pytest.raises(ConfigurationError, match="fonts-noto-cjk"):
        file_of(report, "pdf")
    report_pdf.families.cache_clear()


def test_money_is_in_yuan() -> None:
    """B11."""
    assert [money(fen) for fen in (0, 5, 150, -205, 10**15)] == ["0.00", "0.05", "1.50", "-2.05", "10000000000000.00"]


# --- verification -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", MEDIA)
def test_a_report_is_genuine_and_a_changed_one_is_not(
    report: Report, reading: Reading, played: Installation, form: str
) -> None:
    """J10: any byte of a file, be it outside of the data."""
    data = file_of(report, form)
    assert check(reading, played.ledger, data, TODAY).genuine
    place = data.index(report.code.encode())
    for changed in (data[:-2] + b"x" + data[-1:], data[:place] + b"1.9902" + data[place + 6 :], data + b" "):
        assert not check(reading, played.ledger, changed, TODAY).genuine


def test_a_number_that_was_changed_together_with_its_hash_is_not_genuine(
    report: Report, reading: Reading, played: Installation
) -> None:
    """J10: the hash is compared with what the ledger computes, not with what the file says."""
    from hashlib import sha256

    data = report.data().replace(b'"count":8,"line":"records_recognised"', b'"count":0,"line":"records_recognised"')
    assert data != report.data()
    code = report.code[:-64] + sha256(data).hexdigest()
    forged = b'{"code":"' + code.encode() + b'","data":' + data + b"}\n"
    verdict = check(reading, played.ledger, forged, TODAY)
    assert not verdict.genuine
    assert "not genuine" in verdict.en


def test_a_signed_code_is_genuine_and_what_was_changed_or_signed_elsewhere_is_not(
    report: Report, reading: Reading, played: Installation
) -> None:
    """J10: by this ledger's key, of this sort, and about the report as it is; never an error."""
    typ, said = as_statement(report)
    mine = played.ledger.attest(typ, said)
    assert check(reading, played.ledger, mine + b"\n", TODAY).genuine
    other = PrivateKey.from_seed(bytes(32))
    for wrong in (
        mine[:-2] + (b"AA" if not mine.endswith(b"AA") else b"BA"),
        mine[:200] + b"A" + mine[201:],
        mine.rpartition(b".")[0],
        attest(typ, said, other),
        played.ledger.attest("jiannuo-screening+jwt", said),
        played.ledger.attest(typ, {**said, "name": "另一单位"}),
    ):
        assert not check(reading, played.ledger, wrong, TODAY).genuine


def test_a_file_without_a_code_is_no_report(reading: Reading, played: Installation) -> None:
    """J10."""
    for junk in (b"", b"%PDF-1.7", b"{}", b"\xff" * 100):
        with pytest.raises(FormatError):
            check(reading, played.ledger, junk, TODAY)


# --- over HTTP ----------------------------------------------------------------------------------------------


def test_everybody_gets_the_publics_edition_and_the_office_needs_the_token(public: Any, book: Any) -> None:
    """J10 F01."""
    open_one = public.get(f"{HALF}.json")
    assert open_one.status_code == 200
    assert open_one.json()["data"]["edition"] == "public"
    assert public.get(f"{HALF}.json?edition=office").status_code == 403
    closed = book.get(f"{HALF}.json?edition=office")
    assert closed.json()["data"]["edition"] == "office"
    assert closed.headers["cache-control"] == "private, no-store"
    assert public.get(f"{HALF}.json", headers={"authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize("form", MEDIA)
def test_every_format_is_served_with_its_type(public: Any, form: str) -> None:
    """J10."""
    answer = public.get(f"{HALF}.{form}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(MEDIA[form].partition(";")[0])
    assert ("attachment" in answer.headers.get("content-disposition", "")) is (form != "html")
    again = public.get(f"{HALF}.{form}", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_the_ledger_signs_the_code(public: Any, played: Installation) -> None:
    """J10: whoever has the ledger's key can check for ever that this was its report."""
    code = public.get(f"{HALF}.json").json()["code"]
    signed = verify_attestation(public.get(f"{HALF}.jws").content, played.ledger.public_key, "jiannuo-report+jwt")
    assert signed["code"] == code
    assert signed["log"]["origin"] == played.ledger.log_key.origin


def test_a_code_is_verified_by_anybody(public: Any, book: Any) -> None:
    """J10: a public report's; that of the office's edition by the office alone."""
    code = public.get(f"{HALF}.json").json()["code"]
    assert public.get("/reports/verify.json", params={"code": code}).json()["genuine"] is True
    page = public.get("/reports/verify", params={"code": f" {code} "})
    assert "真实" in page.text
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert public.get("/reports/verify.json", params={"code": wrong}).json()["genuine"] is False
    assert "不符" in public.get("/reports/verify", params={"code": wrong}).text
    assert public.get("/reports/verify", params={"code": "nonsense"}).status_code == 400
    office = book.get(f"{HALF}.json?edition=office").json()["code"]
    assert public.get("/reports/verify.json", params={"code": office}).status_code == 403
    assert book.get("/reports/verify.json", params={"code": office}).json()["genuine"] is True


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/reports/990100/2026H2.json", 404),
        ("/reports/990100/2026H1.exe", 404),
        ("/reports/nowhere/2026H1.json", 404),
        ("/reports/119900000000010184/2026H1.json", 404),
        ("/reports/990100/2099.json", 400),
        ("/reports/990100/2026H1.json?at=-1", 400),
        ("/reports/990100/2026H1.json?at=99999", 404),
        ("/reports/990100/2026H1.json?edition=secret", 400),
        ("/api/v1/evaluations/nowhere", 404),
        ("/api/v1/evaluations/990100?on=yesterday", 400),
    ],
)
def test_what_is_no_report_is_told_as_such(public: Any, path: str, status: int) -> None:
    """J10: never a 500."""
    assert public.get(path, headers={"accept": "application/json"}).status_code == status


def test_the_calendar_is_for_everybody(public: Any) -> None:
    """J10: in the worked cases no place asks for reports, and the page says so."""
    assert public.get("/reports.json").json()["duties"] == []
    assert "无单位应报送" in public.get("/reports").text


def test_warnings_are_for_holders_of_the_token(public: Any, book: Any) -> None:
    """J07: what a warning rests on may not be public."""
    for path in ("/warnings", "/warnings.json", "/api/v1/warnings"):
        assert public.get(path).status_code == 403
    regions = {r["region"]: r for r in book.get("/api/v1/warnings").json()["regions"]}
    rules = [w["rule"]["code"] for w in regions[CITY]["warnings"]]
    assert rules == ["warning.rectification_overdue", "warning.publication_late", "warning.publication_late"]
    first = regions[CITY]["warnings"][0]
    assert (first["since"], first["due"]) == ("2026-07-16", "2026-07-15")
    assert first["log_indices"]
    assert first["streams"][0].startswith("record/")
    page = book.get("/warnings")
    assert "限期整改应于 2026-07-15 前完成" in page.text
    assert "规则包未定" in page.text
    assert "Days on the court list" in page.text


@pytest.mark.parametrize("path", ["/warnings", f"{HALF}.html?edition=office"])
def test_a_browser_is_told_in_a_page_what_is_needed(public: Any, path: str) -> None:
    """J07 F01: in both languages, as pages of the site are; nothing of it is kept on the way."""
    closed = public.get(path)
    assert closed.status_code == 403
    assert closed.headers["content-type"] == "text/html; charset=utf-8"
    assert closed.headers["cache-control"] == "private, no-store"
    check_structure(closed.text)
    assert "须凭审计令牌" in closed.text
    assert "Authorization: Bearer" in closed.text
    assert is_problem(public.get(path, headers={"accept": "*/*"}), 403)["type"] == "/problems/auditors-only"


def test_warnings_of_a_past_day_are_those_of_that_day(book: Any) -> None:
    """J07: on 2026-07-15 the rectification was not overdue yet."""
    found = book.get("/api/v1/warnings?as_of=2026-07-15").json()["regions"]
    rules = [w["rule"]["code"] for region in found for w in region["warnings"]]
    assert "warning.rectification_overdue" not in rules
    assert "warning.publication_late" in rules


def test_an_evaluation_is_closed_unless_the_pack_says_to_publish(public: Any, book: Any) -> None:
    """J03 J06: 盐城 names twelve indicators, no weights, and says nothing of publication: no points are invented."""
    assert public.get("/api/v1/evaluations/990200").status_code == 403
    found = book.get("/api/v1/evaluations/990200").json()
    assert len(found["indicators"]) == 12
    assert {mark["missing"]["code"] for mark in found["indicators"]} == {"unscored"}
    assert {mark["points"] for mark in found["indicators"]} == {None}


def test_the_calendar_of_a_region_that_reports_is_one_bounded_page(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J10: who is overdue stands there; what does not fit is counted."""
    name = databases.create()
    with (
        reporting_place(Settings(tmp_path / "home", databases.url(name))) as place,
        application(place.installation) as app,
    ):
        client = caller_of(app)
        found = client.get("/reports.json", params={"region": REGION}).json()
        assert {(d["period"], d["state"]["code"]) for d in found["duties"]} == {
            *(("2025H1", "overdue"), ("2025", "overdue"), ("2026H1", "open"), ("2026", "open"))
        }
        assert found["more"] == 0
        page = client.get("/reports", params={"region": REGION}, headers={"accept": "text/html"}).text
        assert "逾期未报" in page
        assert f"/reports/{FINANCE}/2025H1.html" in page
        monkeypatch.setattr(supervision, "MOST", 1)
        short = client.get("/reports.json", params={"region": REGION}).json()
        assert (len(short["duties"]), short["more"]) == (1, 3)
        assert client.get("/reports.json", params={"region": "110000"}).json()["duties"] == []
        published = client.get(f"/api/v1/evaluations/{REGION}", params={"on": "2025-12-31"})
        assert published.json()["indicators"][1]["points"] == "15.00"  # the place says to publish
        assert "trace" not in published.text
        assert published.json()["report"] is None
        own = {"authorization": f"Bearer {place.installation.token()}"}
        today = place.clock().date()  # is not over: what two answers of it differ by is for the office
        for headers, last in (({}, today - timedelta(days=1)), (own, today)):
            for asked in ({}, {"on": str(today)}):
                found = client.get(f"/api/v1/evaluations/{REGION}", params=asked, headers=headers).json()
                assert found["on"] == str(last)
    databases.drop(name)
