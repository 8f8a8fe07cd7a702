from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from celery import shared_task
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.notices.models import Outbox, State
from portal.notices.outbox import put
from portal.notices.tasks import deliver
from portal.people.tests.factories import PersonFactory
from portal.record import places, standing, state
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.signing import Forgotten
from portal.record.standing import Reason, RecordReadOnly
from portal.record.tests.restores import Backup, add
from portal.record.tests.test_keeping import rewrite
from portal.ui import errors
from portal.vault.tasks import sweep

SAID = "Nothing can be saved until that is put right"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def older(keeper: Keeper, owner_connection: Any) -> None:
    """A database of two facts where five were signed."""
    keeper.round()
    backup = Backup(owner_connection)
    add("report:a", "report:b", "report:c")
    keeper.round()
    keeper.close()
    backup.put_back()


def reason() -> Reason | None:
    standing.forget()
    found = standing.trouble()
    return found.reason if found else None


def test_a_database_that_goes_on_is_fine(keeper: Keeper) -> None:
    assert reason() is None
    keeper.round()
    add("report:a")
    assert reason() is None


def test_an_older_database_takes_no_fact(older: None) -> None:
    with pytest.raises(RecordReadOnly, match="a tree of 2 facts, but 5 were signed"):
        add("report:d")
    assert Fact.objects.count() == 2


