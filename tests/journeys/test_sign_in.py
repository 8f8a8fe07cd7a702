"""The pages around signing in, in a browser: every one passes axe, fits a phone and says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail

from portal.demo.cast import PASSWORD
from tests.journeys.conftest import DESK, PHONE, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
OFFICER = "constable@force.example"


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_mistakes_on_the_way_in_are_told_in_words(visitor: Callable[..., Visitor], viewport: dict[str, int]) -> None:
    stranger = visitor(viewport=viewport)
    stranger.go("/accounts/login/")
    stranger.press("Sign in")
    stranger.sees("Enter your email")
    stranger.page.get_by_label("Email").fill("nobody@force.example")
    stranger.page.get_by_label("Password", exact=True).fill("wrong")
    stranger.press("Sign in")
    stranger.sees("don't match")
    stranger.go("/accounts/inactive/")
    stranger.go("/nowhere/", status=404)


def test_an_officer_who_forgot_the_password_chooses_a_new_one(visitor: Callable[..., Visitor]) -> None:
    officer, new = visitor(), "a wholly different one"
    officer.go("/accounts/password/reset/")
    officer.page.get_by_label("Email").fill(OFFICER)
    officer.press("Send me a link")
    link = re.search(r"/accounts/password/reset/key/\S+", str(mail.outbox[-1].body))
    assert link is not None
    officer.go(link[0])
    officer.press("Change password")
    officer.sees("Enter a new password")
    for label in ("New password", "New password again"):
        officer.page.get_by_label(label, exact=True).fill(new)
    officer.press("Change password")
    officer.sees("Your new password works from now on")
    officer.go(link[0])
    officer.sees("This link no longer works")


def test_an_officer_turns_the_second_step_on_and_signs_in_with_it(visitor: Callable[..., Visitor]) -> None:
    officer = visitor(OFFICER)
    for place in ("/accounts/password/change/", "/accounts/sessions/", "/accounts/logout/", "/accounts/2fa/"):
        officer.go(place)
    officer.press("Turn it on")
    officer.page.get_by_label("Password", exact=True).fill(PASSWORD)
    officer.press("Continue")
    secret = officer.page.locator("#authenticator_secret").input_value()
    officer.page.get_by_label("Code").fill(code_for(secret))
    officer.press("Turn on")
    officer.sees("Recovery codes")
    spare = officer.page.locator("main code").first.inner_text()
    officer.go("/accounts/2fa/totp/deactivate/")
    again = visitor()
    again.sign_in(OFFICER)
    again.sees("Enter your code")
    again.page.get_by_label("Code").fill("not it")
    again.press("Sign in")
    again.sees("That code doesn't work")
    again.page.get_by_label("Code").fill(spare)
    again.press("Sign in")
    again.sees("Waiting for you")
