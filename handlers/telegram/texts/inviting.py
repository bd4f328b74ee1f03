"""What the office reads when it invites, confirms, and ends."""

from __future__ import annotations

import io

import segno

from conference.model.invitations import VALID
from conference.model.told import InvitationAnswered, InvitationDecided
from conference.services.bindings import REMEMBERED
from handlers import words
from handlers.links import link_of
from handlers.messages import Button, Message, Reader, Upload
from handlers.presses.inviting import (
    ChooseBody,
    ChooseBodyPlace,
    DecideInvitation,
    EndBindings,
    EndTenure,
    InviteBack,
    InviteTo,
    OpenBodyPlaces,
    RevokeInvitation,
    ShowBodies,
    ShowInvitations,
    ShowInvitePosts,
    ShowInviteUnits,
    ShowPost,
)
from handlers.records.drafts import PlacesOffered
from handlers.records.inviting import (
    BindingsEnded,
    BodiesShown,
    BodyPlaces,
    EndAsked,
    InvitationIssued,
    InvitationPicture,
    InvitationsListed,
    InvitePosts,
    InviteUnits,
    PostShown,
    TenureEnded,
)
from locales import Translator, later, safe

from .joining import known_otherwise, post_lines, unit_name
from .moments import hours, moment
from .registry import button, lines, pager, pairs, says, short

HOW: dict[str, str] = {
    "confirmed": later("✅ Confirmed: {name} now holds this post."),
    "refused": later("✖️ Refused or declined. Nobody gets in with this invitation any more."),
    "revoked": later("✖️ Taken back. Nobody gets in with this invitation any more."),
    "expired": later("⌛ It was not completed within {hours} hours and has expired. If it is still needed, issue a new one."),
}
STATES: dict[str, str] = {"issued": later("not answered yet"), "answered": later("answered, to be confirmed")}
LONGEST_SLUG = 30  # characters: a longer one does not fit into a button with a place
NAME = 40  # UTF-16 units of a name on a button, beside other words
QR_SCALE = 8  # pixels a module: a link fills about 300


def picture(link: str) -> bytes:
    """The link as a QR picture (PNG)."""
    written = io.BytesIO()
    segno.make(link, error="m", micro=False).save(written, kind="png", scale=QR_SCALE, border=4)
    return written.getvalue()


def _decide(invitation_id: int, t: Translator, *, listed: int = 0, number: str = "") -> list[Button]:
    return [
        button(t("Confirm") + number, DecideInvitation(invitation_id, "confirm", listed)),
        button(t("Refuse") + number, DecideInvitation(invitation_id, "refuse", listed)),
    ]


@says(InvitationAnswered)
def invitation_answered(record: InvitationAnswered, reader: Reader, t: Translator) -> Message:
    ask = (
        t("Somebody has to confirm who did not issue it, and the office has nobody else. The operator can: <code>{command}</code>",
          command=f"lianxi confirm {record.invitation_id}")
        if record.alone
        else t("Do you know this name for this post? Ring if in doubt. Only your word gives rights.")
    )  # fmt: skip
    text = lines(
        t("👤 <b>{name}</b> wants back into a post from a new account.", name=record.name)
        if record.rebind
        else t("👤 <b>{name}</b> has answered an invitation.", name=record.name),
        known_otherwise(record.was, t),
        post_lines(reader, t, record.conference, record.unit, record.title),
        "",
        ask,
    )
    rows = [] if record.alone else [_decide(record.invitation_id, t)]
    return Message(text, rows, protect=True)


@says(InvitationDecided)
def invitation_decided(record: InvitationDecided, reader: Reader, t: Translator) -> Message:
    conference = record.conference or reader.conference
    return Message(
        lines(
            t("<b>Invitation {number}</b>, {at}", number=record.invitation_id, at=moment(record.at, reader, t)),
            t("{unit} · {post}", unit=unit_name(reader, conference, record.unit), post=record.title),
            t("Name: {name}", name=record.name) if record.name else None,
            t(HOW[record.how], name=record.name, hours=hours(VALID)),
        ),
        protect=True,
    )


