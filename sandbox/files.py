"""Files people and bots send: kept in memory within a budget, found again by file_id, served for download."""

from __future__ import annotations

import base64
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from sandbox.errors import bad_request
from sandbox.limits import DOWNLOAD_BYTES, PHOTO_BYTES, UPLOAD_BYTES

KINDS = ("photo", "document", "voice", "video", "audio", "sticker", "animation", "video_note")
_PREFIX = {"photo": "AgACAgUAAxk", "document": "BQACAgUAAxk", "voice": "AwACAgUAAxk", "video": "BAACAgUAAxk", "audio": "CQACAgUAAxk"}
_FOLDER = {"voice": "voice", "document": "documents", "sticker": "stickers", "audio": "music"}
_NAMES = {"photo": "photo.jpg", "voice": "voice.oga", "video": "video.mp4", "sticker": "sticker.webp", "audio": "audio.mp3"}
_MIME = {"voice": "audio/ogg", "video": "video/mp4", "sticker": "image/webp", "audio": "audio/mpeg", "photo": "image/jpeg"}

# The smallest picture there is, for people who send "a photo" without saying which.
PIXEL = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)


@dataclass(slots=True, eq=False)
class File:
    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    size: int
    path: str
    content: bytes | None  # None: only a size was given, or the budget made it go
    gone: bool = False

    @property
    def too_big(self) -> bool:
        return self.size > DOWNLOAD_BYTES

    def read(self) -> bytes:
        """The bytes; a file of which only the size is known reads as that many bytes of its own name."""
        if self.content is not None:
            return self.content
        pattern = (self.name or "file").encode() + b"\n"
        return (pattern * (self.size // len(pattern) + 1))[: self.size]

    def describe(self) -> dict[str, Any]:
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": self.size}


class Files:
    """At most `budget` bytes of content and `keep` files; the oldest go first, as if Telegram had lost them."""

    def __init__(self, budget: int = 256 * 1024 * 1024, keep: int = 50_000) -> None:
        self._by_id: OrderedDict[str, File] = OrderedDict()
        self._by_path: dict[str, File] = {}
        self._budget, self._keep, self._used, self._number = budget, keep, 0, 0

    def add(self, kind: str, content: bytes | None, *, name: str | None = None, mime: str | None = None, size: int | None = None) -> File:
        if kind == "photo" and content is None and size is None:
            content = PIXEL
        length = len(content) if content is not None else (1024 if size is None else size)
        given = name or _NAMES.get(kind, "file.bin")
        suffix = given.rpartition(".")[2] if "." in given else "bin"
        path = f"{_FOLDER.get(kind, kind + 's')}/file_{self._number}.{suffix if suffix.isalnum() else 'bin'}"
        self._number += 1
        file_id = _PREFIX.get(kind, "CAACAgUAAxk") + secrets.token_urlsafe(36)
        file = File(file_id, secrets.token_urlsafe(11), kind, given, mime or _guess(kind, suffix), length, path, content)
        self._by_id[file_id] = self._by_path[path] = file
        self._used += len(content or b"")
        self._shrink()
        return file

    def upload(self, kind: str, content: bytes, *, name: str | None, mime: str | None) -> File:
        """A bot's upload, within what a bot may upload."""
        if not content:
            raise bad_request("file must be non-empty")
        if len(content) > (PHOTO_BYTES if kind == "photo" else UPLOAD_BYTES):
            raise bad_request("file is too big")
        return self.add(kind, content, name=name, mime=mime)

    def find(self, file_id: str) -> File | None:
        return self._by_id.get(file_id)

    def at(self, path: str) -> File | None:
        return self._by_path.get(path)

    def forget(self, file: File) -> None:
        if self._by_id.pop(file.file_id, None) is not None:
            self._by_path.pop(file.path, None)
            self._used -= len(file.content or b"")

    def _shrink(self) -> None:
        if len(self._by_id) > self._keep:
            _, old = self._by_id.popitem(last=False)
            self._by_path.pop(old.path, None)
            self._used -= len(old.content or b"")
        if self._used <= self._budget:
            return
        newest = next(reversed(self._by_id))
        for file in self._by_id.values():
            if self._used <= self._budget or file.file_id == newest:
                break
            if file.content is not None:
                self._used -= len(file.content)
                file.content, file.gone = None, True


def _guess(kind: str, suffix: str) -> str:
    by_suffix = {
        "pdf": "application/pdf",
        "txt": "text/plain",
        "csv": "text/csv",
        "png": "image/png",
        "jpg": "image/jpeg",
        "zip": "application/zip",
    }
    by_suffix["docx"] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    by_suffix["xlsx"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _MIME.get(kind) or by_suffix.get(suffix.lower(), "application/octet-stream")


def describe_media(kind: str, file: File, extra: dict[str, Any]) -> dict[str, Any]:
    """The field(s) of a Message that carry this file."""
    about = file.describe()
    if kind == "photo":
        small = {**about, "width": 90, "height": 67}
        return {"photo": [small, {**about, "width": extra.get("width", 800), "height": extra.get("height", 600)}]}
    if kind == "sticker":
        about |= {
            "type": "regular",
            "width": 512,
            "height": 512,
            "is_animated": False,
            "is_video": False,
            "emoji": extra.get("emoji", "👍"),
        }
        return {"sticker": about}
    if kind in ("voice", "audio"):
        about |= {"duration": extra.get("duration", 1), "mime_type": file.mime}
    elif kind in ("video", "animation"):
        about |= {"duration": extra.get("duration", 1), "width": 640, "height": 360, "mime_type": file.mime}
    elif kind == "video_note":
        return {kind: about | {"duration": extra.get("duration", 1), "length": 240}}
    else:
        about |= {"mime_type": file.mime}
    if kind != "voice":
        about["file_name"] = file.name
    return {kind: about}
