"""Reads a day out of a person's words: 11月3日, 11-3, 2026-11-03, 昨天, 上周三, 三天前, last Wednesday, 3 days ago.

`parse` looks back, to when something happened; `ahead` looks forward, to when something will be, with its time:
11月26日14:30, 明天下午3点, 下周三 9:00, 26 Nov 14:30.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta

LONGEST = 60  # characters: more than that is a story, not a date
_JUST_PASSED = timedelta(days=180)  # a day without a year that passed this lately is that day, not next year's

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "兩": 2, "〇": 0}
_N = r"(\d{1,3}|[零〇一二两兩三四五六七八九十]{1,3})"
_WEEK = r"(?:周|週|星期|礼拜|禮拜)"
_MONTHS = {name: n for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1)}
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_WEEKDAYS = {name: n for n, name in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])}

_SAID = {
    "大前天": 3, "前天": 2, "前晚": 2, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "昨早": 1,
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "今晨": 0, "刚才": 0, "剛才": 0, "刚刚": 0, "剛剛": 0,
    "明天": -1, "明日": -1, "明晚": -1, "后天": -2, "後天": -2,
    "day before yesterday": 2, "yesterday": 1, "last night": 1, "today": 0, "tonight": 0, "this morning": 0,
    "day after tomorrow": -2, "tomorrow": -1,
}  # fmt: skip
_FULL = re.compile(r"(?<!\d)(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
_MONTH_DAY = re.compile(rf"{_N}月{_N}(?:日|号|號|(?!\d|个|個|天|周|週))")
_BARE = re.compile(r"^(\d{1,2})[-/.](\d{1,2})$")
_DAY = re.compile(rf"(?<!\d){_N}(?:号|號)(?!楼|樓|房|线|線|院|门|門|桥|橋|店|车|車)")
_AGO = re.compile(rf"{_N}\s*(?:个|個)?\s*(天|日|周|週|星期|礼拜|禮拜)(?:以|之)?前")
_HALF_MONTH = re.compile(r"半(?:个|個)?月(?:以|之)?前")
_WEEKDAY = re.compile(rf"(上上|上|这|這|本)?(?:个|個)?{_WEEK}([一二三四五六日天])")
_EN_AGO = re.compile(r"\b(\d{1,3}|an?|one|two|three|four|five|six) (day|week)s? ago\b")
_EN_WEEKDAY = re.compile(r"\b(last |this |on )?(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b")
_EN_MONTH_DAY = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b")
_EN_DAY_MONTH = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? (\d{{4}}))?\b")
_EN_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def parse(text: str, today: date) -> date | None:
    """The day that the words name, or None. It may lie in the future: the caller says what that means.

    A day without a year, or without a month, is the latest one that is not after today.
    """
    words = unicodedata.normalize("NFKC", text).strip().lower()
    for read in (_full, _said, _ago, _month_day, _weekday, _english, _day):
        if (found := read(words, today)) is not None:
            return found
    return None


def _full(words: str, today: date) -> date | None:
    return _date(*map(int, found.groups())) if (found := _FULL.search(words)) else None


def _said(words: str, today: date) -> date | None:
    for name, days in _SAID.items():  # the longer names stand first
        if name in words:
            return today - timedelta(days=days)
    return None


def _ago(words: str, today: date) -> date | None:
    if found := _AGO.search(words):
        return today - timedelta(days=_number(found[1]) * (1 if found[2] in "天日" else 7))
    return today - timedelta(days=15) if _HALF_MONTH.search(words) else None


def _month_day(words: str, today: date) -> date | None:
    found = _MONTH_DAY.search(words) or _BARE.match(words)
    return _latest(_number(found[1]), _number(found[2]), today) if found else None


def _weekday(words: str, today: date) -> date | None:
    if not (found := _WEEKDAY.search(words)):
        return None
    day = "一二三四五六日".index(found[2].replace("天", "日"))
    monday = today - timedelta(days=today.weekday())
    if found[1] is None:
        return today - timedelta(days=(today.weekday() - day) % 7)
    return monday + timedelta(days=day - 7 * found[1].count("上"))


def _english(words: str, today: date) -> date | None:
    if found := _EN_AGO.search(words):
        return today - timedelta(days=(_EN_NUMBERS.get(found[1]) or int(found[1])) * (7 if found[2] == "week" else 1))
    for pattern, month, day in ((_EN_MONTH_DAY, 1, 2), (_EN_DAY_MONTH, 2, 1)):
        if found := pattern.search(words):
            if found[3]:
                return _date(int(found[3]), _MONTHS[found[month]], int(found[day]))
            return _latest(_MONTHS[found[month]], int(found[day]), today)
    if found := _EN_WEEKDAY.search(words):
        back = (today.weekday() - _WEEKDAYS[found[2][:3]]) % 7
        return today - timedelta(days=back or 7 if (found[1] or "").startswith("last") else back)
    return None


def _day(words: str, today: date) -> date | None:
    if not (found := _DAY.search(words)):
        return None
    day, first = _number(found[1]), today.replace(day=1)
    for month in (first, (first - timedelta(days=1)).replace(day=1)):
        candidate = _date(month.year, month.month, day)
        if candidate is not None and candidate <= today:
            return candidate
    return None


def _latest(month: int, day: int, today: date) -> date | None:
    candidates = (_date(year, month, day) for year in range(today.year, today.year - 8, -1))  # 29 February comes within eight
    return next((found for found in candidates if found is not None and found <= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(text: str) -> int:
    """11, 十一, 二十, 二十三, 三."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + (_DIGITS.get(ones, 0) if ones else 0)


