"""What one message is made of, before the channel puts it into its own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from conference.model.conferences import Head
from conference.ports import Conferences
from conference.profiles import Profile

from .buttons import Press, Signer


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a message. `press` is what it does."""

    label: str
    press: Press


@dataclass(frozen=True, slots=True)
class File:
    """A file the channel already has, by its id there. `kind`: photo, voice, audio, video, document."""

    kind: str
    file_id: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that we make ourselves while the message is put into words. `kind`: photo (PNG) or document. Never kept."""

    kind: str
    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """Text in HTML (every value escaped), rows of buttons, at most one file or upload (the text is then its caption) or position.

    `protect`: the channel is asked not to let it be forwarded or saved.
    """

    text: str
    rows: list[list[Button]] = field(default_factory=list)
    file: File | None = None
    upload: Upload | None = None
    location: tuple[float, float] | None = None
    protect: bool = False
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a record is put into words: the account its buttons are signed for, language, zone, and in whose name it is said."""

    account_id: int
    language: str
    zone: tzinfo
    conferences: Conferences
    conference: str
    signer: Signer
    full_disclosure: bool = False
    bot: str = ""  # its name in the channel, once that is known

    @property
    def head(self) -> Head:
        return self.conferences.head(self.conference)

    @property
    def profile(self) -> Profile:
        return self.conferences.profile(self.conference)
