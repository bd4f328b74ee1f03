"""What a message brings: words, files, a position."""

from __future__ import annotations

from typing import Any

from aiogram.types import Message

from conference.model.errors import TooMuch
from conference.model.questionnaire import Draft
from handlers.forms import CORRECTION

FILES = ("photo", "voice", "audio", "video", "video_note", "document")
KEPT = ("text", *FILES, "location", "venue")  # content types that are part of what a person reports
SPOKEN = ("sticker", "animation", "contact", "poll", "dice", "game", "story", "paid_media", "checklist", "invoice", "giveaway", "unknown")
# Everything else is a service message (a pinned message, a timer that was set): nobody waits for an answer to it.


def file_of(message: Message) -> dict[str, Any] | None:
    """The channel's facts about the file in a message: kind, file_id, unique_id, size in bytes, album."""
    kind = message.content_type
    if kind not in FILES:
        return None
    piece: Any = getattr(message, kind)
    if kind == "photo":
        piece = piece[-1]  # the largest
    file = {"kind": kind, "file_id": piece.file_id, "unique_id": piece.file_unique_id, "size": piece.file_size or 0}
    if (name := getattr(piece, "file_name", None)) is not None:
        file["name"] = str(name)[:200]
    return file | ({"album": message.media_group_id} if message.media_group_id else {})


def words_of(message: Message) -> str:
    return (message.text or message.caption or "").strip()


def take_in(draft: Draft, message: Message, *, edited: bool = False) -> tuple[str, int]:
    """Put all that a message brings into the draft, whatever question it stands at. Returns a note and its figure.

    What is too much is said in the note; the rest of the message is kept all the same.
    """
    note, figure = ("correction_kept" if edited else "words_kept"), 0
    if message.location is not None:
        venue = message.venue
        draft.place(
            location=(message.location.latitude, message.location.longitude), text=f"{venue.title} {venue.address}"[:200] if venue else None
        )
        note = "position_kept"
    try:
        if words := words_of(message):
            draft.add_words(CORRECTION + words if edited else words)
        if (file := file_of(message)) is not None:
            draft.add_file(file)
            note = note if edited else "album_kept" if message.media_group_id else "file_kept"
    except TooMuch as full:
        return f"too_much_{full.bound}", full.limit
    return note, figure
