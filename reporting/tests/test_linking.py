from __future__ import annotations

import pytest
from django.test import Client

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import holding
from reporting.choices import Excluded
from reporting.desk import linking, links
from reporting.models import Exclusion, Link, Report
from reporting.tests.browsing import signed_in, text
from reporting.tests.erasures import erased
from reporting.tests.making import a_line, chain, send, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "The same joke, a day later."


@pytest.fixture
def standards() -> Person:
    return standards_officer()


@pytest.fixture
def line() -> list[Person]:
    return a_line()


@pytest.fixture
def pair(line: list[Person]) -> tuple[Report, Report]:
    return send(line[0]), send(line[1], group_digest="")


def link(person: Person, one: Report, other: Report) -> Link:
    return linking.link(person=person, report_id=one.pk, to=other.pk, reason=REASON)


def suggested(person: Person, report: Report) -> list[tuple[str, str]]:
    return [(one.reference, one.why) for one in links.suggested(person, Report.objects.get(pk=report.pk))]


def test_reports_with_the_same_group_or_sender_are_suggested(standards: Person, line: list[Person]) -> None:
    group, sender = links.group_digest("Night  shift"), PersonFactory()
    one = send(line[0], group_digest=group, excluded={sender: Excluded.SENDER})
    by_group = send(line[1], group_digest=links.group_digest("NIGHT shift "))
    by_sender = send(line[1], excluded={sender: Excluded.SENDER})
    both = send(line[1], group_digest=group, excluded={sender: Excluded.SENDER})
    send(line[1], group_digest=links.group_digest("Day shift"))
    send(line[1], excluded={sender: Excluded.NAMED})
    expected = {(by_group.reference, "Same group"), (by_sender.reference, "Same sender"), (both.reference, "Same sender and same group")}
    assert set(suggested(standards, one)) == expected


def test_reports_without_a_group_have_no_group_in_common(standards: Person, pair: tuple[Report, Report]) -> None:
    assert suggested(standards, pair[0]) == []
    assert links.group_digest("  ") == ""


def test_a_group_is_kept_as_a_keyed_digest_that_goes_with_the_report(one: Person, other: Person, line: list[Person]) -> None:
    digest = links.group_digest("Night shift")
    assert len(digest) == 64
    assert "night" not in digest
    report = send(line[0], group_digest=digest)
    erased(report, one, other)
    report.refresh_from_db()
    assert report.group_digest == ""


def test_a_link_has_a_reason_on_both_reports_and_stops_being_suggested(standards: Person, line: list[Person]) -> None:
    group = links.group_digest("Night shift")
    one, other = send(line[0], group_digest=group), send(line[1], group_digest=group)
    link(standards, one, other)
    for report, linked_with in ((one, other), (other, one)):
        (found,) = links.linked(standards, report)
        assert (found.reference, found.reason) == (linked_with.reference, REASON)
        assert suggested(standards, report) == []
        assert f"You linked this with {linked_with.reference}" in str(timeline(report, viewer=standards))


def test_neither_fact_of_a_link_names_the_other_report(standards: Person, pair: tuple[Report, Report]) -> None:
    made = link(standards, *pair)
    facts = Fact.objects.of_kind("report.linked")
    assert {(fact.subject, str(fact.data)) for fact in facts} == {(report.consultations, str({"link": str(made.pk)})) for report in pair}
    assert "report.linked" not in chain(pair[0])


def test_two_reports_are_linked_once_and_never_with_themselves(standards: Person, pair: tuple[Report, Report]) -> None:
    link(standards, *pair)
    with pytest.raises(linking.CannotLink, match="already"):
        link(standards, pair[1], pair[0])
    with pytest.raises(linking.CannotLink, match="another"):
        link(standards, pair[0], pair[0])


def test_a_link_is_taken_apart_with_a_reason_and_may_be_made_again(standards: Person, pair: tuple[Report, Report]) -> None:
    made = link(standards, *pair)
    linking.unlink(person=standards, link_id=made.pk, reason="Another sender.")
    assert links.linked(standards, pair[0]) == []
    assert "Another sender." in str(timeline(pair[1], viewer=standards))
    with pytest.raises(linking.CannotLink, match="not linked any more"):
        linking.unlink(person=standards, link_id=made.pk, reason="Again.")
    assert link(standards, *pair).pk != made.pk


