from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Person, Post
from portal.people.tests.factories import PersonFactory, desk
from portal.record.models import Fact
from reporting.escalation import lapsing, policies
from reporting.escalation.ladder import in_force
from reporting.escalation.reminding import remind
from reporting.escalation.routing import without_line
from reporting.models import EscalationPolicy, Report
from reporting.tests.browsing import signed_in
from reporting.tests.making import RUNGS, a_line, age, send, standards_officer, the_desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> Person:
    person: Person = PersonFactory(is_staff=True, is_superuser=True)
    return person


@pytest.fixture
def admin(administrator: Person) -> Client:
    return signed_in(administrator)


def given(policy: EscalationPolicy, *rows: dict[str, Any]) -> dict[str, Any]:
    """The admin's form for a policy with these levels."""
    kept = list(policy.rungs.order_by("level"))
    data: dict[str, Any] = {"name": policy.name, "categories": policy.categories, "precedence": policy.precedence}
    data |= {"rungs-TOTAL_FORMS": len(rows), "rungs-INITIAL_FORMS": len(kept)}
    for place, row in enumerate(rows):
        key = {"id": kept[place].pk} if place < len(kept) else {}
        data |= {f"rungs-{place}-{name}": value for name, value in {"counting": "elapsed", **row, **key}.items()}
    return data


def test_a_policy_for_every_report_and_one_for_risk_come_with_the_portal() -> None:
    assert [rung.least_rank for rung in in_force(urgent=False)] == [30, 40, 50, None]
    assert in_force(urgent=True)[0].minutes_to_act == 60


def test_a_saved_policy_is_a_fact_with_its_ladder(admin: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    rows = [
        {"level": 1, "least_rank": 30, "minutes_to_open": 30, "minutes_to_act": 60},
        {"level": 2, "post": the_desk().pk, "minutes_to_open": 30, "minutes_to_act": 60},
    ]
    response = admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/change/", given(policy, *rows))
    assert response.status_code == 302
    fact = Fact.objects.for_subject(f"policy:{policy.pk}").get()
    assert [rung["post"] for rung in fact.data["rungs"]] == [None, "professional-standards"]


DESK, CID = Post(code="professional-standards"), Post(code="cid")


@pytest.mark.parametrize(
    ("levels", "sentence"),
    [
        ([], "The last level must be a post"),
        ([(1, 30, None)], "The last level must be a post"),
        ([(1, None, CID), (2, None, DESK)], "Only the last level can be a post"),
        ([(1, None, None), (2, None, DESK)], "Give every level below the post a least rank"),
        ([(1, 40, None), (2, 30, None), (3, None, DESK)], "Each level's least rank"),
        ([(1, 30, None), (2, None, CID)], "The last level must be the professional standards desk"),
    ],
)
def test_a_ladder_that_does_not_climb_to_professional_standards_is_refused(levels: list[Any], sentence: str) -> None:
    assert sentence in str(policies.problem_with(levels))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"least_rank": 30, "minutes_to_open": 61, "minutes_to_act": 60}, "The time to open can’t be longer than the time to act."),
        ({"minutes_to_open": 30, "minutes_to_act": 60}, "Choose a least rank or a post, one of them at each level."),
    ],
    ids=["opens after it acts", "nobody"],
)
def test_the_admin_says_in_words_what_a_level_cannot_be(admin: Client, row: dict[str, Any], why: str) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    response = admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/change/", given(policy, {"level": 1, **row}))
    assert why in response.content.decode()
    assert not policy.rungs.exists()


