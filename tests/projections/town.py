"""An example town on a real ledger: every status of a body, every standing of a commitment. All of it is fictional.

The ledger's clock is the test's: it starts on 2 January 2030 and ends on 15 July 2030, which is the town's "today".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from ledger.authoring import Author
from ledger.domain.body import (
    BodyProvisionallyRegistered,
    BodyRegistered,
    BodyRenamed,
    BodySucceeded,
    KeyAuthorised,
    KeyRevoked,
    ProvisionalBodyResolved,
    RoleGranted,
    provisional_id,
)
from ledger.domain.body_terms import Kind, Manner, Revocation, Role
from ledger.domain.commitment import (
    CommitmentBroken,
    CommitmentLawfullyChanged,
    CommitmentMade,
    CommitmentPublished,
    CommitmentTakenOver,
    CompensationClaimed,
    CompensationDecided,
    CompensationPaid,
    FulfilmentAppraised,
    FulfilmentReported,
    ProgressReported,
    contract_stream,
)
from ledger.domain.commitment_terms import (
    Area,
    Channel,
    Contract,
    DayCount,
    Defence,
    Every,
    Ground,
    Handling,
    Milestone,
    Outcome,
    Procedure,
    ProcedureStep,
    Publication,
    Recurrence,
    Service,
    Target,
)
from ledger.domain.commitment_terms import Kind as Sort
from ledger.domain.event import Document
from ledger.domain.identifiers import fictional_uscc
from ledger.installation import Installation, Operator, found, open_installation
from ledger.keys import keystore
from ledger.proof.keys import PrivateKey
from ledger.settings import Settings

OFFICE, CITY, FINANCE, COMMERCE, INVESTMENT, COMPANY = (fictional_uscc(n) for n in range(1, 7))
REFORM = provisional_id("示例市人民政府", "市发改委")
SHORT_FINANCE = provisional_id("示例市人民政府", "市财政局")
TODAY = date(2030, 7, 15)
HOSTILE = "<script>alert('x')</script><b>\"&amp;'"
PLAN = Document(
    "示例市加强政务诚信建设实施方案",
    hashlib.sha256(b"plan").hexdigest(),
    "示政发〔2030〕1号",
    "示例市人民政府",
    date(2030, 1, 1),
)
MANY = 60


@dataclass
class Clock:
    """The time that the ledger and its authors see."""

    now: datetime = datetime(2030, 1, 2, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, month: int, day: int) -> None:
        self.now = datetime(2030, month, day, 1, 30, tzinfo=UTC)


@dataclass
class Town:
    """The town's ledger. ``commitments`` has the id of each example by its name."""

    installation: Installation
    clock: Clock
    city_key: PrivateKey
    commitments: dict[str, str] = field(default_factory=dict)

    @property
    def office(self) -> Author:
        return self._author(OFFICE, keystore.load(self.installation.settings.keys / "operator.pem"))

    @property
    def city(self) -> Author:
        return self._author(CITY, self.city_key)

    def _author(self, iss: str, key: PrivateKey) -> Author:
        return Author(iss, key, self.clock)

    def say(self, stream: str, fact: Any, *basis: Document, by: Author | None = None) -> int:
        """Records a fact at the end of a stream; its index."""
        ledger = self.installation.ledger
        data = (by or self.office).write(stream, ledger.head(stream), fact, basis)
        return ledger.submit(data).result().index

    def about(self, name: str, fact: Any, *basis: Document, by: Author | None = None) -> int:
        """Records a fact about one of the example commitments."""
        return self.say(f"commitment/{self.commitments[name]}", fact, *basis, by=by)

    def promise(self, name: str, title: str, **terms: Any) -> int:
        """A new commitment of the city, recorded by the credit office."""
        number = len(self.commitments)
        stream = f"commitment/0198c5a2-0000-7000-8000-{number:012d}"
        fact = CommitmentMade(
            **{
                "title": title,
                "text": f"{title}。责任到人、限期办结，办理结果向社会公开。\n（责任单位：市财政局）",
                "kind": Sort.PLAN,
                "area": Area.GENERAL,
                "promiser": CITY,
                "responsible": (SHORT_FINANCE,),
                "section": "二、主要任务及分工 （三）5.",
                **terms,
            }
        )
        if fact.contract:
            stream = contract_stream(fact.promiser, fact.contract.number)
        self.commitments[name] = stream.partition("/")[2]
        return self.say(stream, fact, PLAN)


