from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from portal.notices.models import Outbox, When
from portal.notices.tests.making import choose, deliver_all
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.sealing import Erased, commitment, open_all
from reporting.agreement.agreeing import disagreements
from reporting.choices import Excluded, NameState, Withholding
from reporting.confidence import names, naming
from reporting.confidence.naming import CannotOpen, Withheld
from reporting.holding import NotYours
from reporting.models import Exclusion, NameOpening, Report
from reporting.statements import parts
from reporting.statements.parts import Party
from reporting.tests.erasures import erased
from reporting.tests.making import a_line, chain, looks, open_duty_of, send, standards_officer
from reporting.timeline import timeline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
REASON = "A witness has to be asked in person."


@pytest.fixture
def report() -> Report:
    return send(a_line(first_name="Quentin")[0], confidential=True)


def later(days: float = 10) -> Withheld:
    return Withheld(Withholding.INVESTIGATION, "They would warn the sender.", timezone.now() + timedelta(days=days))


def asked(report: Report, person: Person, withheld: Withheld | None = None) -> NameOpening:
    return naming.ask_to_open(person=person, report_id=report.pk, reason=REASON, withheld=withheld)


def opened(report: Report, one: Person, other: Person, withheld: Withheld | None = None, *, tell_now: bool = False) -> NameOpening:
    return naming.open_name(person=other, key=asked(report, one, withheld).pk, tell_now=tell_now)


def seen_by(person: Person, report: Report) -> str:
    return "\n".join(f"{event.text} {event.detail}" for event in timeline(report, viewer=person))


def test_two_persons_open_a_name_and_they_alone_see_it(report: Report, one: Person, other: Person) -> None:
    third, holder = standards_officer(), open_duty_of(report).holder
    assert holder is not None
    assert not any(names.sees_reporter(person, report) for person in (one, other, third, holder))
    opened(report, one, other)
    assert [names.sees_reporter(person, report) for person in (one, other, third, holder)] == [True, True, False, False]
    assert report.reporter.plain_name in seen_by(one, report)
    for person in (third, holder):
        assert report.reporter.plain_name not in seen_by(person, report)


def test_an_opening_runs_out_by_the_databases_clock(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other)
    assert opening.open_until is not None
    assert opening.decided_at is not None
    assert opening.open_until - opening.decided_at == naming.OPEN_FOR
    NameOpening.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    assert not names.sees_reporter(one, report)
    with pytest.raises(CannotOpen, match="closed already"):
        naming.close(person=one, key=opening.pk)


def test_either_of_the_two_closes_it_for_both(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other)
    with pytest.raises(CannotOpen, match="already"):
        asked(report, other)
    with pytest.raises(NotYours):
        naming.close(person=standards_officer(), key=opening.pk)
    naming.close(person=other, key=opening.pk)
    assert not names.sees_reporter(one, report)
    assert not names.sees_reporter(other, report)


def test_whoever_leaves_professional_standards_sees_it_no_more(report: Report, one: Person, other: Person) -> None:
    opened(report, one, other)
    one.groups.clear()
    assert not names.sees_reporter(Person.objects.get(pk=one.pk), report)


@pytest.mark.parametrize("how", ["left the role", "left the force", "excluded"])
def test_a_name_is_not_opened_for_somebody_who_asked_and_may_not_know_of_it_any_more(
    report: Report, one: Person, other: Person, how: str
) -> None:
    opening = asked(report, one)
    if how == "excluded":
        Exclusion.objects.create(report=report, person=one, why=Excluded.DECLARED)
    elif how == "left the role":
        one.groups.clear()
    else:
        Person.objects.filter(pk=one.pk).update(is_active=False)
    with pytest.raises(CannotOpen, match="Refuse it"):
        naming.open_name(person=other, key=opening.pk, tell_now=True)
    assert not names.sees_reporter(other, report)
    naming.refuse(person=other, key=opening.pk, reason="Nobody needs it.")


