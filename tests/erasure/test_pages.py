"""The pages of erasing sealed words, and what every page says where the words stood."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from devices.models import Discrepancy
from guidance.waiting import questions_for
from portal.erasure import erasing
from portal.erasure.models import Erasure
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.requests.choices import Ground
from portal.vault.sealing import open_sealed
from reporting.tests.browsing import text
from tests.erasure.conftest import WORD, Case, a_note, a_question
from tests.erasure.test_erasing import asked, erased

pytestmark = pytest.mark.django_db
FORM = {"ground": "order", "reason": "Order 12 of the county court"}


def sign_in(client: Client, person: Person) -> Client:
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_one_asks_on_the_page_and_another_erases(client: Client, case: Case) -> None:
    page = text(sign_in(client, case.one).get(case.address))
    assert "Ask to erase" in page
    assert "under a lawful order only" in page
    assert WORD not in page
    own = text(client.post(case.address, FORM, follow=True))
    assert "You asked to erase these words. A second person decides" in own
    assert "Withdraw the request" in own
    assert "Erase for good" not in own
    theirs = text(sign_in(client, case.other).get(case.address))
    assert "Order 12 of the county court" in theirs
    assert WORD not in theirs
    done = text(client.post(f"{case.address}confirm/", follow=True))
    assert "The words were erased" in done
    assert "under a lawful order" in done
    assert case.one.name_and_unit in done


def test_the_front_page_of_the_second_person_leads_to_it_and_the_askers_does_not(client: Client, case: Case) -> None:
    asked(case)
    assert case.address in text(sign_in(client, case.other).get("/"))
    assert case.address not in text(sign_in(client, case.one).get("/"))
    assert case.address not in text(sign_in(client, case.stranger).get("/"))


def test_each_page_reads_what_it_is_about_once(client: Client, case: Case) -> None:
    sign_in(client, case.other)
    assert reads(client, case) == 1
    asked(case)
    assert reads(client, case) == 2, "once more as whoever asked, who must still be one who may"
    assert reads(client, case, {"reason": " "}) == 2
    client.post(f"{case.address}confirm/")
    assert reads(client, case) == 1


def reads(client: Client, case: Case, refused: dict[str, str] | None = None) -> int:
    """How often the table of the words is read for the page, or for what a wrong form is answered with."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(case.address) if refused is None else client.post(f"{case.address}refuse/", refused)
    assert answer.status_code == 200
    table = {"question": "guidance_question", "discrepancy": "devices_discrepancy"}[case.kind]
    return sum(f'FROM "{table}"' in query["sql"] for query in seen)


def test_the_second_person_refuses_with_a_reason(client: Client, case: Case) -> None:
    asked(case)
    sign_in(client, case.other)
    wrong = text(client.post(f"{case.address}refuse/", {"reason": " "}))
    assert "Enter why you refuse" in wrong
    assert "<title>Error: " in wrong
    assert "You refused the request" in text(client.post(f"{case.address}refuse/", {"reason": "Not in the order"}, follow=True))
    assert "Nobody asks to erase these words any more" in text(client.post(f"{case.address}confirm/", follow=True))
    assert open_sealed(case.container)
    again = text(sign_in(client, case.one).get(case.address))
    assert f"{case.other.name_and_unit} refused a request to erase it" in again
    assert "Not in the order" in again


def test_the_asker_withdraws_and_cannot_decide(client: Client, case: Case) -> None:
    asked(case)
    sign_in(client, case.one)
    for verb, given in (("confirm", {}), ("refuse", {"reason": "x"})):
        assert "so somebody else" in text(client.post(f"{case.address}{verb}/", given))
    assert "You withdrew the request" in text(client.post(f"{case.address}withdraw/", follow=True))
    assert open_sealed(case.container)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"reason": "x"}, "Select under what it is to be erased"),
        ({"ground": "retention", "reason": "x"}, "Select a lawful order: the retention rule does not reach this"),
        ({"ground": "order", "reason": ""}, "Enter why it is to be erased"),
        ({"ground": "whim", "reason": "x"}, "Select a lawful order"),
    ],
)
def test_a_bad_request_gets_a_sentence_and_asks_for_nothing(client: Client, case: Case, given: dict[str, str], sentence: str) -> None:
    assert sentence in text(sign_in(client, case.one).post(case.address, given))
    assert not Erasure.objects.exists()


def test_who_may_not_finds_nothing(client: Client, case: Case) -> None:
    asked(case)
    for person in (case.stranger, PersonFactory()):
        sign_in(client, person)
        assert client.get(case.address).status_code == 404
        assert client.get(f"/erasures/{case.kind}/").status_code == 404
        for verb in ("", "withdraw/", "confirm/", "refuse/"):
            assert client.post(case.address + verb, FORM).status_code == 404