def test_the_admin_refuses_a_ladder_without_a_post(admin: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    rows = [{"level": 1, "least_rank": 30, "minutes_to_open": 30, "minutes_to_act": 60}]
    response = admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/change/", given(policy, *rows))
    assert "The last level must be a post" in response.content.decode()
    assert not policy.rungs.exists()


def test_a_ladder_that_ends_at_another_desk_is_refused_with_what_to_do(admin: Client, administrator: Person) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    rows = [{"level": 1, "post": cid().pk, "minutes_to_open": 30, "minutes_to_act": 60}]
    page = admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/change/", given(policy, *rows)).content.decode()
    assert "Choose the post whose code is professional-standards." in page
    assert not policy.rungs.exists()
    policy.rungs.create(level=1, post=cid(), minutes_to_open=5, minutes_to_act=10)
    with pytest.raises(policies.Unusable, match="must be the professional standards desk"):
        policies.put_in_force(by=administrator, policy_id=policy.pk)


def test_the_list_of_policies_names_one_that_was_put_in_force_before_it_had_to_end_there(admin: Client) -> None:
    address = "/admin/reporting/escalationpolicy/"
    assert "is in force. The last level must be" not in admin.get(address).content.decode()
    EscalationPolicy.objects.get(urgent=False).rungs.filter(post__isnull=False).update(post=cid())
    page = admin.get(address).content.decode()
    assert page.count("is in force. The last level must be the professional standards desk") == 1
    assert "“Reports” is in force." in page


def test_a_report_that_leaves_the_line_out_goes_to_professional_standards_whatever_is_in_force() -> None:
    EscalationPolicy.objects.get(urgent=False).rungs.filter(post__isnull=False).update(post=cid())
    assert [rung.post for rung in without_line(in_force(urgent=False))] == ["professional-standards"]
    assert in_force(urgent=False)[-1].post == "cid"


def cid() -> Post:
    return desk(code="cid")


def test_putting_one_in_force_takes_the_other_out(administrator: Person) -> None:
    before = EscalationPolicy.objects.get(urgent=False)
    policy = EscalationPolicy.objects.create(name="Trial")
    with pytest.raises(policies.Unusable):
        policies.put_in_force(by=administrator, policy_id=policy.pk)
    policy.rungs.create(level=1, post=the_desk(), minutes_to_open=5, minutes_to_act=10)
    policies.put_in_force(by=administrator, policy_id=policy.pk)
    before.refresh_from_db()
    assert (before.in_force, [rung.post for rung in in_force(urgent=False)]) == (False, ["professional-standards"])


def test_a_policy_in_force_cannot_be_deleted(admin: Client) -> None:
    policy = EscalationPolicy.objects.get(urgent=False)
    assert admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/delete/", {"post": "yes"}).status_code == 403
    assert EscalationPolicy.objects.filter(pk=policy.pk).exists()


def a_policy(name: str, *categories: str, **fields: Any) -> EscalationPolicy:
    policy = EscalationPolicy.objects.create(name=name, categories=list(categories), **fields)
    policy.rungs.create(level=1, post=the_desk(), minutes_to_open=5, minutes_to_act=10)
    return policy


def in_force_now() -> set[str]:
    return set(EscalationPolicy.objects.filter(in_force=True).values_list("name", flat=True))


def test_a_policy_for_a_category_stands_beside_the_one_for_any(administrator: Person) -> None:
    policies.put_in_force(by=administrator, policy_id=a_policy("Racist", "racist").pk)
    assert in_force_now() == {"Reports", "Somebody is at risk now", "Racist"}


def test_a_policy_for_the_same_categories_takes_the_place_of_the_one_before(administrator: Person) -> None:
    for name in ("First", "Second"):
        policies.put_in_force(by=administrator, policy_id=a_policy(name, "racist", "sexist").pk)
    assert in_force_now() == {"Reports", "Somebody is at risk now", "Second"}
    told = [fact.data["in_force"] for fact in Fact.objects.of_kind("policy.changed").order_by("pk")]
    assert told == [True, False, True]


def test_two_policies_that_a_report_could_have_both_of_are_refused_with_the_same_precedence(administrator: Person) -> None:
    policies.put_in_force(by=administrator, policy_id=a_policy("Racist", "racist").pk)
    second = a_policy("Sexist", "sexist")
    with pytest.raises(policies.Unusable, match="same precedence"):
        policies.put_in_force(by=administrator, policy_id=second.pk)
    EscalationPolicy.objects.filter(pk=second.pk).update(precedence=2)
    policies.put_in_force(by=administrator, policy_id=second.pk)
    assert {"Racist", "Sexist"} < in_force_now()


def test_the_database_refuses_an_unclear_choice_too(administrator: Person) -> None:
    policies.put_in_force(by=administrator, policy_id=a_policy("Racist", "racist").pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_policy("Sexist", "sexist", in_force=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        a_policy("Another for any", in_force=True, precedence=9)


def test_a_policy_for_some_reports_can_be_taken_out_of_force_and_the_one_for_any_cannot(admin: Client, administrator: Person) -> None:
    policies.put_in_force(by=administrator, policy_id=a_policy("Racist", "racist").pk)
    chosen = list(EscalationPolicy.objects.values_list("pk", flat=True))
    page = admin.post("/admin/reporting/escalationpolicy/", {"action": "take_out_of_force", "_selected_action": chosen}, follow=True)
    assert "Every report needs a ladder." in page.content.decode()
    assert in_force_now() == {"Reports"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"categories": ["racist"]}, "Every report needs a ladder."),
        ({"urgent": "on"}, "Every report needs a ladder."),
        ({"precedence": 0}, "greater than or equal to 1"),
        ({"categories": ["nothing"]}, "Select a valid choice"),
    ],
)
def test_the_policy_that_every_report_falls_back_on_stays_that(admin: Client, change: dict[str, Any], sentence: str) -> None:
    policy = EscalationPolicy.objects.get(urgent=False)
    rows = [{"level": 1, "post": the_desk().pk, "minutes_to_open": 30, "minutes_to_act": 60}]
    response = admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/change/", {**given(policy, *rows), **change})
    assert sentence in response.content.decode()
    policy.refresh_from_db()
    assert (policy.categories, policy.urgent) == ([], False)