def test_whoever_must_not_know_of_one_learns_of_it_from_neither(standards: Person, line: list[Person]) -> None:
    group = links.group_digest("Night shift")
    one, other = send(line[0], group_digest=group), send(line[1], group_digest=group)
    barred = standards_officer()
    Exclusion.objects.create(report=other, person=barred, why=Excluded.NAMED)
    assert suggested(barred, one) == []
    made = link(standards, one, other)
    assert links.linked(barred, one) == []
    assert "linked" not in str(timeline(one, viewer=barred))
    page = text(signed_in(barred).get(f"/standards/{one.reference}/"))
    assert other.reference not in page
    with pytest.raises(holding.NotYours):
        linking.unlink(person=barred, link_id=made.pk, reason="No.")
    with pytest.raises(holding.NotYours):
        link(barred, one, other)


def test_a_holder_sees_links_between_reports_they_hold_and_no_reasons(standards: Person, line: list[Person]) -> None:
    mine, mine_too, elsewhere = send(line[0]), send(line[0]), send(a_line()[0])
    link(standards, mine, mine_too)
    link(standards, mine, elsewhere)
    page = text(signed_in(line[2]).get(f"/duties/{mine.reference}/"))
    assert mine_too.reference in page
    assert elsewhere.reference not in page
    assert REASON not in page
    assert "linked" not in str(timeline(mine, viewer=line[2]))
    assert "linked" not in str(timeline(mine, viewer=line[0]))


def test_an_erased_report_is_not_shown_as_linked(one: Person, other: Person, pair: tuple[Report, Report]) -> None:
    link(one, *pair)
    erased(pair[1], one, other)
    assert links.linked(one, pair[0]) == []
    assert pair[1].reference not in text(signed_in(one).get(f"/standards/{pair[0].reference}/links/"))


def test_the_page_links_and_takes_apart(standards: Person, line: list[Person]) -> None:
    group = links.group_digest("Night shift")
    one, other = send(line[0], group_digest=group), send(line[1], group_digest=group)
    client, address = signed_in(standards), f"/standards/{one.reference}/links/"
    assert "These may belong together" in text(client.get(address))
    assert f'value="{other.reference}"' in text(client.get(address, {"to": other.reference}))
    unknown = text(client.post(address, {"reference": "MR-0000-0000", "reason": REASON}))
    assert "There is no report with this reference" in unknown
    assert "Enter why they belong together" in text(client.post(address, {"reference": other.reference}))
    page = text(client.post(address, {"reference": other.reference.lower(), "reason": REASON}, follow=True))
    assert "Take apart" in page
    assert "These may belong together" not in page
    away = f"{address}{Link.objects.get().pk}/"
    assert "Enter why they do not belong together" in text(client.post(away, {}))
    assert "No report is linked" in text(client.post(away, {"reason": "Another sender."}, follow=True))
    assert client.get(away).status_code == 404


def test_what_is_said_of_a_report_one_must_not_know_of_is_said_of_one_that_is_not_there(pair: tuple[Report, Report]) -> None:
    barred = standards_officer()
    Exclusion.objects.create(report=pair[1], person=barred, why=Excluded.NAMED)
    client, address = signed_in(barred), f"/standards/{pair[0].reference}/links/"
    said = text(client.post(address, {"reference": pair[1].reference, "reason": REASON}))
    nothing = text(client.post(address, {"reference": "MR-0000-0000", "reason": REASON}))
    assert "There is no report with this reference" in said
    assert said.count(pair[1].reference) == nothing.count("MR-0000-0000")


def test_the_pages_exist_for_nobody_else(line: list[Person], standards: Person, pair: tuple[Report, Report]) -> None:
    made = link(standards, *pair)
    for address in (f"/standards/{pair[0].reference}/links/", f"/standards/{pair[0].reference}/links/{made.pk}/"):
        assert Client().get(address).status_code == 302
        assert signed_in(line[2]).get(address).status_code == 404
        assert signed_in(standards).put(address).status_code == 405
