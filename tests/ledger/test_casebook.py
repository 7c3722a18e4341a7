"""The worked cases: that they can be played, use every event there is, and end as their titles say."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.casebook import parse_book, parse_cast, stream_of
from ledger.domain.kinds import KINDS
from ledger.domain.project import responsible_at
from ledger.domain.record.state import Record, Standing
from ledger.domain.record.terms import Stage
from ledger.errors import ConfigurationError, FormatError
from ledger.installation import Installation, found, open_installation
from ledger.playing import Clock, Player, read_script
from ledger.position import recorded_of
from ledger.proof.event import decode_segment, parse_entry
from ledger.settings import Settings
from tests.conftest import CASES, OPERATOR, Databases

LAST = date(2026, 11, 13)


def state(played: Installation, alias: str) -> Any:
    return played.ledger.case(stream_of(alias)).state


def test_the_worked_cases_use_every_event(played: Installation) -> None:
    """每一种事件都有一个演示案例用到。"""
    used = {recorded_of(row).event.name for row in played.ledger.reader.scan()}
    known = {name.partition("/")[0] for kind in KINDS.values() for name in kind.facts}
    # The ledger's own affair, a signature that a body's cryptographic module makes, a report that is computed from the
    # log before it is filed, and what third parties find: none is of a case.
    assert known - used == {"LogKeyRotated", "Countersigned", "IntegrityReportFiled", "IntegrityRated"}


def test_an_objection_upheld_withdraws_the_record_and_restores_the_reputation(played: Installation) -> None:
    """E05 E06 经核实有误的应及时更正或撤销；恢复其信誉、消除不良影响。"""
    record: Record = state(played, "record/wrong-penalty-data")
    assert record.standing is Standing.WITHDRAWN
    assert not record.in_force(LAST)
    assert not record.is_published(LAST)
    assert record.restorations[0].done is not None
    assert record.restorations[0].untold == ()


def test_a_penalty_waits_for_its_objection_and_resumes_when_it_is_dismissed(played: Installation) -> None:
    """E03 信用信息异议处理、核实期间暂不执行联合惩戒措施。"""
    stream = stream_of("record/water-penalty")
    names = [r.event.name for r in played.ledger.history(stream)]
    assert names.index("ObjectionAccepted") + 1 == names.index("PenaltySuspended")
    assert names.index("ObjectionDismissed") + 1 == names.index("PenaltyResumed")
    assert [p.id for p in played.ledger.case(stream).state.in_force(LAST)] == ["p1"]


def test_a_granted_repair_ends_publication_sharing_and_penalties_together(played: Installation) -> None:
    """E10 信用修复结果生效后，失信惩戒措施应给予解除。"""
    record: Record = state(played, "record/transport-repair")
    assert record.standing is Standing.REPAIRED
    assert (record.published, record.shared, record.in_force(LAST)) == (False, False, ())


def test_a_revoked_repair_leaves_the_record_standing(played: Installation) -> None:
    """B18 对虚假承诺、不履约承诺及其他失信行为依法依规实施惩戒。"""
    record: Record = state(played, "record/commerce-repair")
    assert record.standing is Standing.RECORDED
    assert record.is_published(LAST)


def test_a_tolerated_act_becomes_no_record(played: Installation) -> None:
    """C19 经认定符合容错纠错情形和条件的，可不纳入政务失信记录。"""
    assert state(played, "record/trial-reform").standing is Standing.ENDED


def test_a_complaint_and_its_record_name_each_other(played: Installation) -> None:
    """H10 及时发现并解决企业、群众反映的政府失信违约问题。"""
    complaint, record = stream_of("complaint/unpaid-project"), stream_of("record/unpaid-project")
    lead = played.ledger.history(record)[0]
    assert (lead.event.iss, lead.event.fact.complaint) == ("ledger", complaint)
    assert lead.event.cause in {r.event.jti for r in played.ledger.history(complaint)}


def test_who_was_responsible_is_told_for_a_day_in_the_past(played: Installation) -> None:
    """I08 建立项目责任回溯机制。"""
    project = state(played, "project/ring-road")
    (before,) = responsible_at(project, Stage.TENDERING, date(2026, 6, 30))
    (after,) = responsible_at(project, Stage.TENDERING, date(2026, 7, 1))
    assert before.person == stream_of("person/ring-road-manager")
    assert after.person == stream_of("person/ring-road-successor")


def test_nothing_that_was_said_under_seal_stands_in_the_log(played: Installation) -> None:
    """F02 在保护…个人隐私的前提下：密封字段只以摘要入账。"""
    script = read_script(CASES, OPERATOR.uscc)
    sealed = [value.encode() for saying in script.book.sayings for value in saying.seal.values()]
    assert len(sealed) > 5
    for row in played.ledger.reader.scan():
        payload = decode_segment(parse_entry(row.entry)[1].split(b".")[1], "payload")
        assert not any(value in payload for value in sealed)


# --- playing ------------------------------------------------------------------------------------------------


@pytest.fixture
def blank(databases: Databases, tmp_path: Path) -> Settings:
    return Settings(tmp_path / "home", databases.url(databases.create()))


def test_an_interrupted_play_goes_on_where_it_stopped(blank: Settings) -> None:
    script = read_script(CASES, OPERATOR.uscc)
    for stop in (90, None):
        clock = Clock()
        clock.set(script.begins)
        with open_installation(blank, clock=clock, founding=True) as installation:
            found(installation, OPERATOR)
            player = Player(installation, clock, script)
            done = sum(1 for _ in zip(range(stop or player.count), player.play(), strict=False))
            assert done == (stop or player.count)
            size = installation.ledger.size
    with open_installation(blank, clock=clock) as installation:
        for _ in Player(installation, clock, script).play():
            pass
        assert installation.ledger.size == size


def test_cases_are_not_played_into_a_ledger_that_is_past_their_days(installation: Installation) -> None:
    clock = Clock()
    assert not Player(installation, clock, read_script(CASES, OPERATOR.uscc)).can_play


def test_a_refused_saying_names_its_file_and_place(blank: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "cast.toml").write_text((CASES / "cast.toml").read_text(encoding="utf-8"), encoding="utf-8")
    wrong = '[[say]]\non = 2026-04-13\nby = "credit"\nstream = "record/x"\nevent = "LeadVerified"\n'
    wrong += 'data = { substantiated = true, grounds = "属实" }\n'
    (folder / "a.toml").write_text(f'zh = "错"\nen = "Wrong"\n{wrong}', encoding="utf-8")
    clock = Clock()
    script = read_script(folder, OPERATOR.uscc)
    clock.set(script.begins)
    with open_installation(blank, clock=clock, founding=True) as installation:
        found(installation, OPERATOR)
        with pytest.raises(ConfigurationError, match=r"a\.toml \[0\] 2026-04-13 credit LeadVerified: expected LeadRec"):
            list(Player(installation, clock, script).play())


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('event = "Nonsense"\n', "a.toml, saying 0: event: expected an event of record"),
        ('event = "LeadVerified"\ndata = { substantiated = 1, grounds = "x" }\n', "expected true or false"),
        ('event = "LeadVerified"\nbasis = ["lost"]\ndata = { substantiated = true, grounds = "x" }\n', "lost"),
    ],
)
def test_a_wrong_script_says_where_it_is_wrong(row: str, message: str) -> None:
    text = f'zh = "错"\nen = "Wrong"\n[[say]]\non = 2026-04-13\nby = "credit"\nstream = "record/x"\n{row}'
    with pytest.raises(FormatError, match=message):
        parse_book([("a.toml", text)], {"credit": OPERATOR.uscc})


def test_the_cast_is_invented() -> None:
    """GB/T 2260 从未分配 99 开头的代码：演示单位不可能是真实单位。"""
    cast = parse_cast((CASES / "cast.toml").read_text(encoding="utf-8"), OPERATOR.uscc)
    assert all(member.uscc[2:8] == "990000" and "虚构" in member.zh for member in cast)
    assert all(member.region is None or member.region.startswith("99") for member in cast)
