"""Text and its entities: read from HTML as Telegram reads it (with its error texts), found in plain text, and shown as HTML again."""

from __future__ import annotations

import html
import re
from typing import Any

from sandbox.errors import bad_request
from sandbox.limits import utf16

Entity = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w-]*)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?""")
_REFERENCE = re.compile(r"&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot);?")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_PIECE = re.compile(r"[^<]+|<")


def cannot_parse(why: str) -> Exception:
    return bad_request(f"can't parse entities: {why}")


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Text and entities of a message in HTML; raises the refusal the real server gives for broken HTML."""
    if "<" not in source and "&" not in source:
        return source, []
    return _Html(source).read()


class _Html:
    def __init__(self, source: str) -> None:
        self.source = source
        self.out: list[str] = []
        self.length = 0
        self.open: list[tuple[str, int, Entity]] = []
        self.entities: list[Entity] = []

    def read(self) -> tuple[str, list[Entity]]:
        position = 0
        while position < len(self.source):
            if self.source[position] == "<":
                position = self._tag(position)
            else:
                end = self.source.find("<", position)
                end = len(self.source) if end < 0 else end
                self._write(_REFERENCE.sub(_character, self.source[position:end]))
                position = end
        if self.open:
            tag, offset, _ = self.open[-1]
            raise cannot_parse(f'Can\'t find end tag corresponding to start tag "{tag}" at byte offset {offset}')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.out), self.entities

    def _write(self, text: str) -> None:
        self.out.append(text)
        self.length += utf16(text)

    def _offset(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _tag(self, start: int) -> int:
        end = self.source.find(">", start)
        closing = self.source.startswith("</", start)
        if end < 0:
            raise cannot_parse(f"Unclosed {'end' if closing else 'start'} tag at byte offset {self._offset(start)}")
        inside = self.source[start + 2 : end] if closing else self.source[start + 1 : end]
        if closing:
            self._close(inside.strip().lower(), start)
        else:
            self._begin(inside, start)
        return end + 1

    def _begin(self, inside: str, start: int) -> None:
        name = re.match(r"[^\s>]*", inside)
        tag = name.group().lower() if name else ""
        if tag not in TAGS:
            raise cannot_parse(f'Unsupported start tag "{tag}" at byte offset {self._offset(start)}')
        given = {key.lower(): (value or "").strip("\"'") for key, value in _ATTRIBUTE.findall(inside[len(tag) :])}
        if tag == "span" and given.get("class") != "tg-spoiler":
            raise cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {self._offset(start)}')
        entity: Entity = {"type": TAGS[tag], "offset": self.length}
        if tag == "a":
            entity["url"] = html.unescape(given.get("href", ""))
        elif tag == "tg-emoji":
            entity["custom_emoji_id"] = given.get("emoji-id", "")
        elif tag == "blockquote" and "expandable" in given:
            entity["type"] = "expandable_blockquote"
        elif tag == "code" and given.get("class", "").startswith("language-") and self.open and self.open[-1][0] == "pre":
            self.open[-1][2]["language"] = given["class"].removeprefix("language-")
            entity["type"] = ""
        self.open.append((tag, self._offset(start), entity))

    def _close(self, tag: str, start: int) -> None:
        if not self.open:
            raise cannot_parse(f"Unexpected end tag at byte offset {self._offset(start)}")
        expected, _, entity = self.open.pop()
        if tag and tag != expected:
            raise cannot_parse(f'Unmatched end tag at byte offset {self._offset(start)}, expected "</{expected}>", found "</{tag}>"')
        entity["length"] = self.length - entity["offset"]
        if not entity["length"] or not entity["type"]:
            return
        if entity["type"] == "text_link":
            _finish_link(entity, "".join(self.out))
            if not entity["type"]:
                return
        self.entities.append(entity)


def _finish_link(entity: Entity, text: str) -> None:
    """An empty href links to the text itself; tg://user?id= mentions a person without a username."""
    url = entity["url"] or text.encode("utf-16-le")[entity["offset"] * 2 :].decode("utf-16-le")
    if url.startswith("tg://user?id=") and url[13:].isdigit():
        entity.update(type="text_mention", user={"id": int(url[13:]), "is_bot": False, "first_name": ""})
        del entity["url"]
    elif "." in url or ":" in url:
        entity["url"] = url if "://" in url or url.startswith("tg:") else f"http://{url}/"
    else:
        entity["type"] = ""


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    if name.startswith("#"):
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        return chr(code) if 0 < code < 0x10FFFF else match.group()
    return _NAMED[name]


_FOUND = re.compile(
    r"(?P<url>https?://[^\s<>\"']+[^\s<>\"'.,;:!?)，。；：！？）])"
    r"|(?P<email>[\w.+-]+@[\w-]+\.[\w.-]*\w)"
    r"|(?<![\w/@])(?P<mention>@[A-Za-z]\w{3,31})\b"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?)(?![\w/])"
    r"|(?<!\w)(?P<hashtag>#\w*[^\W\d]\w*)",
)