def test_nobody_decides_their_own_request(report: Report, one: Person) -> None:
    opening = asked(report, one)
    with pytest.raises(CannotOpen, match="somebody else"):
        naming.open_name(person=one, key=opening.pk, tell_now=True)
    with pytest.raises(CannotOpen, match="somebody else"):
        naming.refuse(person=one, key=opening.pk, reason="No")
    for by in (one, None):
        given = {"state": NameState.OPENED, "decided_by": by, "decided_at": F("asked_at"), "open_until": F("asked_at")}
        with pytest.raises(IntegrityError, match="name_two_people"), transaction.atomic():
            NameOpening.objects.filter(pk=opening.pk).update(**given)
    assert not names.sees_reporter(one, report)


def test_excluded_people_and_everybody_else_take_no_part(one: Person) -> None:
    hidden, reporter = standards_officer(), standards_officer()
    report = send(reporter, confidential=True, excluded={hidden: Excluded.NAMED})
    holder = PersonFactory(rank=60)
    administrator = PersonFactory(is_superuser=True)
    administrator.groups.add(Group.objects.get_or_create(name=Role.ADMINISTRATOR)[0])
    opening = asked(report, one)
    for person in (hidden, reporter, holder, administrator, standards_officer(is_active=False)):
        with pytest.raises(NotYours):
            asked(report, person)
        with pytest.raises(NotYours):
            naming.open_name(person=person, key=opening.pk, tell_now=True)
        with pytest.raises(NotYours):
            naming.refuse(person=person, key=opening.pk, reason="No")
    told = set(Outbox.objects.filter(kind="report.name_asked").values_list("to", flat=True))
    assert told.isdisjoint({hidden.pk, reporter.pk, holder.pk, one.pk})
    with pytest.raises(NotYours):
        naming.withdraw(person=one, key=uuid.uuid4())


def test_a_name_that_is_not_kept_back_cannot_be_asked_for(one: Person) -> None:
    with pytest.raises(NotYours):
        asked(send(a_line()[0]), one)


def test_the_reporter_is_told_at_once_and_not_by_whom(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other)
    notice = Outbox.objects.get(to=report.reporter, kind="report.name_opened")
    assert notice.link == f"/reports/{report.reference}/"
    for text in (notice.body, seen_by(report.reporter, report)):
        assert "two people in professional standards opened" in text
        assert not any(person.last_name in text for person in (one, other))
        assert REASON not in text
    assert opening.reporter_told_at is not None
    assert looks(report)[-3:] == ["name.asked", "name.opened", "name.told"]


def test_a_reporter_who_wants_no_word_of_their_reports_is_told_that_their_name_was_opened(
    report: Report, one: Person, other: Person
) -> None:
    choose(report.reporter, groups={"reports": When.NEVER})
    opened(report, one, other)
    deliver_all()
    (letter,) = (letter for letter in mail.outbox if letter.to == [report.reporter.email])
    assert "opened your name" in letter.subject


def test_withholding_needs_a_ground_a_reason_and_a_day_and_both_persons(report: Report, one: Person, other: Person) -> None:
    with pytest.raises(CannotOpen, match="90 days"):
        asked(report, one, later(days=91))
    with pytest.raises(CannotOpen, match="90 days"):
        asked(report, one, later(days=-1))
    opening = opened(report, one, other, later())
    assert (opening.withholding, opening.reporter_told_at) == (Withholding.INVESTIGATION, None)
    assert not Outbox.objects.filter(to=report.reporter, kind="report.name_opened").exists()
    assert "name" not in seen_by(report.reporter, report)
    assert naming.words_of(opening) == {"reason": REASON, "withheld": "They would warn the sender."}
    fact = Fact.objects.for_subject(report.consultations).get(kind="name.opened")
    assert (fact.data["ground"], fact.actor) == ("investigation", f"person:{other.pk}")


