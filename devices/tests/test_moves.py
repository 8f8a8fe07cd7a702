from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from devices.models import MOVES, AppRule, Handset, State, Terms
from devices.tests.factories import HandsetFactory, imei
from portal.people.tests.factories import PersonFactory


@pytest.mark.django_db
@pytest.mark.parametrize("before", State.values)
def test_postgresql_allows_the_moves_in_the_table_and_no_others(before: str) -> None:
    handset = HandsetFactory(state=before, allotted_to=PersonFactory())
    allowed = set()
    for after in set(State.values) - {before}:
        try:
            with transaction.atomic():
                Handset.objects.filter(pk=handset.pk).update(state=after)
                allowed.add(after)
                transaction.set_rollback(True)
        except IntegrityError:
            continue
    assert allowed == MOVES[before]


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["352099001761482", "35209900176148", "35209900176148x", ""])
def test_postgresql_refuses_an_imei_with_a_wrong_length_or_check_digit(wrong: str) -> None:
    with pytest.raises(IntegrityError, match="handset_imei_valid"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO devices_handset (asset_tag, imei, serial, model, phone_number, mdm_id, condition) "
            "VALUES ('T-1', %s, '', '', '', '', '')",
            [wrong],
        )


@pytest.mark.django_db
def test_postgresql_takes_every_imei_with_the_right_check_digit() -> None:
    made = [HandsetFactory(imei=imei(number)) for number in range(0, 10**9, 10**9 // 40)]
    assert Handset.objects.filter(pk__in=[handset.pk for handset in made]).count() == len(made)


@pytest.mark.django_db
def test_an_asset_tag_is_kept_in_capital_letters() -> None:
    with pytest.raises(IntegrityError, match="handset_asset_tag_shape"), transaction.atomic():
        HandsetFactory(asset_tag="mps-1")


@pytest.mark.django_db
def test_an_allotted_handset_is_allotted_to_somebody() -> None:
    with pytest.raises(IntegrityError, match="handset_allotted_to_somebody"), transaction.atomic():
        HandsetFactory(state=State.ALLOTTED, allotted_to=None)


@pytest.mark.django_db
def test_a_force_starts_with_app_rules_and_terms() -> None:
    access = dict(AppRule.objects.values_list("name", "access"))
    assert [access[name] for name in ("X (Twitter)", "Facebook", "TikTok", "WhatsApp")] == ["blocked"] * 3 + ["by_permission"]
    assert len(Terms.objects.get().lines) == 5
