"""The questionnaire and its draft: whatever order things come in, the last answers make the report."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.model.errors import AnswerUnfit, Misconfigured, TooMuch
from conference.model.questionnaire import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_LINE,
    MAX_PIECES,
    MAX_WORDS,
    REVIEW,
    Draft,
    parse_questionnaire,
    questionnaire,
)
from conference.model.territory import Level, folded, meant
from handlers import dates, forms
from tests.engine import badong

FORM = questionnaire("1")
TOWNSHIPS = [row.place for row in badong() if row.place.level is Level.TOWNSHIP]
TODAY = date(2026, 11, 26)  # a Thursday


# -- any interleaving ends in the report of the last answers


def restarted(draft: Draft) -> Draft:
    return Draft.from_data(json.loads(json.dumps(draft.as_data())))


choices = st.sampled_from(["subject", "situation", "danger", "since", "reporter", "contact"]).flatmap(
    lambda code: st.tuples(st.just("choose"), st.just(code), st.sampled_from(FORM[code].options))
)
places = st.tuples(st.just("place"), st.sampled_from([p.code for p in TOWNSHIPS]), st.sampled_from([None, "学校旁边"]))
lines_said = st.tuples(st.just("say"), st.sampled_from(["unit", "contact"]), st.sampled_from(["县一小", "晚上来电"]))
moves = st.tuples(
    st.sampled_from(["back", "restart", "proceed", "review", "repeat", "change"]),
    st.none(),
    st.sampled_from([q.code for q in FORM.questions]),
)
words = st.tuples(st.just("words"), st.none(), st.sampled_from(["他打人", "好几次", "夜里"]))
files = st.tuples(st.just("file"), st.none(), st.integers(0, 4))
stories = st.lists(st.one_of(choices, choices, places, lines_said, moves, words, files), max_size=60)

Act = tuple[str, Any, Any]


def applies(code: str, answers: dict[str, Any]) -> bool:
    return FORM[code].applies(answers)


def play(draft: Draft, act: Act) -> Draft:
    """One act on the draft, as a person could do it. What the rules refuse changes nothing."""
    name, code, value = act
    try:
        if name == "choose":
            draft.choose(code, value)
        elif name == "place":
            draft.place(code=code, text=value)
        elif name == "say" and applies(code, draft.answers):
            draft.say(code, value)
        elif name == "words":
            draft.add_words(value)
        elif name == "file":
            draft.add_file({"kind": "photo", "file_id": f"f{value}", "unique_id": f"u{value}", "size": 10})
        elif name == "change" and applies(value, draft.answers):
            draft.change(value)
        elif name in ("back", "proceed", "review"):
            getattr(draft, name)()
        elif name == "restart":
            draft = restarted(draft)
    except AnswerUnfit:
        assert name == "proceed"
    return draft


def expected(story: list[Act]) -> dict[str, Any]:
    """The same told plainly: the last answer to each question, words and files in the order they came."""
    answers: dict[str, Any] = {}
    for name, code, value in story:
        if name == "choose":
            answers[code] = {"code": value}
        elif name == "place":
            answers["place"] = {"code": code} | ({"text": value} if value else {})
        elif name == "say" and applies(code, answers):
            answers[code] = {"text": value}
        elif name == "words":
            answers.setdefault("words", []).append(value)
        elif name == "file" and all(f["unique_id"] != f"u{value}" for f in answers.get("evidence", [])):
            answers.setdefault("evidence", []).append({"kind": "photo", "file_id": f"f{value}", "unique_id": f"u{value}", "size": 10})
        if not applies("unit", answers):
            answers.pop("unit", None)
    return answers


@settings(max_examples=500)
@given(stories)
def test_any_interleaving_ends_in_the_same_report(story: list[Act]) -> None:
    draft = Draft.begin("d" * 32)
    for act in story:
        draft = play(draft, act)
        if act[0] == "repeat":
            draft = restarted(restarted(draft))
    assert draft.answers == expected(story)


@given(stories)
def test_a_draft_always_stands_somewhere_and_its_version_never_falls(story: list[Act]) -> None:
    draft, version = Draft.begin("d"), 0
    for act in story:
        draft = play(draft, act)
        assert draft.at == REVIEW or applies(draft.at, draft.answers) or act[0] == "choose"
        assert draft.version >= version
        version = draft.version


@given(stories)
def test_from_anywhere_it_goes_on_to_the_review(story: list[Act]) -> None:
    draft = Draft.begin("d")
    for act in story:
        draft = play(draft, act)
    for _ in range(2 * len(FORM.questions)):
        if draft.question is None:
            break
        if draft.question.required and draft.question.code not in draft.answers:
            draft.place(text="那里") if draft.at == "place" else draft.choose(draft.at, draft.question.options[0])
        else:
            draft.proceed()
    assert draft.at == REVIEW
    assert draft.missing == []


# -- the way through


def test_four_answers_and_the_subject_are_enough() -> None:
    draft = Draft.begin("d")
    assert draft.at == "subject"
    draft.choose("subject", "child")
    draft.choose("situation", "alone")
    draft.choose("danger", "no")
    draft.place(code="422823107")
    assert draft.missing == ["since"]
    draft.choose("since", "days")
    assert draft.missing == []
    assert draft.at == "words"


def test_what_is_required_cannot_be_skipped() -> None:
    draft = Draft.begin("d")
    draft.proceed()
    with pytest.raises(AnswerUnfit) as refused:
        draft.proceed()
    assert refused.value.question == "situation"


def test_a_changed_answer_leads_back_to_the_review() -> None:
    draft = Draft.begin("d")
    draft.choose("situation", "alone")
    draft.place(text="村口")
    draft.choose("since", "now")
    draft.review()
    draft.change("situation")
    draft.choose("situation", "violence")
    assert draft.at == REVIEW


def test_those_on_duty_say_first_what_they_are_and_are_still_asked_all_the_rest() -> None:
    draft = Draft.begin("d")
    draft.ask_first("reporter")
    draft.choose("reporter", "school")
    assert draft.form.is_mandatory(draft.answers)
    seen = []
    while draft.question is not None:
        seen.append(draft.at)
        if draft.at == "place":
            draft.place(text="镇上")
        elif draft.question.required:
            draft.choose(draft.at, draft.question.options[0])
        else:
            draft.proceed()
    assert seen == ["unit", "subject", "situation", "danger", "place", "since", "words", "evidence", "contact"]


def test_an_answer_that_no_longer_applies_goes_with_its_question() -> None:
    draft = Draft.begin("d")
    draft.choose("reporter", "school")
    draft.say("unit", "县一小")
    draft.choose("reporter", "neighbour")
    assert "unit" not in draft.answers


def test_what_is_added_leaves_the_buttons_on_the_screen_valid() -> None:
    draft = Draft.begin("d")
    before = draft.version
    draft.add_words("一句话")
    draft.add_file({"kind": "photo", "file_id": "f", "unique_id": "u", "size": 1})
    assert draft.version == before


def test_a_position_joins_the_words_of_the_place() -> None:
    draft = Draft.begin("d")
    draft.place(text="河边第三家")
    draft.place(location=(31.04, 110.34))
    assert draft.answers["place"] == {"text": "河边第三家", "location": [31.04, 110.34]}


def test_loading_a_draft_shares_nothing_with_what_was_stored() -> None:
    stored = Draft.begin("d").as_data()
    before = json.dumps(stored)
    draft = Draft.from_data(stored)
    draft.choose("subject", "child")
    draft.add_words("一句话")
    assert json.dumps(stored) == before


# -- bounds: what was there stays


def test_words_have_a_bound_and_what_was_there_stays() -> None:
    draft = Draft.begin("d")
    draft.add_words("字" * MAX_WORDS)
    with pytest.raises(TooMuch) as full:
        draft.add_words("多")
    assert (full.value.bound, full.value.limit) == ("words", MAX_WORDS)
    assert draft.answers["words"] == ["字" * MAX_WORDS]


def test_messages_and_files_have_a_bound() -> None:
    draft = Draft.begin("d")
    for number in range(MAX_PIECES):
        draft.add_words(str(number))
    with pytest.raises(TooMuch, match="pieces"):
        draft.add_words("多")
    for number in range(MAX_FILES):
        draft.add_file({"unique_id": str(number), "size": 1})
    with pytest.raises(TooMuch, match="files"):
        draft.add_file({"unique_id": "more", "size": 1})
    with pytest.raises(TooMuch, match="file_size"):
        Draft.begin("e").add_file({"unique_id": "big", "size": MAX_FILE_BYTES + 1})
    draft.add_file({"unique_id": "0", "size": 1})  # the same file again is no more
    assert len(draft.answers["evidence"]) == MAX_FILES


def test_an_unknown_key_of_a_questionnaire_is_named_with_what_is_allowed() -> None:
    with pytest.raises(Misconfigured, match=r"colour.*allowed"):
        parse_questionnaire('version = "9"\n[[questions]]\ncode = "a"\nkind = "text"\ncolour = "red"\n')


# -- hearing an answer out of a text


def find(text: str) -> list[dict[str, str]]:
    return [{"code": p.code} for p in meant((p for p in TOWNSHIPS if p.name in text or text in p.name), folded(text))]


def heard(at: str, text: str) -> tuple[Draft, str]:
    draft = Draft.begin("d")
    if at == "unit":
        draft.choose("reporter", "school")
    draft.at = at
    note, _ = forms.hear(draft, text, find, today=TODAY)
    return draft, note


@pytest.mark.parametrize(
    ("at", "text", "answer"),
    [
        ("subject", "孩子", {"code": "child"}),
        ("subject", " 老人。", {"code": "elder"}),
        ("subject", "殘疾人", {"code": "disabled"}),
        ("subject", "a CHILD", {"code": "child"}),
        ("subject", "2", {"code": "elder"}),
        ("subject", "２", {"code": "elder"}),
        ("place", "野三关镇", {"code": "422823107", "text": "野三关镇"}),
        ("place", "野三关镇 河边第三家", {"code": "422823107", "text": "野三关镇 河边第三家"}),
        ("place", "老家后山", {"text": "老家后山"}),
        ("since", "昨天", {"text": "昨天", "date": "2026-11-25"}),
        ("since", "过年那会儿", {"text": "过年那会儿"}),
        ("since", "不清楚", {"code": "unknown"}),
        ("unit", "县第一小学", {"text": "县第一小学"}),
        ("contact", "晚上七点以后来电", {"text": "晚上七点以后来电"}),
        ("contact", "不要联系我", {"code": "no"}),
    ],
)
def test_a_text_answers_the_question_it_fits(at: str, text: str, answer: dict[str, str]) -> None:
    draft, _ = heard(at, text)
    assert draft.answers[at] == answer
    assert draft.at != at


@pytest.mark.parametrize(
    ("at", "text", "note"),
    [
        ("subject", "他每天打我", "words_kept"),
        ("subject", "6", "words_kept"),
        ("place", "说" * (MAX_LINE + 1), "words_instead"),
        ("since", "从小就这样，" * 20, "words_instead"),
        ("words", "他每天打我", "words_kept"),
    ],
)
def test_a_text_that_answers_nothing_is_kept_as_words(at: str, text: str, note: str) -> None:
    draft, said = heard(at, text)
    assert draft.answers == {"words": [text]}
    assert (draft.at, said) == (at, note)


def test_a_day_to_come_is_no_answer() -> None:
    draft, note = heard("since", "明天")
    assert (draft.answers, draft.at, note) == ({}, "since", "future_date")


# -- days

SAID = [
    ("2026-11-03", "2026-11-03"),
    ("2026/11/3", "2026-11-03"),
    ("2025年12月1日", "2025-12-01"),
    ("11月3日", "2026-11-03"),
    ("11月3号晚上", "2026-11-03"),
    ("十一月三日", "2026-11-03"),
    ("十二月二十五号", "2025-12-25"),
    ("从10月20日开始", "2026-10-20"),
    ("11-3", "2026-11-03"),
    ("11/3", "2026-11-03"),
    ("１１月３日", "2026-11-03"),
    ("3号", "2026-11-03"),
    ("28号", "2026-10-28"),
    ("二十号", "2026-11-20"),
    ("今天早上", "2026-11-26"),
    ("昨天", "2026-11-25"),
    ("昨晚十点", "2026-11-25"),
    ("前天", "2026-11-24"),
    ("大前天", "2026-11-23"),
    ("上周三", "2026-11-18"),
    ("上个星期天", "2026-11-22"),
    ("上上周一", "2026-11-09"),
    ("上週三", "2026-11-18"),
    ("上禮拜五", "2026-11-20"),
    ("这周一", "2026-11-23"),
    ("周二", "2026-11-24"),
    ("星期五", "2026-11-20"),
    ("三天前", "2026-11-23"),
    ("3天以前", "2026-11-23"),
    ("两个星期前", "2026-11-12"),
    ("兩週前", "2026-11-12"),
    ("十天前", "2026-11-16"),
    ("半个月前", "2026-11-11"),
    ("2月29日", "2024-02-29"),
    ("yesterday", "2026-11-25"),
    ("the day before yesterday", "2026-11-24"),
    ("3 days ago", "2026-11-23"),
    ("two weeks ago", "2026-11-12"),
    ("a week ago", "2026-11-19"),
    ("last Wednesday", "2026-11-25"),
    ("last Thursday", "2026-11-19"),
    ("on Monday", "2026-11-23"),
    ("Nov 3", "2026-11-03"),
    ("3 November", "2026-11-03"),
    ("December 25th", "2025-12-25"),
    ("3 Nov 2025", "2025-11-03"),
]
UNSAID = ["", "很久了", "从小", "上个月", "过年的时候", "3号楼", "13月40日", "2026-02-30", "since he left", "二", "110", "may be", "second"]
TO_COME = ["明天", "后天", "2027-01-01", "tomorrow"]


@pytest.mark.parametrize(("text", "day"), SAID)
def test_a_day_is_understood(text: str, day: str) -> None:
    assert dates.parse(text, TODAY) == date.fromisoformat(day)


@pytest.mark.parametrize("text", UNSAID)
def test_what_names_no_day_is_left_as_words(text: str) -> None:
    assert dates.parse(text, TODAY) is None


@pytest.mark.parametrize("text", TO_COME)
def test_a_day_to_come_is_seen_as_such(text: str) -> None:
    day = dates.parse(text, TODAY)
    assert day is not None
    assert day > TODAY


@given(st.text(max_size=60), st.dates(date(2000, 1, 31), date(2100, 1, 1)))
def test_no_words_break_the_reading_of_days(text: str, today: date) -> None:
    dates.parse(text, today)


@given(st.dates(date(2020, 1, 1), TODAY))
def test_every_day_of_the_past_is_understood_when_written_out(day: date) -> None:
    for written in (day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}"):
        assert dates.parse(written, TODAY) == day
