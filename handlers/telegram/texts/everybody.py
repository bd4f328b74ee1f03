"""The first screen, help, language, and what is said when something does not work."""

from __future__ import annotations

from conference.model.questionnaire import questionnaire
from conference.model.told import DraftErased, DraftExpiring, SomethingWentWrong
from handlers import words
from handlers.messages import Button, Message, Reader
from handlers.presses.drafts import Begin, BeginOnDuty
from handlers.presses.everybody import SetLanguage, ShowConferences, ShowHelp, ShowStart
from handlers.presses.reporters import Reclaim, ShowOwnReports
from handlers.records.everybody import ButtonStale, HelpGiven, LanguageChooser, LanguageChosen, Refused, StartScreen, StepPassed
from locales import LANGUAGES, Markup, Translator, later, safe

from .commands import DESCRIPTIONS
from .moments import moment
from .registry import button, lines, pairs, says

NATIVE = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}  # each in itself, so that nobody is lost

REASONS = {
    "not_allowed": later("This is only for people on duty who hold the post for it. If you want to report something, just write it here."),
    "not_found": later("This was not found, or it is not yours to see. Your own reports are under “My reports”."),
    "not_now": later("This is not possible at the moment; nothing has changed. Send /start to see what you can do."),
    "too_much": later("That is more than fits here (at most {figure}). What was there before is kept."),
    "try_later": later(
        "That was tried {figure} times within an hour. For safety, please try again in an hour. If somebody is in danger now, call 110."
    ),
    "forwarded": later(
        "A message that was forwarded, edited or sent through another bot does nothing here. Please write a new one yourself."
    ),
    "already_decided": later("This has been decided already."),
    "already_opened": later("This was opened already, or its time has passed. If it is needed again, ask again: /identity and the number."),
    "nobody_else": later("Nobody else holds a post that could decide about this, and nobody does it alone. Please speak to the office."),
    "second_needed": later("Somebody else of the office has to decide this: neither who issued the invitation nor who is invited."),
    "post_held": later("One person holds this post at a time, and somebody does. End that tenure first, or let the holder hand over."),
    "finish_first": later("Please send or give up what you have begun; then you can turn to another area. Nothing has been lost."),
    "handover_second": later(
        "Another person has to confirm here: nobody confirms both for one side and for the other, or what they started."
    ),
    "handover_nobody": later(
        "Nobody of the office could confirm this hand-over: it takes somebody who neither starts it nor leaves the post. "
        "Please have another person registered for the office first (/invite), then begin again."
    ),
    "holder_reachable": later(
        "The holder can be reached here and has to confirm. Only if that is impossible does somebody confirm instead."
    ),
    "office_starts": later("In this conference the office starts hand-overs. Please tell the office who leaves and who comes."),
    "handover_moved": later("This step has been done already, or is not possible any more. Here is where it stands."),
    "check_closed": later("This roster check is closed. Please tell the office what has changed."),
    "export_over": later("This was used already, or its time has passed. If it is still needed, ask again: /export and the reason."),
    "meeting_moved": later("This button belongs to an earlier date: the meeting has been moved. Please answer the newest convocation."),
    "meeting_late": later("The day until which this could be answered has passed. Please ring the office."),
    "meeting_over": later("This meeting has been cancelled or held already."),
    "meeting_not_begun": later("The meeting has not begun yet; it can be recorded as held afterwards."),
    "meetings_unknown": later("The document of this conference provides for no meetings, so none are called here."),
    "not_entrusted": later(
        "A convener calls such a meeting only if the chief convener has entrusted it. The chief convener can do so with /entrust."
    ),
    "only_chairing": later(
        "In this conference the chief convener may let somebody else preside, not call. Name who presides when the meeting is called."
    ),
    "no_delegation": later("The document of this conference does not say that calling can be handed to somebody else."),
    "guests_as_members": later("In this conference others are not invited as guests but added as members: /invite brings them in."),
    "guests_unstated": later("The document of this conference does not say how others take part, so no guest link is made here."),
    "guest_link_unfit": later("This link is not valid, or somebody else has opened it. Please ask the office for a new one."),
    "assignment_moved": later("This item stands differently by now. “Assigned items” shows how; nothing has been changed."),
    "assignment_late": later("The due day has passed, so more time can no longer be asked for. Please ring the office."),
    "assignment_longer": later("More time has been asked for already; the office has not answered yet."),
    "assignment_disputed": later("This item was disputed and ruled on; it cannot be disputed again. Please ring the office."),
    "assignment_helpers": later(
        "Not all co-responsible units have said their word yet, so it cannot be submitted. Please ask them, or the office."
    ),
    "no_reassigning": later("The document does not provide for changing the units of an item. It can be taken back and assigned anew."),
    "longer_passed": later("The day that was asked for has passed. Please refuse it, with a word; the unit can be given another day."),
    "assignment_unfit": later("It was not done: these units cannot be given this item any more. Please begin anew."),
    "notice_late": later("Its {figure} minutes have passed, so it can no longer be recalled. Please send a correction instead."),
    "notice_recalled": later("This notice has been recalled. Please do not go by it."),
    "notice_decided": later("Somebody has decided about this notice already; nothing has changed."),
    "notice_not_sent": later("This notice has not been sent yet: it waits for a second person."),
    "notice_day_passed": later("The day until which it was to be signed for has passed. Please have it written anew."),
    "duty_over": later("This has been reported, accepted or waived already. The list shows how it stands: /duties"),
    "already_accepted": later("This report has been accepted already."),
}
NOTES = {
    "command": later("That is not something this desk can do. Here is what you can do; you can also simply write what happened."),
    "unexpected": later(
        "This kind of message cannot be taken in here. Please write, or send a voice message, photo, video, file or location."
    ),
}


