"""E-mail and text messages through GOV.UK Notify. Told means that Notify says "delivered": until then it only has it.

The key of the notice is Notify's reference. Where an earlier attempt may have got through, Notify is asked for it before anything is sent
again: it would send the same reference twice.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from portal.notices.channels.base import Letter, NotNow, Refused, Taken
from portal.notices.models import Way
from portal.people.models import Person

WAIT_SECONDS = 10
BAD_REQUEST = 400
REFUSALS = {"permanent-failure": True, "temporary-failure": False, "technical-failure": False}  # and whether it is the address
ADDRESS_FIELDS = ("email_address", "phone_number")
TEXT_LENGTH = 300  # of the sentence in a text message: two parts and the link


def client() -> Any:
    make: Any = NotificationsAPIClient  # its methods carry no types
    return make(settings.NOTIFY_API_KEY, base_url=settings.NOTIFY_URL, timeout=WAIT_SECONDS)


class Notify:
    """`way`: e-mail or text. A service that is away, or has had enough of us, is not asked again before the next batch."""

    def __init__(self, way: Way) -> None:
        self.way = way
        self._client = client()
        self._away = ""

    def send(self, letter: Letter, to: Person, address: str) -> Taken:
        if self._away:
            raise NotNow(self._away)
        try:
            known = self._sent_before(letter) if letter.again else ""
            return Taken(told=False, provider_id=known or self._post(letter, address)["id"])
        except APIError as error:
            raise self._said(error) from error

    def close(self) -> None:
        self._client.request_session.close()

    def _post(self, letter: Letter, address: str) -> dict[str, Any]:
        if self.way == Way.NOTIFY_SMS:
            said: dict[str, Any] = self._client.send_sms_notification(
                address,
                settings.NOTIFY_SMS_TEMPLATE,
                personalisation={"subject": letter.title[:TEXT_LENGTH], "link": letter.address},
                reference=letter.key,
            )
        else:
            said = self._client.send_email_notification(
                address,
                settings.NOTIFY_EMAIL_TEMPLATE,
                personalisation={"subject": letter.title, "body": letter.text, "link": letter.address},
                reference=letter.key,
            )
        return said

    def _sent_before(self, letter: Letter) -> str:
        """Notify's id of this notice by this channel, empty where it has none or could not deliver any."""
        kind = "sms" if self.way == Way.NOTIFY_SMS else "email"
        found = self._client.get_all_notifications(reference=letter.key, template_type=kind)["notifications"]
        return next((str(one["id"]) for one in found if one["status"] not in REFUSALS), "")

    def _said(self, error: APIError) -> NotNow | Refused:
        why = f"Notify {error.status_code}"
        if error.status_code == BAD_REQUEST and about_address(error.message):
            return Refused(why, bounced=True)
        if error.status_code != BAD_REQUEST:  # a key that is wrong, too many requests, or a fault of theirs: the same for everybody
            self._away = why
        return NotNow(why)


def about_address(message: Any) -> bool:
    """Whether Notify's list of errors says that the address cannot be one."""
    errors = message if isinstance(message, list) else []
    said = [str(one.get("message", "")) for one in errors if isinstance(one, dict) and one.get("error") == "ValidationError"]
    return any(text.startswith(ADDRESS_FIELDS) for text in said)