def test_other_addresses_and_methods_are_refused(client: Client, case: Case) -> None:
    sign_in(client, case.other)
    unknown = [f"/erasures/{case.kind}/x/", f"/erasures/{case.kind}/{'9' * 30}/", "/erasures/nothing/", f"/erasures/nothing/{case.key}/"]
    for address in unknown:
        assert client.get(address).status_code == 404
    assert client.put(case.address).status_code == 405
    for verb in ("withdraw/", "confirm/", "refuse/"):
        assert client.get(case.address + verb).status_code == 405


def test_an_anonymous_visitor_signs_in_first(client: Client, case: Case) -> None:
    for address in (case.address, f"/erasures/{case.kind}/"):
        assert client.get(address)["Location"].startswith("/accounts/login/")
    assert client.post(f"{case.address}confirm/")["Location"].startswith("/accounts/login/")


def test_a_second_request_says_that_somebody_asked(client: Client, case: Case) -> None:
    asked(case)
    assert "Somebody has already asked" in text(sign_in(client, case.other).post(case.address, FORM))


def test_the_list_shows_what_waits_and_what_is_past_its_date(client: Client, case: Case) -> None:
    sign_in(client, case.other)
    assert case.address in text(client.get(f"/erasures/{case.kind}/"))
    asked(case)
    assert "Waiting for a second person" in text(client.get(f"/erasures/{case.kind}/?page=x"))
    erasing.erase(person=case.other, key=Erasure.objects.get().pk)
    assert "There is nothing to erase." in text(client.get(f"/erasures/{case.kind}/"))


def test_where_the_words_stood_it_says_when_and_on_which_ground(client: Client, case: Case) -> None:
    before = text(sign_in(client, case.reader).get(case.page))
    assert WORD in before
    erased(case)
    after = client.get(case.page)
    assert after.status_code == 200
    assert WORD not in text(after)
    assert "These words were erased at" in text(after)
    assert "under a lawful order." in text(after)
    for address in ("/receipts/", "/"):
        assert client.get(address, follow=True).status_code == 200


def test_every_step_after_an_erasure_leads_to_the_page_that_says_so(client: Client, case: Case) -> None:
    erased(case)
    sign_in(client, case.other)
    for verb in ("", "withdraw/", "confirm/", "refuse/"):
        answer = client.post(case.address + verb, {**FORM}, follow=True)
        assert answer.status_code == 200
        assert "was erased" in text(answer)


def test_an_erased_question_leaves_the_lists_of_those_who_answer(client: Client) -> None:
    case = a_question(answered=False)
    assert questions_for(case.one)
    sign_in(client, case.one)
    assert "Erase this question" in text(client.get(case.page))
    erased(case)
    assert not questions_for(case.one)
    assert "Erased" in text(client.get("/guidance/code/questions/"))
    page = client.post(case.page, {"text": "An answer that came too late"})
    assert page.status_code == 200
    assert "This question was erased while you were writing" in text(page)
    assert "An answer that came too late" in text(page)
    assert "Who erased it" in text(page)
    mine = text(sign_in(client, case.reader).get("/guidance/code/"))
    assert ": erased." in mine.replace("</a>", "")
    assert "Erase this question" not in text(client.get(case.page))


def test_the_admin_never_shows_a_note_and_says_that_it_was_erased(client: Client) -> None:
    case = a_note()
    case.other.is_staff = True
    case.other.groups.set(Group.objects.filter(name=Role.ADMINISTRATOR))
    case.other.save()
    address = f"/admin/devices/discrepancy/{case.key}/change/"
    page = text(sign_in(client, case.other).get(address))
    assert case.address in page
    assert WORD not in page
    erased(case)
    assert "These words were erased at" in text(client.get(address))
    assert client.get("/admin/devices/discrepancy/").status_code == 200
    assert Discrepancy.objects.get(pk=case.key).closed_at


def test_the_retention_rule_is_offered_once_it_holds(client: Client, settings: Any, case: Case) -> None:
    settings.RETENTION_YEARS = 0
    page = text(sign_in(client, case.one).get(case.address))
    assert "The retention rule" in page
    client.post(case.address, {**FORM, "ground": "retention"})
    assert Erasure.objects.get().ground == Ground.RETENTION


def test_the_pages_of_standards_and_of_stores_lead_to_what_can_be_erased(client: Client) -> None:
    question, note = a_question(), a_note()
    assert "/erasures/question/" in text(sign_in(client, question.other).get("/standards/"))
    sign_in(client, note.one)
    assert "/erasures/discrepancy/" in text(client.get("/stores/discrepancies/"))
    assert note.address in text(client.get(note.page))
    asked(note)
    assert "Read it" in text(client.get(note.address))
    assert "not shown to you" in text(sign_in(client, note.other).get(note.address))