# -- looking forward ---------------------------------------------------------------------------------------------------

_COMING = {
    "大后天": 3, "大後天": 3, "后天": 2, "後天": 2, "明天": 1, "明日": 1, "明早": 1, "明晚": 1,
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "昨天": -1, "昨日": -1, "前天": -2,
    "day after tomorrow": 2, "tomorrow": 1, "today": 0, "tonight": 0, "yesterday": -1,
}  # fmt: skip
_IN_DAYS = re.compile(rf"{_N}\s*(?:个|個)?\s*(天|日|周|週|星期|礼拜|禮拜)(?:以|之)?[后後]")
_EN_IN_DAYS = re.compile(r"\bin (\d{1,3}|an?|one|two|three|four|five|six) (day|week)s?\b")
_COMING_WEEKDAY = re.compile(rf"(下+|这|這|本)?(?:个|個)?{_WEEK}([一二三四五六日天])")
_EN_COMING_WEEKDAY = re.compile(r"\b(next |this |on )?(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b")
_BARE_FIRST = re.compile(r"^(\d{1,2})[-/.](\d{1,2})(?=\s|$)")
_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?::00)?(?!\d)")
_HOUR = re.compile(rf"{_N}\s*(?:点|點|时|時)(?!间|間)(?:钟|鐘)?\s*(?:(半)|(一刻)|(三刻)|{_N}\s*分?)?")
_EN_HOUR = re.compile(r"\b(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\b")
_HALVES = {"凌晨": 0, "清晨": 0, "早": 0, "上午": 0, "中午": 12, "正午": 12, "下午": 12, "午后": 12, "午後": 12, "傍晚": 12, "晚": 12}


def ahead(text: str, now: datetime) -> tuple[date | None, time | None]:
    """The day and the time of day that the words name, each None if they do not. `now` in the reader's zone.

    A day without a year, or without a month, is the next one; one that has just passed is that day, and the caller says so.
    """
    words, today = unicodedata.normalize("NFKC", text).strip().lower(), now.date()
    readers = (_full, _coming, _in_days, _next_month_day, _coming_weekday, _coming_english, _next_day)
    without_time = _CLOCK.sub(" ", _EN_HOUR.sub(" ", words))  # or "26 Nov 14:30" would be the fourteenth
    day = next((found for read in readers if (found := read(without_time, today)) is not None), None)
    return day, _time(words)


