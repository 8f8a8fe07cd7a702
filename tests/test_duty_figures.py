"""The figures of duties: what is shown, what is left out, and that nothing left out can be worked out."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from portal import duty_figures
from portal.people.models import Person, Rank, Role
from portal.people.tests.factories import PersonFactory, UnitFactory
from reporting.choices import Category, Counted, Excluded, Grouping
from reporting.counting import buckets, reckoning
from reporting.counting.figures import Tallies, Tally
from reporting.models import Reckoned
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, send

pytestmark = pytest.mark.django_db


def somebody(*, role: Role | None = None, **fields: object) -> Person:
    person: Person = PersonFactory(**fields)
    if role:
        person.groups.add(Group.objects.get_or_create(name=role)[0])
    return person


def page(person: Person, address: str = "", *, file: bool = False) -> str:
    client = signed_in(person)
    response = client.get(f"/figures/{'duties.csv' if file else ''}{address}")
    assert response.status_code == 200
    return response.content.decode()


def auditor() -> Person:
    return somebody(role=Role.AUDITOR, rank=Rank.NONE)


def lines(person: Person, address: str = "") -> dict[str, list[str]]:
    """The file's lines by their first cell."""
    return {line[0]: line[1:] for line in csv.reader(StringIO(page(person, address, file=True)))}


def tally(**numbers: int) -> Tally:
    made = Tally()
    for what, number in numbers.items():
        made.counts[what] = Counter({0: number})
    return made


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (7, 5), (9, 5), (10, 10), (1004, 1000)])
def test_numbers_are_in_fives_and_small_ones_are_not_shown(number: int, shown: int | None) -> None:
    assert duty_figures.rounded(number) == shown


def test_what_is_left_out_cannot_be_had_from_a_total() -> None:
    """Whatever is shown of the rest and of the whole, each number from one to four fits it."""
    fits: dict[tuple[int | None, int | None], set[int]] = {}
    for rest in range(5, 300):
        for small in range(1, 5):
            fits.setdefault((duty_figures.rounded(rest), duty_figures.rounded(rest + small)), set()).add(small)
    assert all(found == {1, 2, 3, 4} for found in fits.values())


def test_a_share_is_worked_out_from_what_is_shown() -> None:
    row = duty_figures.row("CN", tally(duties=23, lapsed=7))
    assert (row.duties, row.lapsed, row.share(row.lapsed)) == (20, 5, 25)
    assert duty_figures.row("CN", tally(duties=7, lapsed=8)).share(10) == 100


def test_nothing_of_a_group_of_fewer_than_five_is_shown() -> None:
    row = duty_figures.row("CN", tally(duties=4, lapsed=4, told_opened=4))
    assert (row.duties, row.lapsed, row.aside, row.share(row.lapsed)) == (None, None, None, None)
    assert set(row.times.values()) == {duty_figures.Span(None, None)}


def test_a_time_that_fewer_than_five_exceed_is_not_shown_in_a_larger_group() -> None:
    """Nine in ten of nine duties is what the slowest one took."""
    row = duty_figures.row("CN", tally(duties=99, told_opened=50, opened_acted=10, passed_acted=9))
    assert row.times[Counted.TOLD_OPENED] == duty_figures.Span(buckets.time_of(0), buckets.time_of(0))
    assert row.times[Counted.OPENED_ACTED] == duty_figures.Span(buckets.time_of(0), None)
    assert row.times[Counted.PASSED_ACTED] == duty_figures.Span(None, None)
    chart = duty_figures.time_chart(Counted.OPENED_ACTED, [row])
    assert chart.rows[0].cells[0] != duty_figures.NONE
    assert chart.rows[0].cells[1] == duty_figures.NONE


@pytest.mark.parametrize(
    ("stretch", "expected"),
    [
        (timedelta(seconds=20), "minutes"),
        (timedelta(minutes=100), "minutes"),
        (timedelta(hours=3), "hours"),
        (timedelta(days=2.5), "days"),
    ],
)
def test_times_are_in_a_unit_that_fits(stretch: timedelta, expected: str) -> None:
    made = tally(duties=60)
    made.counts[Counted.TOLD_OPENED] = Counter({buckets.bucket_of(stretch): 60})
    chart = duty_figures.time_chart(Counted.TOLD_OPENED, [duty_figures.row("CN", made), duty_figures.row("NE", tally(duties=1))])
    assert chart.rows[0].said.endswith(expected)
    assert chart.rows[1].cells == [duty_figures.NONE, duty_figures.NONE]


