from __future__ import annotations

from portal.celery import app


def test_every_task_that_is_scheduled_is_there() -> None:
    app.loader.import_default_modules()
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert tasks <= set(app.tasks)
    assert "record.verify_nightly" in tasks
