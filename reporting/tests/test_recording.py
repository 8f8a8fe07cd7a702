from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.models import Item
from portal.vault.sealing import read_text
from reporting import acting, stepping_aside, unrecorded
from reporting.adding import add_to_report
from reporting.agreement.agreeing import disagreements
from reporting.choices import Outcome
from reporting.desk import checklists
from reporting.escalation import lapsing
from reporting.models import ChecklistItem, Decision, Report, Unrecorded
from reporting.tests.browsing import signed_in, text
from reporting.tests.erasures import erased
from reporting.tests.making import age, chain, send
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)
DONE = {"outcome": "local", "reasons": "Spoke to the group.", "shared": "Dealt with."}
NOTHING = {**DONE, "outcome": "no_action", "reasons": "It was a quotation."}


@pytest.fixture
def holder(people: list[Person]) -> Client:
    return signed_in(people[2])


@pytest.fixture
def items() -> list[ChecklistItem]:
    ChecklistItem.objects.all().delete()
    first = ChecklistItem.objects.create(key="read-it", outcomes=["local", "no_action"], text="I have read it", order=1, is_sample=True)
    return [first, ChecklistItem.objects.create(key="asked", outcomes=["local"], text="I have asked", order=2)]


def base(report: Report) -> str:
    return f"/duties/{report.reference}/"


def post(client: Client, report: Report, **more: Any) -> str:
    return text(client.post(f"{base(report)}act/", {**DONE, **more}, follow=True))


def test_no_further_action_is_recorded_only_after_its_reasons_were_read_again(holder: Client, report: Report) -> None:
    first = post(holder, report, **NOTHING)
    assert "Record this" not in first
    second = post(holder, report, **NOTHING, confirmed="yes")
    assert "Read your reasons once more" in second
    assert "Save and come back" in second
    assert second.count("It was a quotation.") == 2  # shown, and carried along
    assert Decision.objects.count() == 0
    post(holder, report, **NOTHING, confirmed="yes", read_again="yes")
    assert Decision.objects.get().outcome == Outcome.NO_ACTION


def test_any_other_outcome_is_read_back_once(holder: Client, report: Report) -> None:
    assert "Record this" in post(holder, report)
    assert "What you did is recorded" in post(holder, report, confirmed="yes")


def test_from_the_second_reading_one_can_still_change_it(holder: Client, report: Report) -> None:
    page = post(holder, report, **NOTHING, confirmed="yes", change="yes")
    assert "Check and record" in page
    assert "It was a quotation." in page


def test_the_checklist_of_the_outcome_is_shown_before_it_is_recorded(holder: Client, report: Report, items: list[ChecklistItem]) -> None:
    page = post(holder, report)
    assert [item.text in page for item in items] == [True, True]
    assert "This list is a sample" in page
    shorter = post(holder, report, **NOTHING)
    assert "I have read it" in shorter
    assert "I have asked" not in shorter
    assert "Have you done these?" not in post(holder, report, outcome="corruption")


def test_ticks_are_kept_with_the_decision_and_the_fact_holds_their_keys(
    people: list[Person], holder: Client, report: Report, items: list[ChecklistItem]
) -> None:
    post(holder, report, confirmed="yes", checked=["read-it", "made-up"])
    decision, fact = Decision.objects.get(), Fact.objects.of_kind("duty.acted").get()
    assert (decision.checked, fact.data["checked"]) == (["read-it"], ["read-it"])
    assert "I have read it" not in fact.facts + fact.sealed
    words = "Checked: I have read it.\nNot checked: I have asked."
    assert read_text(report.container, f"checklist-{decision.duty_id}") == {f"checklist-{decision.duty_id}": words}
    assert words in str(timeline(report, viewer=people[2])).replace("\\n", "\n")
    assert "Not checked" not in str(timeline(report, viewer=people[0]))
    assert list(disagreements()) == []


def test_nothing_ticked_is_kept_too_and_an_outcome_without_a_list_keeps_none(
    people: list[Person], report: Report, items: list[ChecklistItem]
) -> None:
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.", checked=[])
    other = send(people[0])
    acting.act(person=people[2], report_id=other.pk, outcome=Outcome.CORRUPTION, reasons="Done.", checked=[])
    assert list(Decision.objects.order_by("pk").values_list("checked", flat=True)) == [[], None]
    assert list(disagreements()) == []


def test_ticks_are_carried_to_the_second_reading(holder: Client, report: Report, items: list[ChecklistItem]) -> None:
    assert 'value="read-it"' in post(holder, report, **NOTHING, confirmed="yes", checked=["read-it"])
    post(holder, report, **NOTHING, confirmed="yes", read_again="yes", checked=["read-it"])
    assert Decision.objects.get().checked == ["read-it"]


def test_an_administrator_keeps_the_lists_and_every_change_is_a_fact(client: Client, items: list[ChecklistItem]) -> None:
    administrator: Person = PersonFactory(is_staff=True)
    administrator.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    client.force_login(administrator)
    assert client.get("/admin/reporting/checklistitem/").status_code == 200
    new = {"key": "told", "text": "I have told somebody", "outcomes": ["local"], "order": 3, "in_use": "on"}
    client.post("/admin/reporting/checklistitem/add/", new)
    item = ChecklistItem.objects.get(key="told")
    client.post(f"/admin/reporting/checklistitem/{item.pk}/change/", {**new, "key": "other", "text": "I told somebody"})
    assert ChecklistItem.objects.get(pk=item.pk).key == "told"
    client.post("/admin/reporting/checklistitem/", {"action": "delete_selected", "_selected_action": item.pk, "post": "yes"})
    kinds = list(Fact.objects.for_subject("checklist:told").values_list("kind", flat=True))
    assert kinds == ["checklist.changed", "checklist.changed", "checklist.removed"]


