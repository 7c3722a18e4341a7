"""docs/disclosure.md, made from disclosure_cases.toml: who may see what of a record, as cases that lawyers can read.

``python -m tests.projections.disclosure_table`` (or ``make rules``) writes the page; test_disclosure_cases.py holds
it, and runs every case. A fact is a day and what happened, in Chinese; :data:`FACTS` is the whole language.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from pathlib import Path
from typing import Any

from ledger.domain.commitment_terms import Channel
from ledger.domain.event import LEDGER, Event, Recorded
from ledger.domain.policy import view_of
from ledger.domain.record import course_facts as c
from ledger.domain.record import facts as f
from ledger.domain.record import remedy_facts as r
from ledger.domain.record.evolve import evolve
from ledger.domain.record.remedy_terms import Against, AppealOutcome, Hold, LiftReason, Point, Route
from ledger.domain.record.state import EMPTY, Record
from ledger.domain.record.terms import (
    Conduct,
    Correction,
    LeadEnd,
    PublicationEnd,
    Responsibility,
    Severity,
    SourceKind,
    WithdrawalGround,
)
from projections.disclosure import GROUNDS, Audience, Disclosed, Reason, Withheld, disclose
from tests.domain.penalties import imposed
from tests.domain.records import DECISION, LETTER, PERSON, RECORD, SUBJECT, policy
from tests.domain.scenario import CREDIT, PARTNER

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "disclosure.md"
PACKS = {
    "national": "全国",
    "yuncheng": "运城",
    "dehua": "德化",
    "huangshi": "黄石",
    "taian": "泰安",
    "yancheng": "盐城（征求意见稿）",
}
AUDIENCES = {
    "公众": Audience.PUBLIC,
    "信用主体": Audience.SUBJECT,
    "获得记录的单位": Audience.RECIPIENT,
    "信用办": Audience.OFFICE,
}
_SEVERITIES = {"轻微": Severity.MINOR, "一般": Severity.GENERAL, "严重": Severity.SERIOUS}
_CONDUCT = (Conduct.UNLAWFUL_ACT,)


@dataclass(frozen=True)
class Row:
    """A case: what happened, who looks on which day, and what comes of it."""

    zh: str
    pack: str
    facts: str
    who: str
    on: date
    result: str
    source: str
    shows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of the table."""

    zh: str
    en: str
    rows: tuple[Row, ...]


def parts() -> tuple[Part, ...]:
    """The table."""
    text = (Path(__file__).parent / "disclosure_cases.toml").read_text("utf-8")
    return tuple(
        Part(
            part["zh"], part["en"], tuple(Row(**{**row, "shows": tuple(row.get("shows", ()))}) for row in part["case"])
        )
        for part in tomllib.loads(text)["part"]
    )


# --- what happened ------------------------------------------------------------------------------------------


def _lead(person: str | None) -> Callable[[re.Match[str], date], Any]:
    source = SourceKind.ADMINISTRATIVE_PENALTY
    return lambda found, day: f.LeadReceived(SUBJECT, source, _CONDUCT, "未依法办理", day, person=person)


def _recognised(found: re.Match[str], day: date) -> Any:
    source = SourceKind.ADMINISTRATIVE_PENALTY
    return f.BreachRecognised(source, _CONDUCT, "违法事实清楚", day, True, "administrative_penalty")


def _graded(found: re.Match[str], day: date) -> Any:
    severity = _SEVERITIES[found[1]]
    return f.SeverityGraded(severity, severity, "造成损失", severity, "造成影响")


def _published(found: re.Match[str], day: date) -> Any:
    return c.RecordPublished((Channel.CREDIT_SITE,), date.fromisoformat(found[1]), "含人员" in found[2])


def _imposed_too(found: re.Match[str], day: date) -> Any:
    return imposed(penalty="p3", until=date.fromisoformat(found[1]))


