"""Records for statements of duty that show one thing each."""

from __future__ import annotations

from typing import Any

from portal.record.canonical import iso
from portal.record.verifier.tests.sample_record import CHIEF, CONSTABLE, INSPECTOR, REPORT, Record, after, passed

Paper = dict[str, Any]


def dated_back() -> Paper:
    """The act was recorded five hours after its deadline, by whoever can write facts, and says that it came an hour before."""
    record = Record()
    record.add("report.sent")
    passed(record, 1, INSPECTOR, "sent", after(), open_hours=2, act_hours=24)
    told = {"duty": 1, "level": 1, "acted_at": iso(after(hours=23)), "outcome": "local"}
    record.add("duty.acted", actor=INSPECTOR, at=after(hours=29), facts=told)
    record.add("statement.given", actor=CONSTABLE, at=after(hours=30), facts={"for": "reporter"})
    return record.statement(record.chain())


def still_held() -> Paper:
    record = Record()
    record.add("report.sent")
    passed(record, 1, INSPECTOR, "sent", after(), open_hours=1, act_hours=2)
    record.add("duty.opened", actor=INSPECTOR, at=after(minutes=59), facts={"duty": 1, "opened_at": iso(after(minutes=59))})
    record.add("duty.taken_up", actor=INSPECTOR, at=after(minutes=61), facts={"duty": 1, "taken_up_at": iso(after(minutes=61))})
    record.add("statement.given", at=after(hours=3))
    return record.statement(range(5), reader="standards")


def unheard() -> Paper:
    """The reporter was promised to hear within a day, and nobody wrote to them."""
    record = Record()
    record.add("report.sent", facts={"promise": 1, "hear_by": iso(after(hours=24))})
    passed(record, 1, INSPECTOR, "sent", after(), open_hours=2, act_hours=72)
    record.add("duty.opened", actor=INSPECTOR, at=after(hours=1), facts={"duty": 1, "opened_at": iso(after(hours=1))})
    missed = {"promise": 1, "due_at": iso(after(hours=24)), "fired_at": iso(after(hours=24, minutes=1)), "hear_by": iso(after(hours=48))}
    told = {"duty": 1, "level": 1, "holder": INSPECTOR}
    record.add("promise.missed", actor="process:clock", at=after(hours=24, minutes=1), facts={**missed, **told})
    record.add("statement.given", actor="process:statements", at=after(hours=30), facts={"from_seq": 1})
    return record.statement(record.chain())


def forked() -> Record:
    """Somebody rewrote a fact with the log's key in hand: the tree is whole, the chain is not."""
    record = Record()
    record.add("report.sent")
    record.heads[REPORT] = 1, "ab" * 32
    record.add("duty.told", actor=CHIEF)
    record.add("statement.given", at=after(hours=3))
    return record
