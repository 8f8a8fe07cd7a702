from __future__ import annotations

import pytest

from guidance.models import Version
from guidance.samples.installing import install_samples
from guidance.tests.making import officer

pytestmark = pytest.mark.django_db


def test_samples_are_published_once() -> None:
    author, approver = officer(), officer()
    assert [document.slug for document in install_samples(author=author, approver=approver)] == [
        "information-code-of-conduct",
        "messaging-apps",
    ]
    assert install_samples(author=author, approver=approver) == []
    assert [str(version.number) for version in Version.objects.current().order_by("document__slug")] == ["2", "1"]
