"""A questionnaire as data, and a draft that is filled one answer at a time.

Pure: no clock, no words, no channel. Whatever order answers, steps back, repeats and restarts come in, the same last
answers make the same report: a draft is only its answers and the question it stands at.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from .errors import AnswerUnfit, Misconfigured, TooMuch

MAX_WORDS = 12_000  # characters in all; about six full messages
MAX_PIECES = 60  # separate texts
MAX_FILES = 30
MAX_FILE_BYTES = 20 * 1024 * 1024  # the Bot API hands over no larger file
MAX_LINE = 200  # characters of a one-line answer
REVIEW = "review"  # where a draft stands when every question has been passed


class QuestionKind(StrEnum):
    CHOICE = "choice"
    PLACE = "place"
    WHEN = "when"
    WORDS = "words"
    TEXT = "text"
    EVIDENCE = "evidence"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Question:
    code: str
    kind: QuestionKind
    options: tuple[str, ...] = ()
    required: bool = False
    only_if: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def applies(self, answers: Mapping[str, Any]) -> bool:
        return not self.only_if or all(_code(answers.get(code)) in wanted for code, wanted in self.only_if.items())


@dataclass(frozen=True, slots=True)
class Questionnaire:
    version: str
    questions: tuple[Question, ...]
    mandatory: Mapping[str, tuple[str, ...]]

    def __getitem__(self, code: str) -> Question:
        for question in self.questions:
            if question.code == code:
                return question
        raise AnswerUnfit(code, "question")

    def asked(self, answers: Mapping[str, Any]) -> list[Question]:
        """The questions that apply to these answers, in their order."""
        return [question for question in self.questions if not question.only_if or question.applies(answers)]

    def is_mandatory(self, answers: Mapping[str, Any]) -> bool:
        return any(_code(answers.get(code)) in wanted for code, wanted in self.mandatory.items())


def _code(answer: Any) -> str | None:
    return answer.get("code") if isinstance(answer, Mapping) else None


def parse_questionnaire(raw: str) -> Questionnaire:
    """Read a questionnaire file. Raises Misconfigured naming the question that is wrong."""
    data = tomllib.loads(raw)
    questions = []
    for entry in data["questions"]:
        known = {"code", "kind", "options", "required", "only_if"}
        if unknown := set(entry) - known:
            where = f"questionnaire {data['version']}, {entry.get('code')}"
            raise Misconfigured(f"{where}: unknown {sorted(unknown)}; allowed {sorted(known)}")
        questions.append(
            Question(
                code=entry["code"],
                kind=QuestionKind(entry["kind"]),
                options=tuple(entry.get("options", ())),
                required=entry.get("required", False),
                only_if={code: tuple(codes) for code, codes in entry.get("only_if", {}).items()},
            )
        )
    mandatory = {code: tuple(codes) for code, codes in data.get("mandatory", {}).items()}
    return Questionnaire(version=str(data["version"]), questions=tuple(questions), mandatory=mandatory)


@cache
def questionnaire(version: str = "1") -> Questionnaire:
    """The citizen's report in the given version; a report keeps its own."""
    file = resources.files("conference").joinpath(f"questionnaires/report-{version}.toml")
    return parse_questionnaire(file.read_text("utf-8"))