_REPAIR = (r.RepairApplied("r1", (), "已纠正"), r.RepairGranted("r1", "符合条件"))
_APPEAL = ("a1", Route.LITIGATION)
FACTS: dict[str, Callable[[re.Match[str], date], Any]] = {
    "线索": _lead(None),
    "人员线索": _lead(PERSON),
    "线索办结": lambda found, day: f.LeadClosed(LeadEnd.UNTRUE, "不属实"),
    "认定": _recognised,
    "责任人": lambda found, day: f.ResponsiblePersonLinked(PERSON, Responsibility.PRINCIPAL, date(2020, 1, 1)),
    "程度 (轻微|一般|严重)": _graded,
    r"公示至 (\d{4}-\d\d-\d\d)((?:，有依据|，含人员)*)": _published,
    "公示期满": lambda found, day: c.PublicationEnded(PublicationEnd.EXPIRED),
    "屏蔽": lambda found, day: c.PublicationEnded(PublicationEnd.SHIELDED),
    "共享": lambda found, day: c.RecordShared(PARTNER, "归集"),
    "停止共享": lambda found, day: c.SharingEnded(PublicationEnd.EXPIRED),
    "惩戒单位": lambda found, day: imposed(penalty="p1"),
    "惩戒人员": lambda found, day: imposed(penalty="p2", person=PERSON),
    r"惩戒单位另一项至 (\d{4}-\d\d-\d\d)": _imposed_too,
    "暂停惩戒": lambda found, day: r.PenaltySuspended("p1", Hold.OBJECTION, "o1"),
    "提出异议": lambda found, day: r.ObjectionFiled("o1", (Point.CONTENT,), "事实有误"),
    "受理异议": lambda found, day: r.ObjectionAccepted("o1", date(2026, 12, 31)),
    "更正事实": lambda found, day: c.RecordCorrected((Correction("findings", "更正后的事实"),), "核实有误"),
    "撤销": lambda found, day: c.RecordWithdrawn(WithdrawalGround.UNTRUE, "事实不成立"),
    "法院撤销认定": lambda found, day: (
        r.AppealFiled(*_APPEAL, Against.RECOGNITION, "示例市人民法院", day),
        r.AppealDecided("a1", AppealOutcome.REVOKED, "认定事实不清", withdraw=True),
        c.RecordWithdrawn(WithdrawalGround.DECISION_REVOKED, "认定事实不清"),
    ),
    "法院撤销惩戒": lambda found, day: (
        r.AppealFiled(*_APPEAL, Against.PENALTY, "示例市人民法院", day, "p1"),
        r.AppealDecided("a1", AppealOutcome.REVOKED, "处罚过重", lift=("p1",)),
        r.PenaltyLifted("p1", LiftReason.APPEAL_ALLOWED),
    ),
    "申请修复": lambda found, day: _REPAIR[0],
    "修复": lambda found, day: (*_REPAIR, c.PublicationEnded(PublicationEnd.REPAIRED)),
    "撤销修复": lambda found, day: r.RepairRevoked("r1", "虚假承诺"),
}
"""What a line may say after its day, and the facts that it stands for."""


def record(text: str) -> Record:
    """The record after what happened."""
    history = [Recorded(e, "kid", n, at, "00" * 32) for n, (e, at) in enumerate(_events(text))]
    return reduce(evolve, history, EMPTY)


def _events(text: str) -> Iterator[tuple[Event, datetime]]:
    for line in text.splitlines():
        day, said = date.fromisoformat(line[:10]), line[11:]
        matches = ((re.fullmatch(pattern, said), make) for pattern, make in FACTS.items())
        found, make = next((m, make) for m, make in matches if m)
        made = make(found, day)
        for fact in made if isinstance(made, tuple) else (made,):
            basis = DECISION if isinstance(fact, f.BreachRecognised) else LETTER if "有依据" in said else ()
            iss = LEDGER if isinstance(fact, c.PublicationEnded) else CREDIT
            yield Event(iss, 0, "", RECORD, 1, None, fact, basis), datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


# --- what comes of it ---------------------------------------------------------------------------------------


def answer(row: Row) -> Disclosed | Withheld:
    """What is disclosed in a case."""
    packs = (policy(row.pack),) if row.pack != "national" else ()
    return disclose(record(row.facts), view_of((*packs, policy("national")), row.on), AUDIENCES[row.who], row.on)