def document(title: str) -> Document:
    return Document(title, hashlib.sha256(title.encode()).hexdigest())


@contextmanager
def built_town(settings: Settings) -> Iterator[Town]:
    """The town in a fresh database, its ledger open."""
    clock = Clock()
    with open_installation(settings, clock=clock, founding=True) as installation:
        found(installation, Operator(OFFICE, "示例市信用办公室"))
        town = Town(installation, clock, PrivateKey.from_seed(bytes(32)))
        _register(town)
        _promise(town)
        _promise_in_kind(town)
        _live(town)
        _judge(town)
        clock.on(7, 15)
        yield town


def _register(town: Town) -> None:
    decree = document("机构设置批复")
    for uscc, name, kind, superior in (
        (CITY, "示例市人民政府", Kind.GOVERNMENT, None),
        (FINANCE, "示例市财政局", Kind.DEPARTMENT, CITY),
        (COMMERCE, "示例市外经贸局", Kind.DEPARTMENT, CITY),
        (INVESTMENT, "示例市投资促进局", Kind.DEPARTMENT, CITY),
        (COMPANY, "示例投资有限公司", Kind.ENTERPRISE, None),
    ):
        town.say(
            f"body/{uscc}", BodyRegistered(name, kind, "990000" if kind is not Kind.ENTERPRISE else None, superior)
        )
    for short in ("市发改委", "市财政局"):
        body_id = provisional_id("示例市人民政府", short)
        town.say(f"body/{body_id}", BodyProvisionallyRegistered(short, Kind.DEPARTMENT, "示例市人民政府"), PLAN)
    town.say(f"body/{SHORT_FINANCE}", ProvisionalBodyResolved(FINANCE))
    town.say(f"body/{COMMERCE}", BodyRenamed("示例市商务局"), decree)
    town.say(f"body/{CITY}", KeyAuthorised(town.city_key.public, "政务诚信专管岗位"))
    town.say(f"body/{CITY}", RoleGranted(Role.APPRAISER))
    old = PrivateKey.from_seed(bytes([1] * 32))
    town.say(f"body/{FINANCE}", KeyAuthorised(old.public))
    town.say(f"body/{FINANCE}", KeyRevoked(old.kid, Revocation.SUPERSEDED))


def _promise(town: Town) -> None:
    june, march, december = date(2030, 6, 30), date(2030, 3, 31), date(2030, 12, 31)
    town.promise("open", "推进政务服务事项一网通办", due=december, lead=(REFORM,))
    town.promise("in_progress", "完成老旧小区加装电梯一百部", due=december, kind=Sort.LIVELIHOOD_PROJECT)
    town.promise("reported", "建成政务诚信档案", due=june)
    town.promise(
        "overdue",
        "清偿拖欠中小企业账款",
        due=june,
        area=Area.LOCAL_DEBT,
        milestones=(Milestone(march, "清偿一半", 5_000_000_00),),
        target=Target("清偿全部拖欠账款", "清偿率", "100", "%"),
    )
    town.promise("fulfilled", "公布政府采购负面清单", due=june, area=Area.GOVERNMENT_PROCUREMENT)
    town.promise("fulfilled_late", "开展统计诚信承诺活动", due=march, area=Area.STATISTICS)
    town.promise("partly_fulfilled", "建立招标投标信用评价制度", due=march, area=Area.TENDERING)
    town.promise("broken", "兑现招商引资优惠政策", due=march, kind=Sort.POLICY_PROMISE, area=Area.INVESTMENT_PROMOTION)
    town.promise("lawfully_changed", "建成城市信用广场", due=march)
    town.promise("withdrawn", "新建第二会展中心", due=december)