def find_entities(text: str, known: list[Entity] | None = None) -> list[Entity]:
    """Links, commands, mentions and hashtags that Telegram finds in plain text, beside those already known."""
    known = known or []
    if not any(sign in text for sign in "/@#"):
        return known
    found = []
    for match in _FOUND.finditer(text):
        offset, length = utf16(text[: match.start()]), utf16(match.group())
        if not any(offset < other["offset"] + other["length"] and other["offset"] < offset + length for other in known):
            found.append({"type": match.lastgroup, "offset": offset, "length": length})
    return sorted(known + found, key=lambda entity: (entity["offset"], -entity["length"])) if found else known


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Telegram takes white space off both ends; entities move with the text."""
    whole = text.rstrip()
    trimmed = whole.lstrip()
    if len(trimmed) == len(text) or not entities:
        return trimmed, entities
    shift, length = utf16(whole) - utf16(trimmed), utf16(trimmed)
    kept = []
    for entity in entities:
        start, end = max(0, entity["offset"] - shift), min(length, entity["offset"] + entity["length"] - shift)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return trimmed, kept


_OPEN = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ('<span class="tg-spoiler">', "</span>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
    "bot_command": ('<span class="command">', "</span>"),
}


def to_html(text: str, entities: list[Entity]) -> str:
    """What a page may show: everything escaped, links only to http(s), mailto and tg."""
    if not entities:
        return html.escape(text)
    units = text.encode("utf-16-le")
    cuts = sorted({0, len(units) // 2, *(e["offset"] for e in entities), *(e["offset"] + e["length"] for e in entities)})
    out: list[str] = []
    opened: list[Entity] = []
    for here, after in zip(cuts, [*cuts[1:], cuts[-1]], strict=True):
        while opened and opened[-1]["offset"] + opened[-1]["length"] <= here:
            out.append(_around(opened.pop(), text)[1])
        for entity in entities:
            if entity["offset"] == here and entity["length"] > 0:
                out.append(_around(entity, text)[0])
                opened.append(entity)
        out.append(html.escape(units[here * 2 : after * 2].decode("utf-16-le", "replace")))
    out.extend(_around(entity, text)[1] for entity in reversed(opened))
    return "".join(out)


def _around(entity: Entity, text: str) -> tuple[str, str]:
    kind = entity["type"]
    if kind in _OPEN:
        return _OPEN[kind]
    piece = text.encode("utf-16-le")[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le", "replace")
    url = {"text_link": entity.get("url", ""), "url": piece, "email": f"mailto:{piece}"}.get(kind, "")
    if url.startswith(("http://", "https://", "mailto:", "tg:")):
        return f'<a href="{html.escape(url)}" rel="noreferrer noopener" target="_blank">', "</a>"
    return "", ""
