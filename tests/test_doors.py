"""Which pages open without signing in: exactly those named here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    "static", "live", "ready", "metrics", "record", "help", "privacy", "accessibility",
    "account_login", "account_logout", "account_signup", "account_inactive", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "account_confirm_email", "account_email_verification_sent",
    "account_request_login_code", "account_confirm_login_code", "mfa_authenticate", "mfa_login_webauthn", "mfa_trust",
}  # fmt: skip


def doors(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[tuple[str, str, bool]]:
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not address.startswith("admin/"):  # Django admin asks for staff itself, tested below
                yield from doors(pattern.url_patterns, address)
        else:
            yield pattern.name or address, address, getattr(pattern.callback, "login_required", True)


ALL = list(doors(get_resolver().url_patterns))


def test_every_page_but_the_public_ones_needs_a_sign_in() -> None:
    assert {name for name, _, needs_sign_in in ALL if not needs_sign_in} <= PUBLIC


@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted({address for _, address, needs in ALL if needs and "<" not in address and "(" not in address}))
def test_an_anonymous_visitor_is_sent_to_sign_in_and_comes_back(client: Client, address: str) -> None:
    answer = client.get(f"/{address}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/")


@pytest.mark.django_db
def test_the_admin_sends_strangers_to_sign_in(client: Client) -> None:
    assert client.get("/admin/").status_code == 302


@pytest.mark.django_db
def test_nobody_can_register_themselves(client: Client) -> None:
    answer = client.post("/accounts/signup/", {"email": "new@force.example", "password1": "a-long-enough-password"})
    assert "sign up" not in answer.content.decode().lower() or "closed" in answer.content.decode().lower()
    from portal.people.models import Person

    assert not Person.objects.filter(email="new@force.example").exists()