def _promise_in_kind(town: Town) -> None:
    town.promise("recurring", "每半年公布政务诚信监测报告", recurrence=Recurrence(every=Every.HALF_YEAR))
    town.promise(
        "services",
        "街道办事一次性告知、限时办结",
        kind=Sort.TIME_LIMIT,
        area=Area.TOWNSHIP,
        continuous=True,
        services=(Service.EMPLOYMENT, Service.HOUSING),
        handling=Handling(5, DayCount.WORKING, one_time_notice=True),
        published=(Publication(Channel.GOVERNMENT_PORTAL, "https://example.invalid/news/1", date(2030, 1, 1)),),
    )
    contract = Contract("ＨＴ－2030－7", COMPANY, 12_345_678_90, date(2030, 1, 1))
    town.promise("contract", "产业园投资协议", kind=Sort.CONTRACT, area=Area.INVESTMENT_PROMOTION, contract=contract)
    town.promise("taken_over", "外商投资企业服务专班", promiser=COMMERCE, responsible=(), supporting=(FINANCE,))
    town.promise("hostile", HOSTILE, text=HOSTILE, section=HOSTILE)
    ledger = town.installation.ledger
    items = []
    for n in range(MANY):
        stream = f"commitment/0198c5a2-1111-7000-8000-{n:012d}"
        fact = CommitmentMade(f"第{n}号承诺", "按期完成", Sort.QUALITY, Area.PPP, CITY)
        items.append(town.office.write(stream, ledger.head(stream), fact, (PLAN,)))
    for future in ledger.submit_many(items):
        future.result()


def _live(town: Town) -> None:
    town.clock.on(3, 1)
    town.about("in_progress", ProgressReported("已完成四十部，其余按计划推进", (PLAN,), 40), by=town.city)
    town.about("services", CommitmentPublished(Publication(Channel.PREMISES, "办事大厅", date(2030, 2, 1))), PLAN)
    steps = (ProcedureStep(Procedure.COLLECTIVE_DECISION, date(2030, 2, 20), document("会议纪要")),)
    common = {"authority": "市政府常务会议", "procedure": steps, "decided_on": date(2030, 2, 21)}
    change = CommitmentLawfullyChanged(
        Ground.PUBLIC_INTEREST, reason="选址涉及文物保护", due=date(2030, 12, 31), **common
    )
    town.about("lawfully_changed", change, document("变更决定"), by=town.city)
    end = CommitmentLawfullyChanged(Ground.NATIONAL_INTEREST, reason="国土空间规划调整", withdrawn=True, **common)
    town.about("withdrawn", end, document("撤回决定"), by=town.city)
    town.say(f"body/{COMMERCE}", BodySucceeded(INVESTMENT, Manner.MERGER), document("机构改革方案"))
    town.about("taken_over", CommitmentTakenOver(COMMERCE, INVESTMENT), document("移交清单"))
    town.clock.on(4, 10)
    town.about("fulfilled_late", FulfilmentReported(date(2030, 4, 10), (PLAN,)), by=town.city)
    town.clock.on(6, 20)
    for name in ("reported", "fulfilled"):
        town.about(name, FulfilmentReported(date(2030, 6, 20), (PLAN,)), by=town.city)
    report = FulfilmentReported(date(2030, 6, 20), (PLAN,), occurrence=date(2030, 6, 30))
    town.about("recurring", report, by=town.city)


def _judge(town: Town) -> None:
    town.clock.on(7, 10)
    done, late = date(2030, 6, 20), date(2030, 4, 10)
    town.about("fulfilled", FulfilmentAppraised(Outcome.FULFILLED, "清单已公布", done))
    town.about("fulfilled_late", FulfilmentAppraised(Outcome.FULFILLED_LATE, "逾期十日", late))
    town.about("partly_fulfilled", FulfilmentAppraised(Outcome.PARTLY_FULFILLED, "只建成制度，未见评价"), PLAN)
    town.about("recurring", FulfilmentAppraised(Outcome.FULFILLED, "报告已公布", done, occurrence=date(2030, 6, 30)))
    finding = CommitmentBroken("优惠政策至今未兑现", defence=Defence.CHANGE_OF_GOVERNMENT)
    town.about("broken", finding, document("法院判决书"))
    town.about("broken", CompensationClaimed("1", COMPANY, 100_000_00, "设备投资损失"), document("补偿申请书"))
    town.about("broken", CompensationDecided("1", "依判决核定", 80_000_00), document("补偿决定书"), by=town.city)
    town.about("broken", CompensationPaid("1", 50_000_00, date(2030, 7, 9)), document("付款凭证"), by=town.city)