@dataclass(slots=True)
class Draft:
    """A report on its way. Round-trips through JSON (`as_data`, `from_data`), so it survives any restart.

    `version` rises with each step: a button issued for an earlier one is stale. Words and files that are added leave the
    draft where it stands, so what was on the screen still holds (an album would make its own buttons stale). `at` is the
    code of the question shown or REVIEW. `editing`: one answer is being changed from the review, so the next stop is the
    review again.
    """

    id: str
    questionnaire: str = "1"
    version: int = 0
    at: str = ""
    editing: bool = False
    passed: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def form(self) -> Questionnaire:
        return questionnaire(self.questionnaire)

    @classmethod
    def begin(cls, id: str, version: str = "1") -> Draft:
        draft = cls(id=id, questionnaire=version)
        draft.at = draft.form.questions[0].code
        return draft

    def as_data(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "questionnaire": self.questionnaire,
            "version": self.version,
            "at": self.at,
            "editing": self.editing,
            "passed": list(self.passed),
            "answers": dict(self.answers),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Draft:
        """The draft again; it shares nothing with `data` that it would change."""
        return cls(**{**data, "passed": list(data["passed"]), "answers": dict(data["answers"])})

    # -- where it stands

    @property
    def question(self) -> Question | None:
        return None if self.at == REVIEW else self.form[self.at]

    @property
    def missing(self) -> list[str]:
        """Required questions without an answer: what, where and since when."""
        return [q.code for q in self.form.asked(self.answers) if q.required and q.code not in self.answers]

    @property
    def is_empty(self) -> bool:
        return not self.answers

    def previous(self) -> Question | None:
        asked = self.form.asked(self.answers)
        codes = [q.code for q in asked]
        here = len(codes) if self.at == REVIEW else codes.index(self.at) if self.at in codes else 0
        return asked[here - 1] if here else None

    # -- steps

    def _settle(self, code: str) -> None:
        if code not in self.passed:
            self.passed.append(code)
        for later in self.form.questions:  # an answer that no longer applies is withdrawn with its question
            if later.code in self.answers and not later.applies(self.answers):
                del self.answers[later.code]
                if later.code in self.passed:
                    self.passed.remove(later.code)

    def _advance(self, after: str) -> None:
        """To the next question: first the one that hangs on what was just answered (which school?), else in their order."""
        self.version += 1
        remaining = [q for q in self.form.asked(self.answers) if q.code not in self.passed]
        required = [q for q in remaining if q.required and q.code not in self.answers]
        if self.editing and not required:
            self.at = REVIEW
        else:
            hanging = [q for q in remaining if after in q.only_if]
            self.at = (hanging or remaining)[0].code if remaining else REVIEW
        self.editing = self.editing and self.at != REVIEW

    def choose(self, code: str, option: str) -> None:
        """Answer with one of the options of the question. Raises AnswerUnfit."""
        if option not in self.form[code].options:
            raise AnswerUnfit(code, "option")
        self._put(code, {"code": option})

    def place(
        self,
        *,
        code: str | None = None,
        text: str | None = None,
        location: tuple[float, float] | None = None,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Where: a code of the territory, the person's own words, or a shared position (degrees). A position joins earlier words.

        `facts` about the place of this code, so that nobody has to look it up again: its `name`, the code it is `sorted` by,
        the level of what is `finer`.
        """
        answer: dict[str, Any] = {}
        if location is not None:
            answer = dict(self.answers.get("place") or {})
            answer["location"] = [round(location[0], 6), round(location[1], 6)]
        if code:
            answer |= {"code": code} | {name: fact for name, fact in (facts or {}).items() if fact}
        if text:
            answer["text"] = bounded(text, "place")
        if not answer:
            raise AnswerUnfit("place", "place")
        self._put("place", answer)

    def place_in_doubt(self, text: str, among: list[str]) -> None:
        """Words that several places fit: kept as they are said, and the question stays until one is chosen or they will do."""
        self.answers["place"] = {"text": bounded(text, "place"), "among": among}
        self.version += 1

    def seek_finer(self) -> None:
        """Back to the place, to say it more exactly; its answer stays until another replaces it."""
        if "place" in self.passed:
            self.passed.remove("place")
        self.at, self.editing = "place", False
        self.version += 1

    def say(self, code: str, text: str) -> None:
        """A one-line answer in the person's own words."""
        text = bounded(text, code)
        if not text:
            raise AnswerUnfit(code, "text")
        self._put(code, {"text": text})

    def since(self, text: str, day: date | None = None) -> None:
        """Since when, in the person's own words, with the day they name if it was understood."""
        text = bounded(text, "since")
        if not text:
            raise AnswerUnfit("since", "when")
        self._put("since", {"text": text} | ({"date": day.isoformat()} if day else {}))

    def _put(self, code: str, answer: dict[str, Any]) -> None:
        self.answers[code] = answer
        self._settle(code)
        if self.at == code:
            self._advance(code)
        else:
            self.version += 1

    def add_words(self, text: str) -> None:
        """Add to the narrative, at whatever question the draft stands. Raises TooMuch; what was there stays."""
        text = text.strip()
        pieces = self.answers.get("words", [])
        if len(pieces) >= MAX_PIECES:
            raise TooMuch("pieces", MAX_PIECES)
        if sum(map(len, pieces)) + len(text) > MAX_WORDS:
            raise TooMuch("words", MAX_WORDS)
        if text:
            self.answers["words"] = [*pieces, text]

    def add_file(self, file: Mapping[str, Any]) -> None:
        """Add a piece of evidence. `file` holds kind, file_id, unique_id, size (bytes), and album where there is one."""
        files = self.answers.get("evidence", [])
        if (file.get("size") or 0) > MAX_FILE_BYTES:
            raise TooMuch("file_size", MAX_FILE_BYTES)
        if any(kept["unique_id"] == file["unique_id"] for kept in files):
            return
        if len(files) >= MAX_FILES:
            raise TooMuch("files", MAX_FILES)
        self.answers["evidence"] = [*files, dict(file)]

    def proceed(self) -> None:
        """Pass the question shown with what it has. Raises AnswerUnfit where it is required and empty."""
        question = self.question
        if question is None:
            return
        if question.required and question.code not in self.answers:
            raise AnswerUnfit(question.code, question.kind)
        self._settle(question.code)
        self._advance(question.code)

    def back(self) -> None:
        """To the question before; its answer stays until another replaces it."""
        if (previous := self.previous()) is not None:
            if previous.code in self.passed:
                self.passed.remove(previous.code)
            self.at, self.editing = previous.code, False
            self.version += 1

    def ask_first(self, code: str) -> None:
        """Before anything else: those on duty say first what they are."""
        self.at, self.editing = self.form[code].code, False
        self.version += 1

    def change(self, code: str) -> None:
        """From the review: answer one question again, then come back."""
        self.at = self.form[code].code
        self.editing = True
        self.version += 1

    def review(self) -> None:
        """Straight to the review, if nothing required is missing; else to what is."""
        self.at, self.editing = (self.missing or [REVIEW])[0], False
        self.version += 1


def bounded(text: str, what: str, limit: int = MAX_LINE) -> str:
    """One line, folded, of at most `limit` characters. Raises TooMuch."""
    text = " ".join(text.split())
    if len(text) > limit:
        raise TooMuch(what, limit)
    return text
