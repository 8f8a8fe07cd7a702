"""The reports of the demo: invented people, invented words, and how far each has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reporting.choices import Category, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One report. `reporter`, and `sender` where known, are the numbers of people, or the code of a unit: then its first constable.

    How far it came is told by what is there: `opened`, then a `question`, or an `outcome` with reasons and what the reporter may read.
    `missed`: one minute to open instead of the usual time, so that the clock passes it up while one looks.
    """

    reporter: str
    text: str
    group: str
    categories: tuple[Category, ...]
    hours_ago: int
    sender: str = ""
    sender_name: str = ""
    challenged_how: str = ""
    changes: tuple[tuple[str, Any], ...] = ()
    missed: bool = False
    opened: bool = False
    question: str = ""
    outcome: Outcome | None = None
    reasons: str = ""
    shared: str = ""

    def answers(self) -> dict[str, dict[str, Any]]:
        """The three pages of the form, but for the times and the sender's key."""
        pages: dict[str, dict[str, Any]] = {
            "message": {
                "platform": "whatsapp",
                "setting": "group" if self.group else "one_to_one",
                "group_name": self.group,
                "message": self.text,
                "categories": [category.value for category in self.categories],
            },
            "people": {"sender_kind": "officer", "named": [], "sender_name": self.sender_name, "others": "", "managers": "no"},
            "response": {
                "at_risk_now": False,
                "challenged": bool(self.challenged_how),
                "challenged_how": self.challenged_how,
                "still_in": "yes" if self.group else "not_group",
                "disappearing": "unsure",
                "victim": "no",
                "device": "force",
                "on_duty": "on",
                "confidential": False,
            },
        }
        for name, value in self.changes:
            next(page for page in pages.values() if name in page)[name] = value
        return pages


SAMPLES = [
    Sample(
        reporter="101026",
        text="New starter on Monday. Nobody tell her where the lockers are, let’s see how long she lasts. Ten quid says a week.",
        group="Late turn B",
        categories=(Category.BULLYING,),
        hours_ago=5,
        sender="101024",
        missed=True,
    ),
    Sample(
        reporter="101021",
        text="Two women on the van today so we’d better allow an hour extra for parking. Somebody put the kettle on for them.",
        group="Team C banter",
        categories=(Category.SEXIST,),
        hours_ago=2,
        sender="101024",
        challenged_how="I wrote “not funny” under it. He put a laughing face.",
    ),
    Sample(
        reporter="101022",
        text="Address and door code for tonight’s job so nobody has to look it up: flat 6, code 4471. Pass it on to whoever is coming.",
        group="Five-a-side Thursdays",
        categories=(Category.DISCLOSURE,),
        hours_ago=3,
        sender_name="“Gaz”, a sergeant who used to be on the team",
        changes=(("disappearing", "yes"), ("victim", "yes"), ("device", "personal")),
        opened=True,
    ),
    Sample(
        reporter="101023",
        text="Somebody should check whether he can even read the form. That accent!",
        group="CN custody relief",
        categories=(Category.RACIST,),
        hours_ago=6,
        sender_name="Shown only as “Big T”",
        changes=(("confidential", True), ("sender_kind", "unknown"), ("still_in", "no")),
    ),
    Sample(
        reporter="101001",
        text="Photo from the collision on the ring road. Look at the state of that car. Don’t share outside the group lads.",
        group="Response team C",
        categories=(Category.VICTIM_IMAGE, Category.DISCLOSURE),
        hours_ago=4,
        sender="101022",
        challenged_how="I asked him to take it down. He said everybody had seen it by now.",
        changes=(("victim", "unsure"),),
        question="Is the photo still in the group, and could you read the number plate on it? Don’t delete or forward anything.",
    ),
    Sample(
        reporter="101001",
        text="If she takes one more day off with her back I’m buying her a skateboard for the office.",
        group="Response team C",
        categories=(Category.DISABLIST, Category.BULLYING),
        hours_ago=30,
        sender="101024",
        challenged_how="I told him to leave it. I spoke to her afterwards.",
        outcome=Outcome.LOCAL,
        reasons="I spoke to the sender and to the officer the message was about. It was not the first time, so it goes into his review.",
        shared="I have spoken to the sender and to your colleague, who knows that you told me. Thank you for saying something.",
    ),
    Sample(
        reporter="101025",
        text="I’ll run the plate for you mate, what’s her name again? Usual pint.",
        group="",
        categories=(Category.CORRUPTION, Category.DISCLOSURE),
        hours_ago=9,
        sender_name="My section’s inspector, on Signal",
        changes=(("platform", "signal"), ("managers", "yes"), ("device", "personal"), ("on_duty", "off")),
    ),
    Sample(
        reporter="AW",
        text="Reminder that the prayer room is also the quietest place for a kip, just saying.",
        group="AW nights",
        categories=(Category.RELIGIOUS,),
        hours_ago=11,
        sender_name="A constable from another team",
        changes=(("sender_kind", "officer"),),
        outcome=Outcome.NO_ACTION,
        reasons="I have seen the whole chat. It was about the poster on the door, and those it could have hurt took it that way too.",
        shared="I read the whole chat and asked those who were in it. I am taking no further action, and I understand why you asked.",
    ),
    Sample(
        reporter="NE",
        text="Love how the rainbow lanyard lot get all the good postings. Wonder what one has to do for that.",
        group="NE early turn",
        categories=(Category.HOMOPHOBIC,),
        hours_ago=8,
        sender_name="A sergeant on another team",
        outcome=Outcome.STANDARDS,
        reasons="A supervisor wrote this to people he manages. That is for professional standards to assess.",
        shared="I have referred this to professional standards, because of the rank of the person who wrote it.",
    ),
    Sample(
        reporter="SE",
        text="Posting the briefing slides here because the system is down again.",
        group="SE proactive",
        categories=(Category.DISCLOSURE,),
        hours_ago=7,
        changes=(("sender_kind", "staff"), ("platform", "teams")),
        opened=True,
    ),
]