@pytest.mark.parametrize(("change", "sentence"), [({"categories": ["racist"]}, "same reports"), ({"precedence": 1}, "same precedence")])
def test_a_policy_in_force_is_not_edited_into_an_unclear_choice(
    admin: Client, administrator: Person, change: dict[str, Any], sentence: str
) -> None:
    second = a_policy("Sexist", "sexist", precedence=2)
    for policy in (a_policy("Racist", "racist"), second):
        policies.put_in_force(by=administrator, policy_id=policy.pk)
    rows = [{"level": 1, "post": the_desk().pk, "minutes_to_open": 30, "minutes_to_act": 60}]
    response = admin.post(f"/admin/reporting/escalationpolicy/{second.pk}/change/", {**given(second, *rows), **change})
    assert sentence in response.content.decode()


def test_a_level_that_counts_working_hours_says_so_in_the_record_and_in_words(admin: Client) -> None:
    policy = EscalationPolicy.objects.create(name="Trial")
    rows = [{"level": 1, "post": the_desk().pk, "minutes_to_open": 30, "minutes_to_act": 60, "counting": "working"}]
    admin.post(f"/admin/reporting/escalationpolicy/{policy.pk}/change/", given(policy, *rows))
    fact = Fact.objects.for_subject(f"policy:{policy.pk}").get()
    assert fact.data["rungs"][0]["counting"] == "working"
    assert policies.in_words(policy).endswith("act in 60 of working hours")


def test_a_report_keeps_the_ladder_it_was_sent_with(administrator: Person) -> None:
    report = send(a_line()[0])
    policy = EscalationPolicy.objects.create(name="Trial")
    policy.rungs.create(level=1, post=the_desk(), minutes_to_open=5, minutes_to_act=10)
    policies.put_in_force(by=administrator, policy_id=policy.pk)
    report.refresh_from_db()
    assert len(report.ladder) == len(RUNGS)


def test_no_report_content_is_in_the_admin(admin: Client) -> None:
    page = admin.get("/admin/").content.decode()
    assert "/admin/reporting/escalationpolicy/" in page
    for name in ("report", "duty", "draft", "message", "attachment", "decision", "exclusion", "lapse"):
        assert f"/admin/reporting/{name}/" not in page
    assert Report.objects.count() == 0


def test_each_member_is_reminded_once_a_day_of_what_is_overdue() -> None:
    accused, free = standards_officer(), standards_officer()
    for _ in range(2):
        age(send(a_line()[0], excluded={accused: "named"}, skip_line=True), days=4)  # type: ignore[dict-item]
    lapsing.fire_due()
    Outbox.objects.all().delete()
    today = timezone.localdate()
    remind(today=today)
    remind(today=today)
    notice = Outbox.objects.get()
    assert (notice.to, notice.subject) == (free, "2 reports overdue with the professional standards desk")


def test_nobody_is_reminded_of_nothing() -> None:
    send(a_line()[0])
    assert remind(today=timezone.localdate()) == 0


def test_policies_are_exported_with_their_ladders(admin: Client) -> None:
    chosen = list(EscalationPolicy.objects.values_list("pk", flat=True))
    sent = admin.post("/admin/reporting/escalationpolicy/", {"action": "export_as_csv", "_selected_action": chosen})
    lines = b"".join(sent.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1 + len(chosen)
    assert "1: Inspector, open in 120 minutes" in lines[1] + lines[2]


def test_the_list_of_policies_says_at_once_which_are_in_force(admin: Client) -> None:
    page = admin.get("/admin/reporting/escalationpolicy/").content.decode()
    assert re.findall(r'class="[^"]*column-(\w+)"', page) == ["name", "in_force", "only_at_risk", "named", "precedence"]