@pytest.mark.parametrize(
    ("page", "status"),
    [
        (errors.bad_request, 400),
        (lambda request: errors.bad_request(request, RequestDataTooBig()), 413),
        (errors.server_error, 500),
        (errors.database_away, 503),
    ],
)
def test_a_page_about_a_failure_says_it_too_and_asks_the_database_nothing(
    older: None, page: Callable[[HttpRequest], HttpResponse], status: int, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SAID not in page(rf.get("/")).content.decode()  # nobody has looked yet
    assert reason() is Reason.BEHIND
    monkeypatch.setattr(connection, "ensure_connection", away)
    answer = page(rf.get("/"))
    assert (answer.status_code, SAID in answer.content.decode()) == (status, True)
    standing.forget()
    assert SAID not in page(rf.get("/")).content.decode()


def away() -> None:
    raise OperationalError("gone")


def test_another_tree_of_the_same_size_takes_no_fact(keeper: Keeper, owner_connection: Any) -> None:
    keeper.round()
    rewrite(owner_connection, "UPDATE record_treehead SET root = sha256('another')")
    assert reason() is Reason.FORKED


def test_a_state_that_is_lost_or_spoilt_takes_no_fact_and_costs_no_mirror(keeper: Keeper) -> None:
    add("report:a")
    keeper.round()
    keeper.close()
    kept = places.state().read_text()
    places.state().unlink()
    assert reason() is Reason.LOST
    with pytest.raises(Forgotten):
        keeper.round()
    assert places.mirror().size() == 3
    places.state().write_text(kept[:-9])
    assert reason() is Reason.UNREADABLE


def test_what_only_the_signer_can_see_is_told_to_every_process(keeper: Keeper, owner_connection: Any) -> None:
    keeper.round()
    keeper.close()
    (places.home() / "tiles" / "0").write_bytes(bytes(64))
    add("report:a")
    with pytest.raises(Exception, match="do not give the root"):
        keeper.round()
    assert reason() is Reason.HALTED
    with pytest.raises(RecordReadOnly, match="do not give the root"):
        add("report:b")


def test_a_signed_tree_that_somebody_else_holds_is_compared(keeper: Keeper) -> None:
    keeper.round()
    signed = state.read(places.state())
    assert standing.compare([(signed.size, signed.root)]) is None
    assert reason() is None
    found = standing.compare([(signed.size, signed.root), (9, bytes(32))])
    assert found is not None
    assert found.reason is Reason.BEHIND
    assert reason() is Reason.HALTED


def test_an_answer_is_kept_for_a_few_seconds_on_one_connection(older: None, django_assert_num_queries: Any, monkeypatch: Any) -> None:
    looks: list[int] = []
    monkeypatch.setattr(standing, "look", lambda: looks.append(1))
    standing.trouble()
    standing.trouble()
    assert len(looks) == 1
    connection.close()
    standing.trouble()
    assert len(looks) == 2, "a database is put back behind new connections"
    monkeypatch.setattr(standing, "LOOK_SECONDS", -1.0)
    standing.forget()
    standing.trouble()
    standing.trouble()
    assert len(looks) == 4


def test_a_database_that_is_away_is_said_in_its_own_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError

    monkeypatch.setattr(standing, "look", away)
    standing.forget()
    assert standing.shown() is None
    with pytest.raises(OperationalError):
        standing.trouble()


@pytest.fixture
def officer(client: Client) -> Client:
    client.force_login(PersonFactory.create(is_staff=True))
    return client


@pytest.mark.parametrize("path", ["/", "/record/", "/guidance/", "/handset/", "/accounts/login/", "/no-such-page/"])
def test_every_page_says_so(older: None, officer: Client, path: str) -> None:
    page = officer.get(path, follow=True).content.decode()
    assert "The portal’s record is not the one that was signed last" in page
    assert "Tell the service desk that the portal is read-only" in page


def test_only_staff_are_told_what_to_run(older: None, officer: Client) -> None:
    assert "manage.py reconcile_record" in officer.get("/guidance/").content.decode()
    officer.force_login(PersonFactory.create())
    assert "reconcile_record" not in officer.get("/guidance/").content.decode()


def test_the_admin_says_so_too(older: None, officer: Client) -> None:
    assert "The portal is read-only: the database holds a tree of 2 facts" in officer.get("/admin/").content.decode()


def test_no_page_says_so_while_all_is_well(keeper: Keeper, officer: Client) -> None:
    keeper.round()
    assert "signed last" not in officer.get("/guidance/").content.decode()


def test_a_form_is_refused_and_what_was_typed_is_kept(older: None, officer: Client) -> None:
    answer = officer.post("/reports/new/", {"message": "The cell door was left open all night"})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Nothing of this was saved" in page
    assert "The cell door was left open all night" in page
    assert "signed last" in page
    assert Fact.objects.count() == 2


def test_signing_in_and_out_still_works(older: None, client: Client) -> None:
    person = PersonFactory.create()
    person.set_password("a long password of mine")
    person.save()
    answer = client.post("/accounts/login/", {"login": person.email, "password": "a long password of mine"})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.post("/accounts/logout/").status_code == 302


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_unsafe_methods_are_refused_too(older: None, officer: Client, method: str) -> None:
    assert getattr(officer, method)("/handset/").status_code == 503


def test_a_page_whose_opening_is_recorded_stays_closed(older: None, officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.record.views.published.window", lambda: add("report:a"))
    answer = officer.get("/record/")
    assert answer.status_code == 503
    assert "Opening this page is itself recorded" in answer.content.decode()


def test_a_page_that_reads_a_spoilt_state_says_so(keeper: Keeper, officer: Client) -> None:
    keeper.round()
    places.state().write_text("{}")
    standing.forget()
    answer = officer.get("/record/")
    assert answer.status_code == 503
    assert "missing or damaged" in answer.content.decode()


def test_probes_and_figures_say_so(older: None, client: Client) -> None:
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    said = json.loads(ready.content)["record"]
    assert said["ok"] is False
    assert said["detail"].startswith("read-only: the database holds a tree of 2 facts")
    figures = client.get("/metrics").content.decode()
    assert 'candour_up{part="record"} 0.0' in figures
    assert 'candour_record_read_only{reason="behind"} 1.0' in figures
    assert 'candour_record_read_only{reason="lost"} 0.0' in figures


def test_letters_of_an_older_outbox_do_not_go_out_twice(older: None, mailoutbox: list[Any]) -> None:
    with transaction.atomic():
        put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    deliver()
    assert mailoutbox == []
    assert Outbox.objects.get().state == State.WAITING


def test_no_task_of_the_portal_runs(older: None) -> None:
    ran: list[int] = []

    @shared_task(name="test.writes")
    def writes() -> None:
        ran.append(1)

    writes()
    assert sweep() is None
    assert ran == []


def test_tasks_run_while_all_is_well(mailoutbox: list[Any]) -> None:
    with transaction.atomic():
        put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    deliver()
    assert len(mailoutbox) == 1