def test_the_shipped_lists_are_marked_as_samples() -> None:
    assert not ChecklistItem.objects.filter(is_sample=False).exists()
    assert all(checklists.items_of(outcome) for outcome in Outcome)


def test_what_is_saved_is_sealed_records_nothing_and_comes_back(people: list[Person], holder: Client, report: Report) -> None:
    before = chain(report)
    page = post(holder, report, save="yes", reasons="Half a sentence", shared="")
    assert "Nothing is recorded yet" in page
    assert "Go on with it" in page
    assert chain(report) == [*before, "duty.opened"]
    assert not any(b"Half a sentence" in bytes(item.sealed or b"") for item in Item.objects.all())
    again = text(holder.get(f"{base(report)}act/"))
    assert "Half a sentence" in again
    assert "This is what you saved" in again
    post(holder, report, save="yes", reasons="A whole sentence")
    assert Unrecorded.objects.count() == Item.objects.filter(name__startswith="unrecorded-").count() == 1


def test_what_is_saved_is_its_writers_alone(people: list[Person], holder: Client, report: Report) -> None:
    post(holder, report, save="yes", reasons="Half a sentence")
    age(report, days=2)
    lapsing.fire_due()
    assert unrecorded.read(people[3], report) is None
    assert "Half a sentence" not in text(signed_in(people[3]).get(base(report)))
    assert "Half a sentence" not in text(signed_in(people[0]).get(f"/reports/{report.reference}/"))


def test_what_is_saved_outlives_the_duty_and_can_still_be_recorded_late(holder: Client, report: Report) -> None:
    post(holder, report, save="yes", reasons="Half a sentence")
    age(report, days=2)
    lapsing.fire_due()
    assert "Go on with it" in text(holder.get(base(report)))
    assert "Half a sentence" in text(holder.get(f"{base(report)}act/"))


def test_words_that_came_too_late_are_kept(people: list[Person], holder: Client, report: Report) -> None:
    age(report, days=2)
    assert "it is kept as late" in post(holder, report, confirmed="yes", reasons="All my words")
    kept = unrecorded.read(people[2], report)
    assert kept is not None
    assert kept.words == ["All my words", "Dealt with."]


def test_recording_discarding_and_stepping_aside_forget_what_was_saved(people: list[Person], holder: Client) -> None:
    recorded, discarded, aside = (send(people[0]) for _ in range(3))
    for report in (recorded, discarded, aside):
        post(holder, report, save="yes")
    post(holder, recorded, confirmed="yes")
    assert "is discarded" in text(holder.post(f"{base(discarded)}act/discard/", follow=True))
    stepping_aside.step_aside(person=people[2], report_id=aside.pk, reason="I know them.")
    assert not Unrecorded.objects.exists()
    assert not Item.objects.filter(name__startswith="unrecorded-").exists()


def test_what_is_saved_goes_with_the_report(one: Person, other: Person, holder: Client, report: Report) -> None:
    post(holder, report, save="yes")
    erased(report, one, other)
    assert not Unrecorded.objects.exists()
    assert holder.post(f"{base(report)}act/", {**DONE, "save": "yes"}).status_code == 410


def test_nobody_else_saves_or_discards(people: list[Person], report: Report) -> None:
    for client, status in ((signed_in(people[3]), 404), (signed_in(people[0]), 404), (Client(), 302)):
        assert client.post(f"{base(report)}act/", {**DONE, "save": "yes"}).status_code == status
        assert client.post(f"{base(report)}act/discard/").status_code == status
    assert signed_in(people[2]).get(f"{base(report)}act/discard/").status_code == 405


@pytest.mark.parametrize("outcome", [DONE, NOTHING])
def test_what_the_reporter_wrote_meanwhile_is_pointed_to_before_anything_is_recorded(
    people: list[Person], report: Report, holder: Client, outcome: dict[str, str]
) -> None:
    address = f"/duties/{report.reference}/act/"
    opened = holder.get(address).context["form"]["seen"].value()
    add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="He says he will hurt himself.")
    last = {**outcome, "seen": opened, "confirmed": "yes", "read_again": "yes"}
    again = holder.post(address, last)
    assert "The reporter has written since you began." in text(again)
    assert "report.acted" not in chain(report)
    assert not Decision.objects.exists()
    assert Unrecorded.objects.filter(report=report).exists()
    holder.post(address, {**last, "seen": again.context["form"]["seen"].value()})
    assert Decision.objects.get().outcome == outcome["outcome"]


def test_a_former_holder_is_not_told_that_the_reporter_wrote_after_their_turn(people: list[Person], report: Report, holder: Client) -> None:
    age(report, hours=3)
    lapsing.fire_due()
    add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="Something later.")
    page = holder.get(f"/duties/{report.reference}/act/")
    assert not page.context["form"]["seen"].value()
    holder.post(f"/duties/{report.reference}/act/", {**DONE, "late": "on", "confirmed": "yes"})
    assert Decision.objects.get().duty.holder == people[2]