def urgent_line(t: Translator) -> Markup:
    return t("🚨 <b>If somebody is in danger now, call 110 first.</b> If somebody is hurt or ill, call 120.")


def conference_name(reader: Reader, slug: str = "") -> str:
    """Of the conference in whose name it is said, or of another one."""
    head = reader.conferences.head(slug) if slug else reader.head
    return head.name_en if reader.language == "en" else head.name_zh


def languages(then: str) -> list[Button]:
    return [button(NATIVE[language], SetLanguage(language, then)) for language in LANGUAGES]


def home(t: Translator) -> list[Button]:
    return [button(t("Main menu"), ShowStart())]


@says(StartScreen)
def start(record: StartScreen, reader: Reader, t: Translator) -> Message:
    text = lines(
        f"{t(NOTES[record.note])}\n" if record.note in NOTES else None,
        f"<b>{safe(conference_name(reader))}</b>",
        t(
            "Here you can report a child, an elderly person, a woman or a person with "
            "a disability who is left alone, neglected, bullied or hurt."
        ),
        "",
        urgent_line(t),
        "",
        t(
            "🔒 <b>We keep it confidential.</b> Telegram shows us your account. Who you are is locked away separately and is not shown to "
            "those who handle the report. You need not give your name. If others look at your phone, delete this chat when you are done."
        ),
        "",
        t(
            "Public security's duty desk gets your report the moment you send it. What you do "
            "not know you can skip. You can also just write, speak or send a photo."
        ),
        "",
        t("<b>Whom is it about?</b>"),
    )
    subjects = [button(words.option("subject", code, t), Begin(code)) for code in questionnaire()["subject"].options]
    return Message(
        text,
        [
            *pairs(subjects),
            [button(t("I work at a school, hospital, village committee …"), BeginOnDuty())],
            [button(t("My reports"), ShowOwnReports()), button(t("Come back with a receipt"), Reclaim())],
            [*([button(t("Another area"), ShowConferences(0))] if record.several else []), button(t("How it works"), ShowHelp())],
            languages("start"),
        ],
    )


@says(HelpGiven)
def help_given(record: HelpGiven, reader: Reader, t: Translator) -> Message:
    text = lines(
        t("<b>How it works</b>"),
        t("You act as: <b>{post}</b>", post=record.post) if record.post else None,
        urgent_line(t),
        "",
        t("1. Tell us what is happening, where, and since when. Buttons, writing, voice, photos: whatever is easiest."),
        t("2. You get a number and eight words, your receipt. Public security's duty desk gets the report at the same moment."),
        t("3. When public security accepts it, we tell you here. The office of the joint conference sees it too and cannot hold it back."),
        "",
        t("<b>Your privacy</b>"),
        t(
            "Telegram shows us your account, so we cannot promise that nobody knows who you are. What we promise: "
            "it is locked away separately, and those who handle the report are not shown it."
        ),
        t("We never ask for passwords, codes or money. Whoever asks you for them is not us."),
        "",
        *(
            t("/{command} – {description}", command=name, description=t(DESCRIPTIONS[name]))
            for name in record.offers
            if name in DESCRIPTIONS
        ),
    )
    return Message(text, [home(t)])


@says(LanguageChooser)
def language_chooser(record: LanguageChooser, reader: Reader, t: Translator) -> Message:
    return Message(t("Which language shall we use? · 用哪种语言？ · 用哪種語言？"), [languages("")])


@says(LanguageChosen)
def language_chosen(record: LanguageChosen, reader: Reader, t: Translator) -> Message:
    return Message(t("From now on we write to you in English."), [home(t)])


@says(Refused)
def refused(record: Refused, reader: Reader, t: Translator) -> Message:
    reason = REASONS.get(record.reason, REASONS["not_now"])
    return Message(t(reason, figure=record.figure) if "{figure}" in reason else t(reason), [home(t)])


@says(ButtonStale)
def button_stale(record: ButtonStale, reader: Reader, t: Translator) -> Message:
    return Message(t("This button no longer works. Send /start to go on."), [home(t)])


@says(StepPassed)
def step_passed(record: StepPassed, reader: Reader, t: Translator) -> Message:
    return Message(t("This step is done already. Here is where you are now."))


@says(DraftExpiring)
def draft_expiring(record: DraftExpiring, reader: Reader, t: Translator) -> Message:
    text = t(
        "Something you began to write here is not sent yet. To protect you it will "
        "be erased on {at}. To keep it, send /start and choose “Go on”.",
        at=moment(record.erased_at, reader, t),
    )
    return Message(text, [home(t)])


@says(DraftErased)
def draft_erased(record: DraftErased, reader: Reader, t: Translator) -> Message:
    return Message(t("What you had begun and not sent has been erased, as announced. You can begin anew at any time."), [home(t)])


@says(SomethingWentWrong)
def something_went_wrong(record: SomethingWentWrong, reader: Reader, t: Translator) -> Message:
    text = t(
        "We are sorry: one of your messages could not be handled, and somebody has been told to look at it (reference {reference}). "
        "Please send it again. If it is urgent, call 110.",
        reference=record.reference,
    )
    return Message(text, [home(t)])
