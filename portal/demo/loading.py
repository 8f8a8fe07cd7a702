"""Loading the demo: the invented force through the real imports, then accounts one can sign in with."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from devices.importing import import_handsets
from devices.models import Handset
from guidance.samples.installing import install_samples
from portal.demo import force
from portal.demo.cast import CAST, PASSWORD
from portal.imports.outcome import Outcome
from portal.people.importing import import_directory
from portal.people.models import Person, Post, PostMember, Rank, Role, Unit

ADMIN_ROLES = (Role.ADMINISTRATOR, Role.GUIDANCE_AUTHOR, Role.GUIDANCE_APPROVER)
ACCOUNTS = settings.STATE_DIR / "demo_accounts.json"


def load(size: tuple[int, int]) -> tuple[Outcome, Outcome]:
    """Bring directory and stock to a demo force of `size` people and handsets; return what the two imports did. May run again."""
    directory, stock = force.write(settings.STATE_DIR / "demo", size)
    with directory.open("rb") as file:
        people = import_directory(file=file)
    with stock.open("rb") as file:
        handsets = import_handsets(file=file)
    with transaction.atomic():
        _give_roles()
        _staff_posts()
    by_login = {person.email: person for person in Person.objects.filter(number__in=[character.number for character in CAST])}
    install_samples(author=by_login[_email("author")], approver=by_login[_email("approver")])
    return people, handsets


def open_accounts() -> list[dict[str, Any]]:
    """Give the cast the demo password and list them for the sign-in page. Only in a demo."""
    if not settings.DEMO:
        return []
    people = Person.objects.filter(number__in=[character.number for character in CAST])
    people.update(password=make_password(PASSWORD))
    listed = [
        {
            "name": person.name,
            "what": character.what,
            "email": character.email,
            "password": PASSWORD,
            "role": character.role.value if character.role else "",
        }
        for character in CAST
        for person in people
        if person.number == character.number
    ]
    _mention_handset(listed)
    ACCOUNTS.write_text(json.dumps(listed, ensure_ascii=False, indent=1), encoding="utf-8")
    return listed


def _mention_handset(listed: list[dict[str, Any]]) -> None:
    """Say which handset the constable may claim: nobody has it in their hand to read the numbers from."""
    handset = Handset.objects.filter(allotted_to__number=CAST[0].number).first()
    if handset and listed:
        listed[0]["what"] += f" (handset {handset.asset_tag}, IMEI ends {handset.imei[-4:]})"


def _email(login: str) -> str:
    return next(character.email for character in CAST if character.login == login)


def _give_roles() -> None:
    groups = {group.name: group for group in Group.objects.all()}
    for character in CAST:
        if character.role is not None:
            person = Person.objects.get(number=character.number)
            person.groups.set([groups[character.role.value]])
            person.is_staff = character.role in ADMIN_ROLES
            person.save(update_fields=["is_staff"])


def _staff_posts() -> None:
    """Man the professional standards desk, and put each unit under its chief superintendent."""
    desk, _ = Post.objects.get_or_create(code="professional-standards", defaults={"name": "Professional standards desk"})
    for person in Person.objects.with_role(Role.PROFESSIONAL_STANDARDS):
        PostMember.objects.get_or_create(post=desk, person=person)
    leaders = {person.unit_id: person for person in Person.objects.active().filter(rank=Rank.CHIEF_SUPERINTENDENT).order_by("-number")}
    units = list(Unit.objects.filter(led_by__isnull=True, pk__in=[unit for unit in leaders if unit]))
    for unit in units:
        unit.led_by = leaders[unit.pk]
    Unit.objects.bulk_update(units, ["led_by"])
