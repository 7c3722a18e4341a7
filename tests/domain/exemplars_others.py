"""Exemplars of complaints, positive records, persons and projects; see ``exemplars``."""

from __future__ import annotations

from datetime import date

from ledger.domain import commendation as g
from ledger.domain import person as p
from ledger.domain import project as j
from ledger.domain import seals as s
from ledger.domain.commitment_terms import Area, Outcome
from ledger.domain.complaint import facts as k
from ledger.domain.complaint.state import Complaint
from ledger.domain.complaint.terms import BECOMES, Channel, Refusal, Resolution, Unfounded
from ledger.domain.record.terms import PersonKind, Stage
from tests.domain.exemplars import DAY, Look, says
from tests.domain.records import PERSON, RECOGNISER, RECORD, SUBJECT, SUPERIOR
from tests.domain.scenario import CITY, CREDIT, PARTNER

SERVED_FROM = date(2015, 1, 1)


def digest(number: int) -> str:
    """A digest that no other number has."""
    return f"{number:042d}A"


# --- complaints ---------------------------------------------------------------------------------------------


@says(k.ComplaintReceived)
def _(look: Look) -> k.ComplaintReceived:
    return k.ComplaintReceived(
        "2026-0001",
        look.some(look.view.names("complaint.channels") or (Channel.OTHER,)),
        look.some(list(BECOMES)),
        look.before(),
        SUBJECT,
        look.some((Area.GOVERNMENT_PROCUREMENT, Area.INVESTMENT_PROMOTION)),
        anonymous=look.some((False, False, True)),
        sealed=(digest(1), digest(2)),
    )


@says(k.ComplaintAccepted)
def _(look: Look) -> k.ComplaintAccepted:
    return k.ComplaintAccepted()


@says(k.ComplaintRefused)
def _(look: Look) -> k.ComplaintRefused:
    return k.ComplaintRefused(Refusal.IN_LITIGATION, "法院已立案")


@says(k.ComplaintTransferred)
def _(look: Look) -> k.ComplaintTransferred:
    last = look.state.round
    holder = last.transferred.fact.to if last and not last.answered else None
    to = look.some([body for body in (SUPERIOR, RECOGNISER) if body != holder])
    return k.ComplaintTransferred(to, look.soon(look.view.get("complaint.answer_days")))


@says(k.ComplaintUrged)
def _(look: Look) -> k.ComplaintUrged:
    return k.ComplaintUrged("请按期答复")


@says(k.ComplaintAnswered)
def _(look: Look) -> k.ComplaintAnswered:
    true = look.some((True, False))
    return k.ComplaintAnswered(true, "经核实", None if true else Unfounded.PERFORMED)


@says(k.ComplaintSubstantiated)
def _(look: Look) -> k.ComplaintSubstantiated:
    return k.ComplaintSubstantiated(RECORD, "尾款逾期未付")


@says(k.ComplaintUnsubstantiated)
def _(look: Look) -> k.ComplaintUnsubstantiated:
    return k.ComplaintUnsubstantiated(Unfounded.PERFORMED, "款项已付清")


@says(k.ComplaintCalledBack)
def _(look: Look) -> k.ComplaintCalledBack:
    return k.ComplaintCalledBack(look.some((True, False)), look.before())


@says(k.IncidentOpened)
def _(look: Look) -> k.IncidentOpened:
    return k.IncidentOpened(look.some((SUPERIOR, RECOGNISER)), (CREDIT,))


@says(k.IncidentResolved)
def _(look: Look) -> k.IncidentResolved:
    return k.IncidentResolved(look.some(tuple(Resolution)), "已协调解决")


@says(k.ComplaintClosed)
def _(look: Look) -> k.ComplaintClosed:
    return k.ComplaintClosed()


# --- positive records ---------------------------------------------------------------------------------------


@says(g.CommendationRecorded)
def _(look: Look) -> g.CommendationRecorded:
    person = look.some((None, PERSON))
    return g.CommendationRecorded(
        SUBJECT, look.some(tuple(g.Kind)), "诚信单位", "示例市人民政府", look.before(), person
    )


def _incentive(look: Look) -> g.Incentive:
    known = look.item in set(g.Incentive)
    return g.Incentive(look.item) if known else g.Incentive.CONVENIENCE


@says(g.IncentiveGranted)
def _(look: Look) -> g.IncentiveGranted:
    return g.IncentiveGranted(_incentive(look), look.today, look.today + look.some((365, 0)) * DAY)


@says(g.IncentiveEnded)
def _(look: Look) -> g.IncentiveEnded:
    return g.IncentiveEnded(_incentive(look), g.IncentiveEnd.CONDITIONS_CEASED)


@says(g.CommendationWithdrawn)
def _(look: Look) -> g.CommendationWithdrawn:
    return g.CommendationWithdrawn(look.some(tuple(g.Withdrawal)), "表彰被撤销")


# --- persons ------------------------------------------------------------------------------------------------


def _fresh(look: Look) -> str:
    return digest(1 + max((int(d[:-1]) for d in look.state.seals.sealed), default=0))


