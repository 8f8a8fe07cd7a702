"""Which channels are on is read strictly: everybody can be reached by e-mail, and by one way of it."""

from __future__ import annotations

import pytest
from environs import ValidationError

from portal.settings import CHANNELS, NOTICE_CHANNELS, one_that_mails


def test_the_forces_own_mail_server_is_the_default() -> None:
    assert NOTICE_CHANNELS == ["smtp"]


@pytest.mark.parametrize("names", [["smtp"], ["notify_email"], ["smtp", "push"], ["notify_email", "notify_sms", "push"]])
def test_channels_go_with_one_that_mails(names: list[str]) -> None:
    one_that_mails(names)
    assert set(names) <= set(CHANNELS)


@pytest.mark.parametrize("names", [[], ["push"], ["notify_sms"], ["smtp", "notify_email"]])
def test_none_and_both_are_refused(names: list[str]) -> None:
    with pytest.raises(ValidationError):
        one_that_mails(names)
