"""Methods that put something new into a chat."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox.calls import Call
from sandbox.errors import bad_request
from sandbox.files import File
from sandbox.limits import check_caption, check_text
from sandbox.markup import Entity
from sandbox.messages import Chat, Media, Message

Result = dict[str, Any]


def post(
    call: Call,
    chat: Chat,
    *,
    text: str | None = None,
    entities: list[Entity] | None = None,
    media: Media | None = None,
    markup: dict[str, Any] | None = None,
    reply_to: Message | None = None,
    other: dict[str, Any] | None = None,
    album: str | None = None,
) -> Message:
    """The message stands in the chat; a reply keyboard that came with it changes the one below."""
    world = call.world
    message = Message(world.next_message_id(), chat, call.bot, world.clock.now(), text, entities or [], media)
    message.reply_to, message.group_of_media = reply_to, album
    message.protected = call.flag("protect_content")
    message.other = other or {}
    if markup is not None:
        if "inline_keyboard" in markup:
            message.markup = markup
        else:
            message.asks = markup
            world.set_keyboard(chat, markup if "keyboard" in markup else None)
    world.add_message(message)
    return message


def send_message(call: Call) -> Result:
    if not call.params.get("text"):
        raise bad_request("message text is empty")
    text, entities = call.formatted("text")
    call.shown = text
    markup = call.markup()
    chat = call.destination()
    check_text(text)
    reply_to = call.replied(chat) if "reply_parameters" in call.params or "reply_to_message_id" in call.params else None
    call.pass_gate(chat)
    return post(call, chat, text=text, entities=entities, markup=markup, reply_to=reply_to).describe()


def _send_media(call: Call, kind: str, extra: dict[str, Any] | None = None) -> Result:
    caption, entities = call.formatted("caption") if kind != "sticker" else ("", [])
    call.shown = caption or None
    markup = call.markup()
    chat = call.destination()
    check_caption(caption)
    file = call.file(kind, kind)
    reply_to = call.replied(chat)
    call.pass_gate(chat)
    media = Media(kind, file, extra or {})
    return post(call, chat, text=caption or None, entities=entities, media=media, markup=markup, reply_to=reply_to).describe()


def _duration(call: Call) -> dict[str, Any]:
    return {"duration": call.integer("duration", 1)}


def send_photo(call: Call) -> Result:
    return _send_media(call, "photo")


def send_document(call: Call) -> Result:
    return _send_media(call, "document")


def send_voice(call: Call) -> Result:
    return _send_media(call, "voice", _duration(call))


def send_video(call: Call) -> Result:
    return _send_media(call, "video", _duration(call))


def send_audio(call: Call) -> Result:
    return _send_media(call, "audio", _duration(call))


def send_animation(call: Call) -> Result:
    return _send_media(call, "animation", _duration(call))


def send_sticker(call: Call) -> Result:
    return _send_media(call, "sticker")


def _send_other(call: Call, other: dict[str, Any]) -> Result:
    markup = call.markup()
    chat = call.destination()
    reply_to = call.replied(chat)
    call.pass_gate(chat)
    return post(call, chat, markup=markup, reply_to=reply_to, other=other).describe()


def send_location(call: Call) -> Result:
    latitude, longitude = call.number("latitude"), call.number("longitude")
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise bad_request(f"{'latitude' if latitude is None or not -90 <= latitude <= 90 else 'longitude'} must be a valid number")
    return _send_other(call, {"location": {"latitude": latitude, "longitude": longitude}})


def send_contact(call: Call) -> Result:
    phone, first_name = call.text("phone_number"), call.text("first_name")
    if not phone:
        raise bad_request("phone number must be non-empty")
    if not first_name:
        raise bad_request("first name must be non-empty")
    contact = {"phone_number": phone, "first_name": first_name}
    contact |= {key: call.text(key) for key in ("last_name", "vcard") if call.text(key)}
    call.shown = f"{first_name} {phone}"
    return _send_other(call, {"contact": contact})


def send_media_group(call: Call) -> list[Result]:
    items = call.json("media")
    if not isinstance(items, list) or not items:
        raise bad_request(
            "group send failed: there must be from 2 to 10 media in the album" if items == [] else "can't parse media JSON object"
        )
    if not 2 <= len(items) <= 10:
        raise bad_request("there must be from 2 to 10 messages in an album")
    chat = call.destination()
    album = str(secrets.randbelow(10**17) + 10**16)
    ready: list[tuple[str, list[Entity], Media]] = []
    for item in items:
        kind = item.get("type", "") if isinstance(item, dict) else ""
        if kind not in ("photo", "video", "document", "audio"):
            raise bad_request(f'can\'t parse InputMedia: unknown type "{kind}"')
        caption, entities = call.formatted("caption", source=item)
        check_caption(caption)
        file: File = call.file(kind, kind, item.get("media"))
        ready.append((caption, entities, Media(kind, file, {})))
    if len({media.kind for _, _, media in ready} - {"photo", "video"}) > (
        0 if any(m.kind in ("photo", "video") for _, _, m in ready) else 1
    ):
        raise bad_request("media of different types can't be sent in one album")
    reply_to = call.replied(chat)
    call.pass_gate(chat, len(ready))
    call.shown = "\n".join(caption for caption, _, _ in ready if caption) or None
    posted = [
        post(call, chat, text=caption or None, entities=found, media=media, reply_to=reply_to, album=album)
        for caption, found, media in ready
    ]
    return [message.describe() for message in posted]


def _original(call: Call, verb: str, chat: Chat | None = None) -> Message:
    source = chat or call.destination("from_chat_id")
    if (message := call.world.find_message(source, call.integer("message_id"))) is None:
        raise bad_request(f"message to {verb} not found")
    if message.protected or not (message.text or message.media or {"location", "contact"} & message.other.keys()):
        raise bad_request(f"the message can't be {'copied' if verb == 'copy' else 'forwarded'}")
    return message


def copy_message(call: Call) -> Result:
    markup = call.markup()
    chat = call.destination()
    original = _original(call, "copy")
    text, entities = original.text, original.entities
    if original.media is not None and "caption" in call.params:
        text, entities = call.formatted("caption")
        check_caption(text)
    call.shown = text
    reply_to = call.replied(chat)
    call.pass_gate(chat)
    other = {key: value for key, value in original.other.items() if key in ("location", "contact")}
    copied = post(call, chat, text=text or None, entities=entities, media=original.media, markup=markup, reply_to=reply_to, other=other)
    return {"message_id": copied.id}


def forward_message(call: Call) -> Result:
    chat = call.destination()
    original = _original(call, "forward")
    call.shown = original.text
    call.pass_gate(chat)
    other = {key: value for key, value in original.other.items() if key in ("location", "contact", "forward_origin")}
    origin = {"type": "user", "date": int(original.at.timestamp()), "sender_user": original.sender.describe()}
    other.setdefault("forward_origin", origin)
    return post(call, chat, text=original.text, entities=original.entities, media=original.media, other=other).describe()
