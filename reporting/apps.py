from __future__ import annotations

from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = "Reports"

    def ready(self) -> None:
        from portal.notices import delivered, knowing
        from portal.notices import kinds as notices
        from portal.people import moving
        from portal.receipts import kinds
        from portal.receipts.paper import copies
        from portal.record import cross_checks
        from portal.watch import figures
        from reporting import notice_kinds
        from reporting.agreement import states
        from reporting.agreement import work as agreeing_work
        from reporting.agreement.agreeing import disagreements
        from reporting.escalation import next_in_line, watched
        from reporting.escalation.leavers import move_duties
        from reporting.receipts import Receipts
        from reporting.statements import papers as statement_papers
        from reporting.telling import told

        delivered.register("duty", told)
        delivered.register(next_in_line.PREFIX, next_in_line.told)
        for group in notice_kinds.GROUPS:
            notices.register(group)
        knowing.register("reporting", notice_kinds.hidden)
        notices.register_urgent("reporting", notice_kinds.urgent)
        notices.register_withheld("reporting", notice_kinds.withheld)
        moving.register(move_duties)
        kinds.register("reporting", Receipts())
        copies.register(statement_papers.KIND, statement_papers.build)
        cross_checks.register("reporting", disagreements)
        cross_checks.register("states of reports and duties", states.disagreements)
        cross_checks.register("work on reports", agreeing_work.disagreements)
        figures.register(watched.DEADLINE)
        figures.register(watched.PROMISE)