def test_months_stand_in_the_order_they_went() -> None:
    found = Tallies({"2026-02-01": tally(duties=5), "2025-11-01": tally(duties=5)}, tally(duties=10))
    assert [row.label for row in duty_figures.rows(Grouping.MONTH, found)] == ["November 2025", "February 2026"]


def test_whoever_sees_every_unit_reads_them_by_unit_category_and_month() -> None:
    constable, elsewhere = a_line()[0], a_line(unit=UnitFactory(code="NE", name="North East"))[0]
    for _ in range(6):
        send(constable, categories=[Category.RACIST])
    send(elsewhere, categories=[Category.SEXIST])
    send(constable, confidential=True)
    reckoning.reckon_all()
    viewer, month = auditor(), f"{timezone.localdate():%B %Y}"
    assert [line[0] for line in lines(viewer).values()] == ["duties", "5", "fewer than 5", "fewer than 5", "5"]
    assert list(lines(viewer)) == ["Unit", "CN Central North", "NE North East", "Unit kept back", "All"]
    assert lines(viewer, "?by=category")["Sexist or misogynistic"][0] == "fewer than 5"
    assert lines(viewer, "?by=month")[month][0] == "5"
    assert list(lines(viewer, "?unit=NE&by=month")) == ["Month", month, "All"]
    assert lines(viewer, "?category=racist")["All"][0] == "5"
    assert lines(viewer, "?first=2026-01&last=2026-01") == {"Unit": lines(viewer)["Unit"], "All": ["0", "0", "", "0", *[""] * 6]}
    assert list(lines(viewer, "?by=nonsense&unit=ZZ&first=x")) == ["Unit", "CN Central North", "NE North East", "Unit kept back", "All"]


def test_every_chart_can_be_read_as_a_table_and_as_a_file() -> None:
    constable, *_ = a_line()
    for _ in range(6):
        send(constable)
    reckoning.reckon_all()
    shown = page(auditor(), "?by=category")
    for title in ("Duties that missed a deadline", "Holders who stepped aside"):
        assert f'Show as a table<span class="govuk-visually-hidden">: {title}<' in shown
    assert 'href="/figures/duties.csv?by=category"' in shown


def test_a_chart_with_too_few_to_show_offers_no_table() -> None:
    constable, *_ = a_line()
    for _ in range(6):
        send(constable)
    reckoning.reckon_all()
    shown = page(auditor())
    assert "Too few to show." in shown
    assert 'as a table<span class="govuk-visually-hidden">: From opened to acted' not in shown


def test_a_manager_reads_their_own_unit_alone_whatever_the_address_says() -> None:
    elsewhere = UnitFactory(code="NE", name="North East")
    for constable in (a_line()[0], a_line(unit=elsewhere)[0]):
        for _ in range(6 if constable.unit == elsewhere else 12):
            send(constable)
    reckoning.reckon_all()
    manager = somebody(rank=Rank.INSPECTOR, unit=elsewhere)
    assert lines(manager, "?by=unit&unit=CN")["All"][0] == "5"
    assert "Central North" not in page(manager, "?by=unit&unit=CN")


def test_an_excluded_manager_reads_byte_for_byte_what_they_would_without_the_report() -> None:
    constable, *_ = a_line()
    accused = somebody(rank=Rank.INSPECTOR, unit=constable.unit)
    for _ in range(9):
        send(constable)
    reckoning.reckon_all()
    addresses = ("", "?by=category", "?by=month&category=racist")
    before = [(page(accused, address).split('id="duties"')[1], page(accused, address, file=True)) for address in addresses]
    send(constable, excluded={accused: Excluded.SENDER})
    reckoning.reckon_all()
    assert [(page(accused, address).split('id="duties"')[1], page(accused, address, file=True)) for address in addresses] == before
    assert lines(auditor())["All"][0] == "10"


def test_figures_that_were_not_counted_for_long_say_since_when() -> None:
    Reckoned.objects.update(at=timezone.now() - timedelta(minutes=20))
    assert "last counted" not in page(auditor())
    Reckoned.objects.update(at=timezone.now() - timedelta(hours=2))
    assert "last counted" in page(auditor())


def test_the_file_is_for_whoever_sees_the_page() -> None:
    client = Client()
    assert client.get("/figures/duties.csv").headers["Location"].startswith("/accounts/login/")
    client.force_login(somebody(rank=Rank.CONSTABLE))
    assert client.get("/figures/duties.csv").status_code == 404
    client.force_login(auditor())
    assert client.post("/figures/duties.csv").status_code == 405
    assert client.get("/figures/duties.csv").headers["Content-Type"] == "text/csv; charset=utf-8"