@says(InvitationIssued)
def invitation_issued(record: InvitationIssued, reader: Reader, t: Translator) -> Message:
    whole = link_of(reader.bot, record.token)
    text = lines(
        t("🔑 <b>Invitation {number}</b>, back into a post from a new account", number=record.invitation_id)
        if record.rebind
        else t("✉️ <b>Invitation {number}</b> into a post", number=record.invitation_id),
        post_lines(reader, t, record.conference, record.unit, record.title),
        t("Valid until {at}", at=moment(record.expires_at, reader, t)),
        "",
        t("Link, to be sent to the one who is meant:\n{link}", link=whole) if whole else None,
        t("Code for paper, to be typed to @{bot}: <code>{code}</code>", bot=reader.bot, code=record.code)
        if reader.bot
        else t("Code for paper, to be typed here: <code>{code}</code>", code=record.code),
        "",
        t("It works once, for whoever opens it first. Rights come only when somebody else of the office confirms the name."),
    )
    return Message(
        text,
        [
            [button(t("Take it back"), RevokeInvitation(record.invitation_id))],
            [button(t("What waits"), ShowInvitations(below=1))],
        ],
    )


@says(InvitationPicture)
def invitation_picture(record: InvitationPicture, reader: Reader, t: Translator) -> Message:
    caption = t(
        "Invitation {number}, {post}: to be scanned with the phone that will be used.", number=record.invitation_id, post=record.title
    )
    whole = link_of(reader.bot, record.token)
    return Message(caption, upload=Upload("photo", f"invitation-{record.invitation_id}.png", picture(whole)) if whole else None)


# -- into which post


@says(InviteUnits)
def invite_units(record: InviteUnits, reader: Reader, t: Translator) -> Message:
    new = [[button(t("➕ New post at a township, village or institution"), ShowBodies())]] if reader.profile.actors else []
    if not record.units:
        return Message(
            t("This conference has no posts yet. The operator sets them up by loading its profile, or by <code>lianxi invite</code>."),
            new,
        )
    rows = [
        [
            button(
                t("{unit} ({number})", unit=short(unit_name(reader, reader.conference, unit), NAME), number=number),
                ShowInvitePosts(post),
            )
        ]
        for post, unit, number in record.units
    ]
    turn = pager(record.page, record.pages, ShowInviteUnits, t)
    return Message(t("<b>Into which unit's post shall somebody be invited?</b>"), [*rows, *turn, *new])


@says(BodiesShown)
def bodies_shown(record: BodiesShown, reader: Reader, t: Translator) -> Message:
    rows = [
        [button(short(unit_name(reader, reader.conference, slug), NAME), ChooseBody(slug))]
        for slug in record.bodies
        if len(slug) <= LONGEST_SLUG
    ]
    text = (
        t("<b>With whom shall the new post stand?</b>\nA township or village is chosen from the list, an institution is named.")
        if rows
        else t("The document of this conference names no township, village or institution that could have a post here.")
    )
    return Message(text, [*rows, [button(t("Back"), ShowInviteUnits())]])


@says(BodyPlaces)
def body_places(record: BodyPlaces, reader: Reader, t: Translator) -> Message:
    offer = PlacesOffered(**record.places)
    under = offer.under[0] if offer.under else ""
    rows = pairs([button(safe(name), ChooseBodyPlace(record.body, code)) for code, name in offer.listed])
    turn = pager(offer.page, offer.pages, lambda page: OpenBodyPlaces(record.body, under, page), t)
    up = OpenBodyPlaces(record.body, offer.above, 0) if under else ShowBodies()
    text = lines(
        t("New post: <b>{kind}</b>", kind=unit_name(reader, reader.conference, record.body)),
        t("Where? Choose the {level}.", level=words.level(offer.level, reader, t)),
        safe(offer.under[1]) if offer.under else None,
    )
    return Message(text, [*rows, *turn, [button(t("Back"), up)]])


@says(InvitePosts)
def invite_posts(record: InvitePosts, reader: Reader, t: Translator) -> Message:
    rows = [
        [
            button(
                t("{post}: vacant", post=short(title, NAME))
                if not holders
                else t("{post}: {number} here", post=short(title, NAME), number=holders),
                ShowPost(post),
            )
        ]
        for post, title, holders in record.posts
    ]
    any_post = record.posts[0][0] if record.posts else 0
    turn = pager(record.page, record.pages, lambda page: ShowInvitePosts(any_post, page), t)
    text = t("<b>{unit}</b>: which post?", unit=unit_name(reader, reader.conference, record.unit))
    back = [button(t("All units"), ShowInviteUnits())]
    return Message(text, [*rows, *turn, back])