def test_the_second_person_may_open_it_and_tell_the_reporter_at_once(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other, later(), tell_now=True)
    assert (opening.withholding, opening.withheld_until) == ("", None)
    assert Outbox.objects.filter(to=report.reporter, kind="report.name_opened").exists()


def test_when_the_withholding_runs_out_the_reporter_is_told_once(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other, later())
    naming.close(person=one, key=opening.pk)
    assert naming.tell_due() == 0
    NameOpening.objects.update(withheld_until=timezone.now())
    assert (naming.tell_due(), naming.tell_due()) == (1, 0)
    assert "held back from you until now" in Outbox.objects.get(to=report.reporter, kind="report.name_opened").body
    assert "held back from you until now" in seen_by(report.reporter, report)
    assert looks(report)[-1] == "name.told"


def test_the_two_may_tell_the_reporter_earlier(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other, later())
    with pytest.raises(NotYours):
        naming.end_withholding(person=standards_officer(), key=opening.pk)
    naming.end_withholding(person=one, key=opening.pk)
    with pytest.raises(CannotOpen, match="told already"):
        naming.end_withholding(person=other, key=opening.pk)
    assert Outbox.objects.filter(to=report.reporter, kind="report.name_opened").count() == 1


def test_a_request_that_was_decided_or_withdrawn_is_not_decided_again(report: Report, one: Person, other: Person) -> None:
    first = asked(report, one)
    with pytest.raises(CannotOpen, match="already asked"):
        asked(report, other)
    with pytest.raises(CannotOpen, match="Only the person who asked"):
        naming.withdraw(person=other, key=first.pk)
    naming.withdraw(person=one, key=first.pk)
    second = asked(report, one)
    naming.refuse(person=other, key=second.pk, reason="Ask them here instead.")
    for opening in (first, second):
        with pytest.raises(CannotOpen, match="already"):
            naming.open_name(person=other, key=opening.pk, tell_now=True)
    assert "Ask them here instead." in seen_by(one, report)
    assert Outbox.objects.get(to=one, kind="report.name_decided").link == f"/standards/{report.reference}/name/"
    assert not Outbox.objects.filter(to=report.reporter, kind="report.name_opened").exists()


def test_nothing_of_it_stands_on_the_chain_that_holders_read(report: Report, one: Person, other: Person) -> None:
    before = chain(report)
    opening = opened(report, one, other, later())
    assert chain(report) == before
    fact = Fact.objects.for_subject(report.consultations).get(kind="name.asked")
    kept = open_all(report.container)
    assert json.loads(fact.sealed) == {
        name: commitment(kept[name].salt, kept[name].value) for name in (f"name-reason-{opening.pk}", f"name-withheld-{opening.pk}")
    }
    assert str(report.reporter_id) not in "".join(fact.leaf for fact in Fact.objects.for_subject(report.consultations))
    holder = open_duty_of(report).holder
    assert holder is not None
    assert "name" not in seen_by(holder, report)
    assert list(disagreements()) == []


def test_a_statement_for_professional_standards_never_holds_the_key_of_the_reporter(report: Report, one: Person, other: Person) -> None:
    opened(report, one, other)
    given = parts.part(Party.STANDARDS, one, report, parts.facts_of(report))
    assert [piece.withheld for piece in given] == [True, False]
    assert all(str(report.reporter_id) not in piece.fact.leaf for piece in given if not piece.withheld)


def test_the_reasons_go_with_the_report_and_the_reporter_is_told_all_the_same(report: Report, one: Person, other: Person) -> None:
    opening = opened(report, one, other, later())
    erased(report, one, other)
    assert not names.sees_reporter(one, Report.objects.get(pk=report.pk))
    with pytest.raises(Erased):
        naming.words_of(NameOpening.objects.get(pk=opening.pk))
    with pytest.raises(Erased):
        naming.close(person=one, key=opening.pk)
    NameOpening.objects.update(withheld_until=timezone.now())
    assert naming.tell_due() == 1
