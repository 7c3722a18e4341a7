"""The story of a case in plain sentences, for a clerk: what happened, where it stands, what is due, what may come next.

Each sentence is there in Chinese and in English. Who said something, what, on which basis; then the standing at the end
of the day, every deadline with its rule and source, and the events that the rules of that day admit next, with the
roles that may state them. The same data is the page ``/cases/…``, its JSON, and what ``jiannuo case show`` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from api.pages import show
from api.pages.casefile import CaseFile
from api.story import now as story_now
from api.story.phrases import told
from api.story.values import Language, Teller, day
from api.words import event_word, word
from api.words.seals import SEALED
from api.words.table import Word
from ledger.domain.calendar import Deadline, DeadlineState
from ledger.domain.commendation import CommendationRecorded, Incentive
from ledger.domain.complaint import state as complaint_state
from ledger.domain.event import LEDGER, Document, Event, Recorded, legal_day
from ledger.domain.kinds import KINDS, kind_of
from ledger.domain.pack import parse_pack
from ledger.domain.policy import PolicyAdopted, View, view_of
from ledger.domain.record import deadlines as record_deadlines
from ledger.domain.record.questions import open_duties
from ledger.domain.record.remedy_facts import PenaltyImposed
from ledger.domain.seals import SealOpened
from ledger.domain.steps import Offer

DEADLINES: Mapping[str, Callable[[Any, View], Iterable[Deadline]]] = {
    "complaint": complaint_state.deadlines,
    "record": lambda state, view: (*record_deadlines.deadlines(state, view), *open_duties(state)),
}
DUTIES: Mapping[str, Word] = {
    "record.lead": Word("核实线索", "verify the lead"),
    "record.urged": Word("按督促完成整改", "rectify as urged"),
    "record.rectification": Word("完成整改", "rectify"),
    "record.plan": Word("按自定方案完成整改", "rectify as planned"),
    "record.letter": Word("落实督办、整改函", "do what the letter asks"),
    "objection.accept_days": Word("决定是否受理异议", "take the objection up or refuse it"),
    "objection.decide_days": Word("办结异议", "decide the objection"),
    "repair.accept_days": Word("决定是否受理修复申请", "take the application for repair up"),
    "repair.decide_days": Word("作出修复决定", "decide on the repair"),
    "repair.answer_days": Word("反馈修复结果", "give the result of the repair"),
    "complaint.accept": Word("决定是否受理投诉", "take the complaint up or refuse it"),
    "penalty.until": Word("惩戒期限届满", "end of the penalty"),
    "publication.until": Word("公示期届满", "end of the publicity period"),
}
"""What a clock asks, where the event that stops it does not say it."""


def teller_of(case: CaseFile) -> Teller:
    """Who tells the story of a case: its bodies by name, its penalties by the measure as the list stood then."""
    labels: dict[str, Word] = {}
    for recorded in case.history:
        fact = recorded.event.fact
        if isinstance(fact, PolicyAdopted):
            about = parse_pack(fact.text).about
            labels[fact.text] = Word(about.zh, about.en)
        if isinstance(fact, CommendationRecorded):
            labels |= {str(incentive): word(incentive) for incentive in Incentive}
        if isinstance(fact, SealOpened):
            labels |= SEALED
        if isinstance(fact, PenaltyImposed):
            found = view_of(case.rules.policies, legal_day(recorded.at)).get(f"measure.{fact.measure}")
            if found:
                labels[f"penalty.{fact.penalty}"] = labels[f"measure.{fact.measure}"] = Word(found.zh, found.en)
    subject = kind_of(case.stream).subject(case.state, case.history[-1].event)
    return Teller(case.names, labels, subject)


def story(history: Sequence[Recorded], teller: Teller) -> list[show.Data]:
    """A sentence for each event, with its index in the log and its legal day."""
    return [
        {
            "index": r.index,
            "day": legal_day(r.at),
            "event": r.event.name,
            "zh": _sentence(r, teller, "zh"),
            "en": _sentence(r, teller, "en"),
        }
        for r in history
    ]


def case_data(case: CaseFile) -> show.Data:
    """Everything that is told about a case, as plain data."""
    teller = teller_of(case)
    kind, _, own = case.stream.partition("/")
    return {
        "stream": case.stream,
        "kind": kind,
        "id": own,
        "on": case.on,
        "standing": show.coded(story_now.standing_of(kind, case.state, case.on)),
        "subject": show.named(teller.subject, case.names),
        "packs": [
            {"id": p.about.id, "zh": p.about.zh, "en": p.about.en, "version": p.about.version, "draft": p.about.draft}
            for p in case.view.layers
        ],
        "story": story(case.history, teller),
        "now": [w._asdict() for w in story_now.now(case, teller)],
        "deadlines": [_deadline(d, case.on, teller) for d in _clocks(kind, case)],
        "next": [_offer(o, teller) for o in _offered(kind, case)],
        "related": [{"stream": s, "address": show.address(s)} for s in sorted(case.rules.cases)],
        "events": [show.event(r, case.names) for r in case.history],
    }


def _clocks(kind: str, case: CaseFile) -> Iterable[Deadline]:
    """The clocks of a case; none for a kind that has none."""
    return DEADLINES[kind](case.state, case.view) if kind in DEADLINES else ()


def _offered(kind: str, case: CaseFile) -> Iterable[Offer]:
    """What may come next; nothing for a kind whose rules do not list it, or on a day without a rule pack."""
    offers = KINDS[kind].offers
    return offers(case.state, case.rules, case.on) if offers and case.view.layers else ()


# --- what happened ------------------------------------------------------------------------------------------


def _sentence(recorded: Recorded, teller: Teller, lang: Language) -> str:
    event: Event = recorded.event
    who, what = teller.body(event.iss, lang), told(event.fact, event.iss, teller, lang)
    when, basis = day(legal_day(recorded.at), lang), _basis(event.basis, teller, lang)
    if lang == "zh":
        by_itself = "据此自动" if event.iss == LEDGER and event.cause else ""
        return f"{when}，{who}{by_itself}{what}。{basis}"
    by_itself = ", in consequence," if event.iss == LEDGER and event.cause else ""
    return f"{when}: {who}{by_itself} {what}.{basis}"


def _basis(basis: tuple[Document, ...], teller: Teller, lang: Language) -> str:
    if not basis:
        return ""
    return f"依据：{teller.text(basis, lang)}。" if lang == "zh" else f" Basis: {teller.text(basis, lang)}."


# --- what is due --------------------------------------------------------------------------------------------


def _deadline(found: Deadline, on: date, teller: Teller) -> show.Data:
    duty = DUTIES.get(found.rule, event_word(found.what))
    state = _state(found, on)
    return {
        "rule": found.rule,
        "source": found.source,
        "what": {"code": found.what, **event_word(found.what)._asdict()},
        "duty": duty._asdict(),
        "item": _item(found.item, teller),
        "start": found.start,
        "due": found.due,
        "provisional": found.provisional,
        "met": found.met if found.met and found.met <= on else None,
        "state": state,
        **_due(found, duty, state, teller)._asdict(),
    }


def _state(found: Deadline, on: date) -> show.Data:
    """Where a clock stands: a duty is met, late or overdue, one without a day done or not, a period over or not."""
    code = found.state(on)
    words = word(code)
    if found.rule.endswith(".until"):
        over = found.met is not None and found.met <= on
        words = Word("已结束", "Over") if over else Word("尚未届满", "Running")
        return {"code": "over" if over else "running", **words._asdict()}
    if found.due is None:
        words = Word("尚未完成", "Not done") if code is DeadlineState.OPEN else Word("已完成", "Done")
    return {"code": str(code), **words._asdict()}


def _due(found: Deadline, duty: Word, state: show.Data, teller: Teller) -> Word:
    """A deadline as a sentence."""
    about = _about(found.item, teller)
    due = Word("未规定期限", "no day is set")
    if found.due is not None:
        due = Word(f"期限{day(found.due, 'zh')}", f"due {day(found.due, 'en')}")
    if found.provisional:
        due = Word(
            f"{due.zh}（暂定，有关年份的放假安排尚未导入）",
            f"{due.en} (provisional: a year’s holidays are not known yet)",
        )
    return Word(
        f"{duty.zh}{about.zh}：自{day(found.start, 'zh')}起算，{due.zh}，{state['zh']}。依据：{found.source}。",
        f"{duty.en[0].upper()}{duty.en[1:]}{about.en}: from {day(found.start, 'en')}, {due.en}, {state['en'].lower()}. "
        f"Source: {found.source}.",
    )


def _item(item: str | None, teller: Teller) -> show.Data | None:
    return {"id": item, "zh": teller.item(item, "zh"), "en": teller.item(item, "en")} if item else None


def _about(item: str | None, teller: Teller) -> Word:
    """What a deadline or event is about, as it stands after its name."""
    return Word(f" {teller.item(item, 'zh')}", f", {teller.item(item, 'en')}") if item else Word("", "")


# --- what may come next -------------------------------------------------------------------------------------


def _offer(found: Offer, teller: Teller) -> show.Data:
    words, roles = event_word(found.event), [word(role) for role in found.roles]
    about = _about(found.item, teller)
    by = ("、".join(r.zh for r in roles) or "无人", ", ".join(r.en.lower() for r in roles) or "nobody")
    return {
        "event": {"code": found.event, **words._asdict()},
        "item": _item(found.item, teller),
        "roles": [show.coded(role) for role in found.roles],
        "zh": f"{words.zh}{about.zh}——{by[0]}",
        "en": f"{words.en}{about.en} — {by[1]}",
    }
