"""The people one signs in as in the demo: constable to chief superintendent, and each role once, standards twice."""

from __future__ import annotations

from dataclasses import dataclass

from portal.people.models import Kind, Rank, Role

PASSWORD = "candour-demo"  # noqa: S105 - the demo's, printed on its sign-in page
DOMAIN = "force.example"


@dataclass(frozen=True, slots=True)
class Character:
    """One demo account. `manager` is the warrant number of their line manager; `what` says what they are good for."""

    login: str
    number: str
    rank: Rank
    first: str
    last: str
    unit: str
    manager: str
    what: str
    role: Role | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    @property
    def kind(self) -> Kind:
        return Kind.OFFICER if self.rank else Kind.STAFF

    @property
    def row(self) -> list[str]:
        """Their line of the directory file."""
        rank = self.rank.label if self.rank else ""
        return [self.number, self.kind, rank, self.first, self.last, self.email, self.unit, self.manager, "yes"]


CAST = [
    Character(
        "constable",
        "101001",
        Rank.CONSTABLE,
        "Maya",
        "Reid",
        "CN",
        "101002",
        "Claims a handset, acknowledges guidance, reports a message",
    ),
    Character(
        "sergeant",
        "101002",
        Rank.SERGEANT,
        "Tom",
        "Hughes",
        "CN",
        "101003",
        "Maya Reid's sergeant",
    ),
    Character(
        "inspector",
        "101003",
        Rank.INSPECTOR,
        "Ada",
        "Okafor",
        "CN",
        "101004",
        "Acts on reports from Maya Reid's team",
    ),
    Character(
        "chief.inspector",
        "101004",
        Rank.CHIEF_INSPECTOR,
        "Daniel",
        "Osei",
        "CN",
        "101005",
        "Next when the inspector does not act",
    ),
    Character(
        "superintendent",
        "101005",
        Rank.SUPERINTENDENT,
        "Farah",
        "Rahman",
        "CN",
        "101006",
        "Superintendent of Central North",
    ),
    Character(
        "chief.superintendent",
        "101006",
        Rank.CHIEF_SUPERINTENDENT,
        "Helen",
        "Clarke",
        "CN",
        "",
        "Leads Central North and sees its figures",
    ),
    Character(
        "standards",
        "101007",
        Rank.CHIEF_INSPECTOR,
        "Grace",
        "Mensah",
        "FHQ",
        "",
        "Professional standards: sees every report",
        Role.PROFESSIONAL_STANDARDS,
    ),
    Character(
        "standards.two",
        "101013",
        Rank.SUPERINTENDENT,
        "Ruth",
        "Bailey",
        "FHQ",
        "",
        "Second person at the standards desk, for what needs two: erasing a report, opening a name",
        Role.PROFESSIONAL_STANDARDS,
    ),
    Character("stores", "P101008", Rank.NONE, "Lee", "Walker", "FHQ", "101007", "Stores: handsets in and out", Role.STORES),
    Character(
        "author", "P101009", Rank.NONE, "Niamh", "Kelly", "FHQ", "101010", "Writes guidance and answers questions", Role.GUIDANCE_AUTHOR
    ),
    Character(
        "approver", "101010", Rank.SUPERINTENDENT, "Owen", "Griffiths", "FHQ", "", "Approves guidance others wrote", Role.GUIDANCE_APPROVER
    ),
    Character("auditor", "P101011", Rank.NONE, "Wei", "Chen", "FHQ", "101010", "Checks the record; sees no report", Role.AUDITOR),
    Character(
        "admin", "P101012", Rank.NONE, "Sofia", "Novak", "FHQ", "101010", "People, stock and settings in the admin", Role.ADMINISTRATOR
    ),
]

# Tom Hughes's team: nobody signs in as them; their reports go to Ada Okafor.
TEAM = [
    Character("priya.shah", "101021", Rank.CONSTABLE, "Priya", "Shah", "CN", "101002", ""),
    Character("callum.fraser", "101022", Rank.CONSTABLE, "Callum", "Fraser", "CN", "101002", ""),
    Character("leah.bennett", "101023", Rank.CONSTABLE, "Leah", "Bennett", "CN", "101002", ""),
    Character("marcus.bell", "101024", Rank.CONSTABLE, "Marcus", "Bell", "CN", "101002", ""),
    Character("siobhan.daly", "101025", Rank.CONSTABLE, "Siobhán", "Daly", "CN", "101002", ""),
    Character("joel.armstrong", "101026", Rank.CONSTABLE, "Joel", "Armstrong", "CN", "101002", ""),
]
