"""What kinds of notices there are, in a handful of groups that a person can choose about; and who must not get one after all.

Rooms say so when the portal starts, so that the ground floor imports none. A kind that nobody registered is told at once to everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from portal.notices.models import Outbox
from portal.people.models import Person

Urgent = Callable[[Sequence[Outbox]], set[int]]
Withheld = Callable[[Outbox], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Kinds that begin with any of `starts`. `always`: told at once whatever the person chose. `urgent`: quiet hours do not hold it.

    `order`: its place on the page. `role`: whom the page offers it to, where not to everybody. Where two groups fit a kind, the longer
    beginning wins.
    """

    code: str
    name: str
    about: str
    starts: tuple[str, ...]
    order: int
    always: bool = False
    urgent: bool = False
    role: str = ""


OTHER = Group(code="other", name="Everything else", about="", starts=("",), order=99, always=True)
_groups: dict[str, Group] = {}
_urgent: dict[str, Urgent] = {}
_withheld: dict[str, Withheld] = {}


def register(group: Group) -> None:
    """Registering a code again replaces its group."""
    _groups[group.code] = group


def register_urgent(room: str, which: Urgent) -> None:
    """`which` answers with the keys of the notices that no quiet hours may hold, of those it is given."""
    _urgent[room] = which


def register_withheld(room: str, why: Withheld) -> None:
    """`why` says in a few words why this notice must not reach its recipient any more; nothing where it may.

    Asked right before the notice leaves: people leave, and are excluded, between a notice and its delivery.
    """
    _withheld[room] = why


def groups() -> list[Group]:
    return sorted(_groups.values(), key=lambda group: group.order)


def groups_for(person: Person) -> list[Group]:
    """Those that this person may get notices of."""
    return [group for group in groups() if not group.role or person.has_role(group.role)]


def group_of(kind: str) -> Group:
    fitting = [(len(start), group) for group in _groups.values() for start in group.starts if kind.startswith(start)]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else OTHER


def first_in_need() -> list[str]:
    """The beginnings of the kinds that are delivered before all others."""
    return [start for group in _groups.values() if group.always for start in group.starts]


def urgent(notices: Sequence[Outbox]) -> set[int]:
    found = {notice.pk for notice in notices if group_of(notice.kind).urgent}
    return found.union(*(which(notices) for which in _urgent.values()))


def withheld(notice: Outbox) -> str:
    """Why this notice is not delivered, empty where it may be."""
    if not notice.to.is_active:
        return "left the force"
    return next(_reasons(notice), "")


def _reasons(notice: Outbox) -> Iterator[str]:
    return (why for ask in _withheld.values() if (why := ask(notice)))