def stated(found: Disclosed) -> set[str]:
    """What can be said of what is shown, in the words of the table."""
    fields, states = found.fields, {"in_force": "惩戒执行", "suspended": "惩戒暂停", "to_begin": "惩戒待执行"}
    return {
        "含人员" if found.with_persons and "persons" in fields else "不含人员",
        "异议处理中" if fields["under_objection"] else "无异议处理中",
        *({states[p["state"]] for p in fields["penalties"]} or {"无惩戒"}),
        *(f"惩戒至 {p['ends']}" for p in fields["penalties"]),
        f"事实：{fields['findings']}",
        f"公示至 {found.expires_on}",
        f"更新 {found.updated_on}",
    }


# --- page ---------------------------------------------------------------------------------------------------

_HEAD = """# Disclosure 公开规则

Made by `make rules` from tests/projections/disclosure_cases.toml and projections/disclosure.py; each row is a test.
本页由 `make rules` 生成，每行均作为测试执行。

One function, `projections.disclosure.disclose`, decides who may see what of a dishonesty record on a day; lists, pages,
exports, feeds, search, screening and snapshots all have their answer from it. Openness is the norm (F03 以公开为常态),
and withholding has a reason and a source. What the rules of a day say is in the rule pack of that day
([policies.md](policies.md)); why a newer maximum ends an older publication is in [ADR 20](adr/0020-disclosure.md).

- **The public 公众** sees a record that is published, within its period, and stands. Persons stand in it, as
  references and never by name, only where the pack publishes persons and the record was published with them.
- **A past day** shows the public what was shown on that day *and* may be shown today: what was repaired or withdrawn
  since is gone from past days too. Holders of the auditors' token see what was there.
- **Penalties, objections and court entries** are public only with their record. A suspended penalty stands as
  suspended. While an objection that was taken up is open, the record is marked 异议处理中; it stays public.
- **Events** of what is not public keep their place in the log, with time, hash and proof, and do not say in which case
  they stand. Most are named; what the subject of a record itself says is not, nor are look-ups. Their signer is told
  only with their name, and never where it is the body that the case is about.
- **Heads** of streams (what the next event has to follow) are told to everybody of what is public; of other cases to
  bodies that sign the question. An id alone opens nothing: the public cannot tell such a case from none.
- **A body that merged 合并、承继** keeps its records, under the rules of its own region, as long as they are public;
  they are listed and counted with those of the body that answers for it.
- **The takedown log 下架与修复日志** is public without case, body and content, and says nothing of what never
  was public.
- **Look-ups** of sealed fields are never public. **Clocks** and the queue are for the credit office; the list of late
  publications (F04, F05: 7 working days) is for it too, and as far as it is about disclosed records for everybody.

YC 运城, DH 德化, HS 黄石, TA-A and TA-B 泰安, YN 盐城 (a draft for comment). 36号令: 信用修复管理办法; 58号令:
失信行为纠正后的信用信息修复管理办法（试行）.

## Reasons 不公开的理由

| code | 理由 | reason | 依据 |
|---|---|---|---|
"""


def page() -> str:
    """The text of docs/disclosure.md."""
    lines = [_HEAD + "\n".join(_reason(reason) for reason in Reason)]
    for part in parts():
        lines += [
            "",
            f"## {part.zh} {part.en}",
            "",
            "| 情形 | 规则 | 事实 | 谁看 | 哪天 | 结果 | 依据 |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [_line(row) for row in part.rows]
    return "\n".join(lines) + "\n"


def _reason(reason: Reason) -> str:
    ground = GROUNDS[reason]
    key = f"；规则包 `{ground.key}`" if ground.key else ""
    return f"| `{reason}` | {ground.zh} | {ground.en} | {ground.source}{key} |"


def _line(row: Row) -> str:
    facts = row.facts.replace("\n", "<br>")
    result = "<br>".join((f"**{row.result}**", *row.shows))
    return f"| {row.zh} | {PACKS[row.pack]} | {facts} | {row.who} | {row.on} | {result} | {row.source} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
