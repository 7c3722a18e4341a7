"""Ratings by third parties: by whom, of whom, resting on what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.domain import codec
from ledger.domain.body import BodyRegistered
from ledger.domain.body_terms import Kind
from ledger.domain.event import LEDGER
from ledger.domain.identifiers import fictional_uscc
from ledger.domain.rating import IntegrityRated
from ledger.domain.supervision_terms import Indicator
from ledger.errors import FormatError
from tests.domain.scenario import APPRAISER, OPERATOR, PAPER, STRANGER, Scenario, said

OWN = fictional_uscc(81)
RATED = IntegrityRated("2025", Indicator.SATISFACTION, "87.5", 100)


def body(kind: Kind = Kind.GOVERNMENT) -> Scenario:
    """A registered body."""
    return Scenario(f"body/{OWN}").having(said(BodyRegistered("示例区人民政府", kind), OPERATOR))


def test_an_appraiser_rates_a_public_body_and_may_rate_it_again() -> None:
    """J06 支持信用服务机构、高校及科研院所等第三方机构…开展政务诚信评价评级。"""
    case = body().having(said(RATED, APPRAISER, PAPER))
    case.when(replace(RATED, points="90"), APPRAISER, PAPER).then()


def test_nobody_rates_itself_and_nobody_rates_without_the_role() -> None:
    """J06 第三方机构: neither the body, nor the operator, nor the ledger's root key."""
    for other in (OWN, OPERATOR, STRANGER, LEDGER):
        body().when(RATED, other, PAPER).refused("body.rater")


def test_enterprises_and_unregistered_bodies_are_not_rated() -> None:
    """J06 J03, 国办发〔2026〕8号: only public bodies."""
    for kind in (Kind.ENTERPRISE, Kind.OTHER):
        body(kind).when(RATED, APPRAISER, PAPER).refused("body.rated-kind")
    Scenario(f"body/{OWN}").when(RATED, APPRAISER, PAPER).refused("body.rated-kind")


def test_a_rating_rests_on_its_method_and_is_of_a_period_that_has_begun() -> None:
    """J06: report or method in basis; at most the full points."""
    body().when(RATED, APPRAISER).refused("body.rating-basis")
    body().when(replace(RATED, period="2099"), APPRAISER, PAPER).refused("body.rating")
    body().when(replace(RATED, points="100.01"), APPRAISER, PAPER).refused("body.rating")
    assert body().when(replace(RATED, points="100"), APPRAISER, PAPER).then()


@pytest.mark.parametrize("points", ["-1", "1e3", "87.555", "", "٨", "01", "10000"])
def test_points_are_a_plain_decimal_number(points: str) -> None:
    """J06."""
    with pytest.raises(FormatError):
        codec.decode(IntegrityRated, {"period": "2025", "indicator": "satisfaction", "points": points, "full": 100})