def _coming(words: str, today: date) -> date | None:
    return next((today + timedelta(days=days) for name, days in _COMING.items() if name in words), None)


def _in_days(words: str, today: date) -> date | None:
    if found := _IN_DAYS.search(words):
        return today + timedelta(days=_number(found[1]) * (1 if found[2] in "天日" else 7))
    if found := _EN_IN_DAYS.search(words):
        return today + timedelta(days=(_EN_NUMBERS.get(found[1]) or int(found[1])) * (7 if found[2] == "week" else 1))
    return None


def _next_month_day(words: str, today: date) -> date | None:
    found = _MONTH_DAY.search(words) or _BARE_FIRST.match(words)
    return _next(_number(found[1]), _number(found[2]), today) if found else None


def _coming_weekday(words: str, today: date) -> date | None:
    """周三: the next one, today included; 本周三: of this week, even if it has passed; 下周三: of the week after it."""
    if not (found := _COMING_WEEKDAY.search(words)):
        return None
    day = "一二三四五六日".index(found[2].replace("天", "日"))
    if found[1] is None:
        return today + timedelta(days=(day - today.weekday()) % 7)
    return today - timedelta(days=today.weekday()) + timedelta(days=day + 7 * found[1].count("下"))


def _coming_english(words: str, today: date) -> date | None:
    for pattern, month, day in ((_EN_MONTH_DAY, 1, 2), (_EN_DAY_MONTH, 2, 1)):
        if found := pattern.search(words):
            if found[3]:
                return _date(int(found[3]), _MONTHS[found[month]], int(found[day]))
            return _next(_MONTHS[found[month]], int(found[day]), today)
    if found := _EN_COMING_WEEKDAY.search(words):
        day = _WEEKDAYS[found[2][:3]]
        if (found[1] or "").startswith("next"):
            return today + timedelta(days=day - today.weekday() + 7)
        return today + timedelta(days=(day - today.weekday()) % 7)
    return None


def _next_day(words: str, today: date) -> date | None:
    found = _DAY.search(words) or re.match(rf"{_N}日", words)
    if not found:
        return None
    first = today.replace(day=1)
    for month in (first, *((first + timedelta(days=31 * n)).replace(day=1) for n in (1, 2))):
        candidate = _date(month.year, month.month, _number(found[1]))
        if candidate is not None and candidate >= today:
            return candidate
    return None


def _next(month: int, day: int, today: date) -> date | None:
    candidates = [found for year in range(today.year, today.year + 9) if (found := _date(year, month, day)) is not None]
    return next((found for found in candidates if found >= today - _JUST_PASSED), None)


def _time(words: str) -> time | None:
    if found := _EN_HOUR.search(words):
        hour = int(found[1])
        return _clock(hour % 12 + (12 if found[3] == "p" else 0), int(found[2] or 0)) if 1 <= hour <= 12 else None
    if found := _CLOCK.search(words):
        return _clock(_in_half(int(found[1]), words[: found.start()]), int(found[2]))
    if found := _HOUR.search(words):
        minutes = 30 if found[2] else 15 if found[3] else 45 if found[4] else _number(found[5]) if found[5] else 0
        return _clock(_in_half(_number(found[1]), words[: found.start()]), minutes)
    return time(12) if re.search(r"\bnoon\b", words) else None


def _in_half(hour: int, before: str) -> int:
    """下午3点 is 15; 中午11点 stays, 下午14:30 stays, 晚上12点 is the day's end and no hour of it."""
    for name, shift in _HALVES.items():
        if name in before:
            late = 1 <= hour < (3 if name in ("中午", "正午") else 12)
            return hour + 12 if shift and late else hour
    return hour


def _clock(hour: int, minute: int) -> time | None:
    return time(hour, minute) if hour < 24 and minute < 60 else None
