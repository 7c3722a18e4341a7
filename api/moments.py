"""As of when somebody asks (``as_of=``), and the read side that answers.

``as_of`` is a day (``2026-06-01``: as it stood when that day ended) or the index of a log entry (``1234``: as it stood
right after that entry); without it, now. A day that is still to come is refused: nobody can say how it will stand.

>>> as_of_text("2026-06-01", date(2026, 11, 21)), as_of_text("1234", date(2026, 11, 21)), as_of_text("", date.max)
(datetime.date(2026, 6, 1), 1234, None)
"""

from __future__ import annotations

import re
from datetime import date

from starlette.requests import Request

from api.days import EARLIEST, day_of
from ledger.domain.event import legal_day
from ledger.errors import FormatError
from ledger.installation import Installation
from projections.reading import Moment, Reading

_INDEX = re.compile("0|[1-9][0-9]{0,14}")


def reading(request: Request) -> Reading:
    """The read side that the application was made for."""
    found: Reading = request.app.state.reading
    return found


def today(request: Request) -> date:
    """The legal day of the asking, by the installation's clock."""
    return today_of(request.app.state.installation)


def today_of(installation: Installation) -> date:
    """The legal day by an installation's clock."""
    return legal_day(installation.clock())


def as_of_text(text: str, today: date) -> date | int | None:
    """What an ``as_of`` says. Raises FormatError for what is neither a day up to today nor a log index."""
    text = text.strip()
    if not text:
        return None
    if _INDEX.fullmatch(text):
        return int(text)
    try:
        day = day_of(text, "as_of")
    except FormatError:
        raise FormatError(
            f"as_of: expected a day from {EARLIEST} on as YYYY-MM-DD, or the index of a log entry, got {text[:40]!a}",
            f"as_of：应为自 {EARLIEST} 起的日期（YYYY-MM-DD）或日志序号，实为 {text[:40]!a}",
        ) from None
    if day > today:
        raise FormatError(
            f"as_of: expected a day that is not after today, {today}, got {day}",
            f"as_of：应不晚于今日 {today}，实为 {day}",
        )
    return day


def moment(request: Request, *names: str) -> Moment:
    """The moment that a request's ``as_of`` asks for, at which the projections of these names can be read.

    Raises FormatError (see :func:`as_of_text`), NotFoundError for an index that the log has not reached, and
    UnavailableError where the database does not answer.
    """
    now = today(request)
    return reading(request).moment(as_of_text(request.query_params.get("as_of", ""), now), now, *names)