@says(p.PersonRegistered)
def _(look: Look) -> p.PersonRegistered:
    return p.PersonRegistered(look.some(look.view.names("subject.person_kinds")), SUBJECT, (digest(1),))


@says(p.PersonAffiliated)
def _(look: Look) -> p.PersonAffiliated:
    kinds = [kind for kind in look.view.names("subject.person_kinds") if kind is not PersonKind.CANDIDATE]
    enters = look.state.kind is PersonKind.CANDIDATE
    body = look.some((SUBJECT, PARTNER, CITY))
    before = [a for a in look.state.affiliations if a.body == body]
    start = max((a.until or look.today for a in before), default=SERVED_FROM) + len(before) * DAY
    if any(a.until is None or a.until >= start for a in before) or start > look.today:
        body, start = f"{len(look.state.affiliations)}", look.today
        body = next(b for b in _spare(look) if all(a.body != b for a in look.state.affiliations))
    until = look.some((None, start))
    return p.PersonAffiliated(body, start, until, kinds[0] if enters else None, (_fresh(look),))


def _spare(look: Look) -> list[str]:
    return [b for b in look.rules.bodies if look.rules.bodies[b].known and b[0] != "p"]


@says(p.AffiliationEnded)
def _(look: Look) -> p.AffiliationEnded:
    return p.AffiliationEnded(look.item or SUBJECT, look.today)


@says(p.AffiliationWithdrawn)
def _(look: Look) -> p.AffiliationWithdrawn:
    served = look.some(look.state.affiliations) if look.state.affiliations else p.Affiliation(SUBJECT, SERVED_FROM)
    return p.AffiliationWithdrawn(served.body, served.start)


@says(p.PersonCorrected)
def _(look: Look) -> p.PersonCorrected:
    replaced = tuple(sorted(look.state.digests)[:1])
    return p.PersonCorrected((_fresh(look),), look.some(((), replaced)))


@says(p.FileItemRecorded)
def _(look: Look) -> p.FileItemRecorded:
    return p.FileItemRecorded(look.some(look.view.names("record.file_items")), look.before(), (_fresh(look),))


# --- sealed fields ------------------------------------------------------------------------------------------


def _left(look: Look) -> tuple[str, ...]:
    return look.some(((), tuple(sorted(look.state.seals.left)[:1])))


@says(s.SealOpened)
def _(look: Look) -> s.SealOpened:
    kind = "complaint" if isinstance(look.state, Complaint) else "person"
    purpose = look.some(look.view.names(f"lookup.{kind}"))
    return s.SealOpened(("name",), look.role, purpose, "示组函〔2026〕3号", look.some((None, CITY)), _left(look))


@says(s.SealErased)
def _(look: Look) -> s.SealErased:
    return s.SealErased(look.some(look.view.names("erasure.grounds")), _left(look))


# --- projects -----------------------------------------------------------------------------------------------

STARTED = date(2024, 1, 1)


@says(j.ProjectRegistered)
def _(look: Look) -> j.ProjectRegistered:
    return j.ProjectRegistered("示例污水处理项目", SUBJECT, Area.PPP, STARTED)


@says(j.StageBegun)
def _(look: Look) -> j.StageBegun:
    stages = look.view.names("project.stages")
    begun = [stages.index(s.fact.stage) for s in look.state.stages if s.fact.stage in stages]
    left = stages[max(begun) + 1 :] if begun else stages
    last = look.state.stages[-1].fact.on if look.state.stages else STARTED
    return j.StageBegun(look.some(left or stages), look.some((last, look.today)))


@says(j.ResponsibleAssigned)
def _(look: Look) -> j.ResponsibleAssigned:
    number = len(look.state.responsible) + 1
    stage = look.some((None, *look.view.names("project.stages")))
    who = {"post": f"第{number}岗位"}
    if all(r.person is None for r in look.state.responsible) and look.some((True, False)):
        who = {"person": PERSON}
    return j.ResponsibleAssigned(f"r{number}", SUBJECT, look.some((STARTED, look.today)), stage, **who)


@says(j.ResponsibleRelieved)
def _(look: Look) -> j.ResponsibleRelieved:
    return j.ResponsibleRelieved(look.item or "r0", look.today)


@says(j.PerformanceRecorded)
def _(look: Look) -> j.PerformanceRecorded:
    begun = (
        look.some([s.fact for s in look.state.stages]) if look.state.stages else j.StageBegun(Stage.FINANCING, STARTED)
    )
    outcome = look.some((Outcome.FULFILLED, Outcome.PARTLY_FULFILLED))
    return j.PerformanceRecorded(begun.stage, look.some((begun.on, look.today)), outcome, "按期完成")


def linked(number: int) -> str:
    """The stream of a dishonesty record that came out of the project."""
    return f"{RECORD[:-4]}{number:04d}"


@says(j.ProjectBreachLinked)
def _(look: Look) -> j.ProjectBreachLinked:
    return j.ProjectBreachLinked(linked(len(look.state.breaches) + 1))


@says(j.ProjectClosed)
def _(look: Look) -> j.ProjectClosed:
    return j.ProjectClosed(look.today, "移交完成")