@says(PostShown)
def post_shown(record: PostShown, reader: Reader, t: Translator) -> Message:
    held = [
        t("· {name}", name=name or t("name not known"))
        if accounts
        else t("· {name}, without an account: cannot be reached here", name=name or t("name not known"))
        for _, name, accounts in record.holders
    ]
    text = lines(
        t("<b>{post}</b>, {unit}", post=record.title, unit=unit_name(reader, reader.conference, record.unit)),
        *(held or [t("Vacant since {at}", at=moment(record.vacant_since, reader, t)) if record.vacant_since else t("Vacant")]),
        t("The document does not have this post any more. Whoever holds it keeps its rights until the tenure is ended.")
        if record.closed
        else None,
    )
    rows = [] if record.closed or (record.alone and record.holders) else [[button(t("Invite somebody"), InviteTo(record.post_id))]]
    for person, name, accounts in record.holders:
        said = short(name, NAME) or t("name not known")
        if accounts:
            rows.append([button(t("Phone lost: {name}", name=said), EndBindings(record.post_id, person))])
        else:
            rows += [] if record.closed else [[button(t("Invite back: {name}", name=said), InviteBack(record.post_id, person))]]
        rows.append([button(t("End the tenure: {name}", name=said), EndTenure(record.post_id, person))])
    return Message(text, [*rows, [button(t("Other posts"), ShowInvitePosts(record.post_id))]], protect=True)


# -- what waits


@says(InvitationsListed)
def invitations_listed(record: InvitationsListed, reader: Reader, t: Translator) -> Message:
    if not record.waiting:
        return Message(t("No invitation waits."), [[button(t("Invite somebody"), ShowInviteUnits())]])
    said, rows = [], []
    for number, unit, title, state, name, expires_at, may in record.waiting:
        said.append(
            lines(
                t("<b>Invitation {number}</b>, {state}", number=number, state=t(STATES[state])),
                t("{unit} · {post}", unit=unit_name(reader, reader.conference, unit), post=short(title, NAME)),
                t("Name: {name}", name=name) if name else None,
                t("Valid until {at}", at=moment(expires_at, reader, t)),
            )
        )
        rows += [_decide(number, t, listed=1, number=f" {number}")] if may else []
        rows.append([button(t("Take back {number}", number=number), RevokeInvitation(number, listed=1))])
    more = t("… and {number} more.", number=record.more) if record.more else None
    return Message(lines(t("<b>Invitations that wait</b>"), "", "\n\n".join(said), more), rows, protect=True)


# -- the end


@says(EndAsked)
def end_asked(record: EndAsked, reader: Reader, t: Translator) -> Message:
    name = record.name or t("name not known")
    back = [button(t("Back"), ShowPost(record.post_id))]
    if record.what == "tenure":
        text = lines(
            t("<b>End the tenure of {name}?</b>", name=name),
            t("{post}: the rights end at once; open items stay with the post. It cannot be undone, only a new invitation brings back.",
              post=record.title),
        )  # fmt: skip
        left = button(t("Yes, left the post"), EndTenure(record.post_id, record.person_id, "left"))
        mistake = button(t("Yes, it was a mistake"), EndTenure(record.post_id, record.person_id, "mistake"))
        return Message(text, [[left], [mistake], back], protect=True)
    text = lines(
        t("<b>Has {name} lost the phone?</b>", name=name),
        t(
            "All accounts of this person end at once, in every post. The messages of the last {days} days there are blanked as far as "
            "the channel allows. The tenures stay; an invitation brings the person back from a new account.",
            days=REMEMBERED.days,
        ),
    )
    return Message(text, [[button(t("Yes, end the accounts"), EndBindings(record.post_id, record.person_id, 1))], back], protect=True)


@says(TenureEnded)
def tenure_ended(record: TenureEnded, reader: Reader, t: Translator) -> Message:
    name = record.name or t("name not known")
    return Message(
        t("The tenure has ended: {name}, {post}.", name=name, post=record.title), [[button(t("Other units"), ShowInviteUnits())]]
    )


@says(BindingsEnded)
def bindings_ended(record: BindingsEnded, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("<b>{name}: the accounts have ended.</b>", name=record.name or t("name not known")),
        t("Accounts: {number}", number=record.accounts),
        t("Messages being blanked there: {number}", number=record.blanked + record.removed),
        t("Out of the channel's reach, still standing there: {number}", number=record.left) if record.left else None,
        "",
        t("Also have the phone locked and the number blocked. With an invitation the person comes back from a new account."),
        t(
            "If they have reported something themselves: the eight words of the receipt bring it back there. "
            "A report begun and not sent is gone."
        ),
    )
    return Message(text, [[button(t("Invite back"), InviteBack(record.post_id, record.person_id))]], protect=True)
