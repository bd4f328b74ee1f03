"""What somebody can do now, by role and conference: their menu, and the commands that the channel shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conference.model.people import Actor
from conference.model.permissions import Action, may
from conference.model.told import Told
from conference.ports import Conferences
from conference.services.drafts import obliging_post
from conference.services.hats import access_conferences

from .buttons import Press
from .presses.approvals import ShowReports
from .presses.assignments import Assign, ShowAssignments, ShowOwed
from .presses.duties import ShowDuties
from .presses.duty import ShowDuty, ShowMechanism
from .presses.everybody import ShowConferences, ShowPosts
from .presses.inviting import ShowInvitations, ShowInviteUnits, ShowOutsiders
from .presses.meetings import Convene, ShowMeetings
from .presses.notices import ShowNotices, WriteNotice
from .presses.roster import AskExport, ShowGaps, ShowRoster
from .presses.succession import ShowHandovers
from .records.everybody import DeskMenu, HelpGiven, StartScreen


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be done. `press`: its button in the menu of those who hold a post. `part`: what the document of the
    conference must have for it. `several`: only where more than one conference is open to the actor."""

    command: str
    action: Action
    press: Press | None = None
    part: str = ""
    several: bool = False


OFFERS = (
    Offer("start", Action.ASK_FOR_HELP),
    Offer("reports", Action.LIST_REPORTS, ShowReports()),
    Offer("duty", Action.SEE_DUTY, ShowDuty()),
    Offer("owe", Action.SEE_OWED, ShowOwed()),
    Offer("duties", Action.SEE_DUTIES, ShowDuties("", 0)),
    Offer("meetings", Action.SEE_MEETINGS, ShowMeetings(), part="conference"),
    Offer("convene", Action.CONVENE_MEETING, Convene(), part="conference"),
    Offer("entrust", Action.ENTRUST_CONVENER, part="conference"),
    Offer("notices", Action.SEE_NOTICES, ShowNotices()),
    Offer("notify", Action.SEND_NOTICE, WriteNotice()),
    Offer("assignments", Action.SEE_ASSIGNMENTS, ShowAssignments(0)),
    Offer("assign", Action.ASSIGN, Assign()),
    Offer("trace", Action.SEE_ASSIGNMENTS),
    Offer("roster", Action.SEE_ROSTER, ShowRoster(0), part="roster"),
    Offer("gaps", Action.SEE_ROSTER_GAPS, ShowGaps(0)),
    Offer("export", Action.EXPORT_ROSTER, AskExport()),
    Offer("invite", Action.INVITE, ShowInviteUnits()),
    Offer("invitations", Action.CONFIRM_INVITATION, ShowInvitations()),
    Offer("outsiders", Action.INVITE_OUTSIDER, ShowOutsiders(0), part="guests"),
    Offer("handover", Action.START_HANDOVER, ShowHandovers()),
    Offer("check", Action.ANSWER_ROSTER_CHECK, part="roster"),
    Offer("mechanism", Action.RECORD_MECHANISM, ShowMechanism(), part="mechanism"),
    Offer("identity", Action.ASK_IDENTITY),
    Offer("whoami", Action.CHOOSE_HAT, ShowPosts()),
    Offer("my", Action.FOLLOW_OWN_REPORT),
    Offer("reclaim", Action.RECLAIM_REPORT),
    Offer("area", Action.CHOOSE_CONFERENCE, ShowConferences(0), several=True),
    Offer("cancel", Action.REPORT),
    Offer("language", Action.ASK_FOR_HELP),
    Offer("help", Action.ASK_FOR_HELP),
)
PRESSES = {offer.command: offer.press for offer in OFFERS if offer.press is not None}


def is_several(actor: Actor, conferences: Conferences) -> bool:
    """Asked at every update, so those served are not walked through."""
    return len(conferences.served) > 1 or len(access_conferences(actor, conferences)) > 1


def offered(actor: Actor, conferences: Conferences) -> Sequence[str]:
    """The commands of what the actor can do now, in the order of the menu."""
    several, lacks = is_several(actor, conferences), conferences.head(actor.conference).lacks
    return [o.command for o in OFFERS if may(actor, o.action) and o.part not in lacks and (several or not o.several)]


def missing(actor: Actor, conferences: Conferences) -> list[str]:
    """What the document of the conference does not have: all of it for those who run the conference, for the others what would
    be in their menu."""
    lacks = conferences.head(actor.conference).lacks
    if may(actor, Action.SEE_ROSTER_GAPS):
        return sorted(lacks)
    return [o.part for o in OFFERS if o.part in lacks and may(actor, o.action)]


def fitted(record: Told, actor: Actor, conferences: Conferences) -> Told:
    """The first screen and help as they fit whoever reads them; everything else as it is."""
    if isinstance(record, HelpGiven):
        return replace(record, offers=list(offered(actor, conferences)), post=actor.posts[0].title if actor.posts else "")
    if not isinstance(record, StartScreen):
        return record
    several = is_several(actor, conferences)
    if record.reporting or not actor.posts:
        return replace(record, several=several)
    offers = [command for command in offered(actor, conferences) if command in PRESSES]
    on_duty = obliging_post(actor.posts) is not None
    return DeskMenu(record.note, actor.posts[0].title, len(actor.posts) - 1, offers, missing(actor, conferences), on_duty)
