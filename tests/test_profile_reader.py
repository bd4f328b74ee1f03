"""What is wrong in a profile is named: file, line, key, what was found, what is allowed; all of it at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference import profiles
from conference.model.errors import Misconfigured
from conference.model.profile import Reminder, Rung
from conference.profiles import examine
from conference.profiles.lines import lines_of
from tests.profile_files import edited, line, without


def problems(text: str | bytes, name: str = "badong.toml") -> list[str]:
    profile, found = examine(text, name)
    assert (profile is None) == bool(found)
    return [str(problem) for problem in found]


SEAT_OF_MARS = '[[seats]]\nunit = "mars"\nrole = "member"\npost_zh = "火星"\n\n[[duties]]'
TWIN = """[[duties]]
id = "badong.office.01"
unit = "office"
kind = "on_event"
cadence = ""
zh = "重"
en = "twice"
source = "000 三"

[[duties]]"""

# What is changed in badong.toml, where the problem stands (a piece of the changed text), and how its sentence goes on.
BROKEN = [
    pytest.param(
        'name_en = "Badong',
        'nane_en = "Badong',
        'nane_en = "B',
        "conference.nane_en is no key here; is name_en meant? allowed: slug,",
        id="misspelt key",
    ),
    pytest.param(
        'level = "county"',
        'level = "village"',
        'level = "v',
        'conference.level = "village"; allowed: national, province,',
        id="wrong level",
    ),
    pytest.param(
        "year = 2018",
        'year = "2018"',
        'year = "',
        'conference.year = "2018"; allowed: a whole number from 1949 to 2100',
        id="number in quotes",
    ),
    pytest.param(
        "year = 2018\n", "", "[conference]\nslug", "conference has no year; year is of the document: a whole number", id="key left out"
    ),
    pytest.param(
        'lead_unit = "civil_affairs"',
        'lead_unit = "civil_afairs"',
        "lead_unit",
        'conference.lead_unit = "civil_afairs"; is civil_affairs meant?',
        id="unknown lead",
    ),
    pytest.param(
        'office_host = "civil_affairs"',
        'office_host = "mars"',
        "office_host",
        'conference.office_host = "mars"; allowed: a unit of this file',
        id="unknown host",
    ),
    pytest.param(
        'region_code = "422823"',
        'region_code = "42-28"',
        "region_code",
        'conference.region_code = "42-28"; allowed: "" or an official',
        id="no code",
    ),
    pytest.param(
        'plenary_cadence = "half_yearly"',
        'plenary_cadence = "weekly"',
        "plenary_cadence",
        'rules.plenary_cadence = "weekly"; allowed: yearly, half_yearly,',
        id="wrong cadence",
    ),
    pytest.param(
        'agenda_gate = "office_review & chief_convener & conveners"',
        'agenda_gate = "()"',
        "agenda_gate",
        'rules.agenda_gate = "()": somebody is missing',
        id="gate of nobody",
    ),
    pytest.param(
        'agenda_gate = "office_review & chief_convener & conveners"',
        'agenda_gate = "mayor"',
        "agenda_gate",
        "rules.agenda_gate = \"mayor\": 'mayor' is nobody; names joined by & and |",
        id="gate of somebody else",
    ),
    pytest.param(
        'agenda_gate = "office_review & chief_convener & conveners"',
        'agenda_gate = ""',
        "agenda_gate_logic",
        'rules.agenda_gate_logic = "and"; unstated goes with an empty agenda_gate',
        id="gate lost",
    ),
    pytest.param(
        'notices_to = ["township"]',
        'notices_to = ["town"]',
        "notices_to",
        'reports.notices_to = "town"; is township meant?',
        id="notice to nobody",
    ),
    pytest.param(
        'situations = ["unattended"',
        'situations = ["bored"',
        "situations",
        'reports.situations = ["bored", "accident"',
        id="unknown situation",
    ),
    pytest.param(
        "police_accept = 10",
        "police_accept = 10.5",
        "police_accept = 10.5",
        "targets.police_accept = 10.5; allowed: a whole number",
        id="half a minute",
    ),
    pytest.param(
        "draft_warning = 1440",
        "draft_warning = 10080",
        "draft_warning",
        "targets.draft_warning = 10080; the warning comes before the end",
        id="warning at the end",
    ),
    pytest.param(
        'quiet_hours = "21:30-07:30"',
        'quiet_hours = "22-7"',
        "quiet_hours",
        'settings.quiet_hours = "22-7"; allowed: "" or hours as HH:MM-HH:MM',
        id="no hours",
    ),
    pytest.param(
        'digest_at = "08:30"',
        'digest_at = "07:00"',
        "digest_at",
        'settings.digest_at = "07:00"; outside the quiet hours (21:30-07:30): it would never be sent',
        id="digest in the night",
    ),
    pytest.param(
        'agenda_reading = "text" ',
        'agenda_reading = "mine" ',
        "agenda_reading",
        'settings.agenda_reading = "mine"; allowed: text, alternative',
        id="third reading",
    ),
    pytest.param(
        '["green", "yellow", "red"]',
        '["green", "red"]',
        "light_colours",
        'settings.light_colours = ["green", "red"]; allowed: a list in brackets, exactly 3',
        id="two lights",
    ),
    pytest.param(
        "after = 20",
        "after = 10",
        'after = 10\nwhom = "desk:2"',
        "ladders.police_accept[2].after = 10; steps stand in order of time: more than 10",
        id="a step that does not climb",
    ),
    pytest.param(
        'whom = "office"',
        'whom = "police"',
        'whom = "police"',
        'ladders.police_accept[3].whom = "police"; allowed: desk:N',
        id="a rung for nobody",
    ),
    pytest.param(
        'whom = "office"',
        'whom = "desk:3"',
        'whom = "desk:3"',
        'ladders.police_accept[3].whom = "desk:3"; the last step rings the office',
        id="nobody in the end",
    ),
    pytest.param(
        "[[ladders.police_accept]]\nafter = 10",
        "".join(f'[[ladders.police_accept]]\nafter = {n}\nwhom = "desk:1"\n' for n in range(10)) + "[[ladders.police_accept]]\nafter = 10",
        "[[ladders.police_accept]]",
        "ladders.police_accept has 13 steps; at most 12",
        id="a ladder without end",
    ),
    pytest.param(
        "[[ladders.police_accept]]\nafter = 10",
        "[[ladders.polite_accept]]\nafter = 10",
        "[[ladders.polite",
        "ladders.polite_accept is not known; is police_accept meant?",
        id="unknown ladder",
    ),
    pytest.param(
        '[[reminders.convocation]]\ndays = -2\nwhom = "liaison"',
        '[[reminders.convocation]]\ndays = -2\nwhom = "mother"',
        'whom = "mother"',
        'reminders.convocation[2].whom = "mother"; allowed: liaison, deputy, member',
        id="reminder to nobody",
    ),
    pytest.param(
        'slug = "ageing_office"',
        'slug = "civil_affairs"',
        'slug = "civil_affairs"\nname_zh = "县老',
        'units[2].slug = "civil_affairs"; each name stands once; it is units[1] already',
        id="two of one name",
    ),
    pytest.param('slug = "public_security"', 'slug = "police"', "[[units]]", "units has no public_security; police first", id="no police"),
    pytest.param('role = "lead"', 'role = "member"', "[[units]]", "units has no lead", id="nobody leads"),
    pytest.param(
        'slug = "ageing_office"',
        'slug = "Ageing"',
        'slug = "Ageing"',
        'units[2].slug = "Ageing"; allowed: a name of a-z',
        id="capital letters",
    ),
    pytest.param(
        'aliases = ["comprehensive_governance"]',
        'aliases = ["court"]',
        'aliases = ["court"]',
        'units[3].aliases = ["court"]; court is units[5]: it cannot',
        id="alias that is another",
    ),
    pytest.param(
        "supervised = false",
        "supervised = true",
        "supervised = true",
        "units[4].supervised = true; court, procuratorate and people's congress are informed",
        id="court chased",
    ),
    pytest.param(
        "[[duties]]", SEAT_OF_MARS, 'unit = "mars"', 'seats[29].unit = "mars"; allowed: a unit of this file', id="seat of an unknown unit"
    ),
    pytest.param(
        'unit = "civil_affairs"\nrole = "convener"',
        'unit = "civil_affairs"\nrole = "chief_convener"',
        'role = "chief_convener"\npost_zh = "县民政局局长"',
        'seats[3].role = "chief_convener"; one chief convener',
        id="two chiefs",
    ),
    pytest.param(
        'cadence = "half_yearly"\nzh',
        'cadence = ""\nzh',
        'cadence = ""\nzh = "原则上',
        'duties[1].cadence = ""; a recurring duty needs one: yearly,',
        id="recurring without cadence",
    ),
    pytest.param(
        'cadence = "half_yearly"\nzh',
        'cadence = "daily"\nzh',
        'cadence = "daily"',
        'duties[1].cadence = "daily"; allowed: yearly,',
        id="unknown cadence",
    ),
    pytest.param(
        'kind = "recurring"\ncadence = "half_yearly"',
        'kind = "sometimes"\ncadence = "half_yearly"',
        'kind = "sometimes"',
        'duties[1].kind = "sometimes"; allowed: standing, recurring, on_event',
        id="unknown kind",
    ),
    pytest.param(
        'clock = "promptly"', 'clock = "soon"', 'clock = "soon"', 'clock = "soon"; allowed: at_once, promptly, date:', id="unknown clock"
    ),
    pytest.param(
        'id = "badong.office.01"',
        'id = "gansu.office.01"',
        'id = "gansu',
        '= "gansu.office.01"; it begins with the conference\'s slug: badong.',
        id="another's duty",
    ),
    pytest.param(
        'unit = "township"', 'unit = "townshop"', 'unit = "townshop"', 'unit = "townshop"; is township meant?', id="duty of nobody"
    ),
    pytest.param(
        'reserved_units = ["office", ',
        "reserved_units = [",
        'unit = "office"\nkind',
        'duties[3].unit = "office"; conference.reserved_units does not have it; it has: all_members, chief_convener, conference',
        id="duties of an office that is not there",
    ),
    pytest.param("\n[rules]\n", "\n[rulez]\n", "[rulez]", "rulez is no table of a profile; is rules meant?", id="unknown table"),
    pytest.param("\n[targets]\n", "\n[[targets]]\n", "[[targets]]", 'targets = [{"ack_reporter": 1', id="a table as a list"),
    pytest.param(
        'note = "none used"',
        'note = ["none"]',
        'note = ["none"]',
        'external.note = ["none"]; allowed: text, a number',
        id="a note that is none",
    ),
]


@pytest.mark.parametrize(("old", "new", "where", "says"), BROKEN)
def test_a_problem_names_line_key_what_was_found_and_what_is_allowed(old: str, new: str, where: str, says: str) -> None:
    text = edited("badong", (old, new))
    found = problems(text)
    start = f"badong.toml:{line(text, where)}: "
    assert any(each.startswith(start) and says in each for each in found), (start, says, found)


def test_all_problems_come_at_once_in_order() -> None:
    text = edited("badong", ("year = 2018", "year = 0"), ('role = "lead"', 'role = "boss"'), ('kind = "standing"', 'kind = "lying"'))
    found = problems(text)
    assert len(found) == 3
    assert [int(each.split(":")[1]) for each in found] == sorted(line(text, piece) for piece in ("year = 0", '"boss"', '"lying"'))
    with pytest.raises(Misconfigured) as caught:
        profiles.parse(text, "badong.toml")
    assert list(caught.value.problems) == found


def test_the_second_of_two_duties_with_one_id_is_named() -> None:
    text = edited("badong", ("[[duties]]", TWIN))
    second = text.index('id = "badong.office.01"', text.index('id = "badong.office.01"') + 1)
    assert problems(text) == [
        f'badong.toml:{text[:second].count(chr(10)) + 1}: duties[4].id = "badong.office.01"; each id once; it is duties[1] already'
    ]


def test_a_gate_that_names_a_post_the_conference_does_not_have() -> None:
    text = without("badong", "seats", 'role = "convener"')
    found = problems(text)
    assert [each.split(": ")[1].split(" ")[0] for each in found] == ["rules.agenda_gate", "rules.agenda_gate_alt"]
    assert "conveners; this conference has no such post or meeting; it has: chief_convener, liaison_meeting, office_review" in found[0]
    text = edited(
        "neimenggu", ('agenda_gate = ""', 'agenda_gate = "office_review"'), ('agenda_gate_logic = "unstated"', 'agenda_gate_logic = "and"')
    )
    (found_one,) = problems(text, "neimenggu.toml")
    assert "office_review; this conference has no such post or meeting; it has: nobody" in found_one


def test_what_is_no_toml_is_named_with_its_line() -> None:
    text = edited("badong", ('level = "county"', 'level = "county'))
    assert problems(text) == [
        f"badong.toml:{line(text, 'level =')}: no TOML: Illegal character '\\n', at sign 16; "
        "write KEY = VALUE, text in quotes, tables as [NAME] or [[NAME]]"
    ]
    (twice,) = problems(edited("badong", ("year = 2018", "year = 2018\nyear = 2019")))
    assert twice.startswith(f"badong.toml:{line(profiles.source('badong'), 'year = 2018') + 1}: no TOML: Cannot overwrite a value")
    (cut,) = problems(profiles.source("badong") + "\n[[duties")
    assert re.match(r"badong\.toml:\d+: no TOML: ", cut)
    (deep,) = problems("a = " + "[" * 100_000)
    assert deep.startswith("badong.toml:1: ")


def test_gbk_is_recognised_and_its_line_named() -> None:
    raw = profiles.source("badong").encode("gbk", "replace")
    (problem,) = problems(raw)
    first = next(number for number, each in enumerate(raw.split(b"\n"), 1) if any(byte > 127 for byte in each))
    assert (
        problem
        == f"badong.toml:{first}: no UTF-8 (byte 0x{next(b for b in raw if b > 127):02x}); it looks like GBK: save it again as UTF-8"
    )


def test_a_mark_at_the_beginning_and_other_line_ends_do_no_harm() -> None:
    text = profiles.source("badong")
    assert not problems(b"\xef\xbb\xbf" + text.encode())
    assert not problems(text.replace("\n", "\r\n"))
    assert "badong.toml:1: [conference] is missing; every profile has: conference, rules, ladders, units, actors, duties" in problems("")
    assert "a profile has at most" in problems(b"#" * 2_000_000)[0]


# -- every key, not only those somebody thought of -----------------------------------------------------------------------

KEY_LINE = re.compile(r"([a-z_]+) = (.+?)(\s+#.*)?$")
LINES = {
    slug: [
        (number, match) for number, each in enumerate(profiles.source(slug).split("\n")) if (match := KEY_LINE.fullmatch(each)) is not None
    ]
    for slug in profiles.available()
}
FREE = {"note", "source", "doc_no", "no_seal", "no_formal_issuance"}  # of [external]; `source` is a duty's too, and checked there


def nonsense(value: str) -> st.SearchStrategy[str]:
    """Something of another kind than what stands there."""
    wrong = ["{ no = 1 }", "[[1]]", "2.5", "1979-05-27"]
    return st.sampled_from(wrong + ([] if value.startswith('"') else ['"nonsense"']))


@given(st.data())
def test_any_one_key_turned_into_nonsense_is_named(data: st.DataObject) -> None:
    slug = data.draw(st.sampled_from(sorted(LINES)))
    lines = profiles.source(slug).split("\n")
    number, match = data.draw(st.sampled_from(LINES[slug]))
    key, value, _ = match.groups()
    if data.draw(st.booleans()) or key in FREE:
        lines[number] = f"{key} = {data.draw(nonsense(value))}"
    else:
        lines[number] = f"{key}_ = {value}"
    found = problems("\n".join(lines), f"{slug}.toml")
    if key in FREE and not found:
        assert _in_external(lines, number), lines[number]
        return
    assert any(each.startswith(f"{slug}.toml:{number + 1}: ") and key in each for each in found), (lines[number], found)


def _in_external(lines: list[str], number: int) -> bool:
    return next(each for each in reversed(lines[:number]) if each.startswith("[")) == "[external]"


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_in_a_sentence(raw: bytes) -> None:
    profile, found = examine(raw, "x.toml")
    assert profile is None
    assert all(str(problem).startswith("x.toml:") for problem in found)


@pytest.mark.parametrize("slug", profiles.available())
def test_every_key_of_the_files_is_found_in_its_line(slug: str) -> None:
    """The line finder against a plain reading: every `key =` of these files stands in the line it says."""
    lines = profiles.source(slug).split("\n")
    found = lines_of(profiles.source(slug))
    for path, number in found.items():
        last = path[-1]
        assert str(last) in lines[number - 1] if isinstance(last, str) else lines[number - 1].startswith("[[")
    assert len(set(found.values())) == sum(1 for each in lines if KEY_LINE.fullmatch(each) or each.startswith("["))


MORE = ["[[k]]", "[k.l]", "m = 1", "[[k]]", 'n = "#"', "o = 1"]


def test_lines_are_found_past_strings_and_lists_of_several_lines() -> None:
    text = "\n".join(['a = """', "b = 1", '"""', "c = [", '  "]", # ]', "  { d = 2 },", "]", '[e."f.g"]', "h.i = '''x", "[j]'''", *MORE])
    found = lines_of(text)
    expected = {
        ("a",): 1,
        ("c",): 4,
        ("e",): 8,
        ("k",): 11,
        ("e", "f.g"): 8,
        ("e", "f.g", "h"): 9,
        ("e", "f.g", "h", "i"): 9,
        ("k", 0): 11,
        ("k", 0, "l"): 12,
    }
    assert found == {**expected, ("k", 0, "l", "m"): 13, ("k", 1): 14, ("k", 1, "n"): 15, ("k", 1, "o"): 16}


# -- what may be left out ------------------------------------------------------------------------------------------------


def test_what_is_the_operators_has_a_default() -> None:
    """Profiles are kept as they were loaded: keys that came later must not make them unreadable."""
    text = profiles.source("badong")
    bare = re.sub(r"(?ms)^\[(reports|territory|titles|targets|settings)\]\n.*?(?=^\[)|^\[\[reminders\.\w+\]\]\n.*?(?=^\[)", "", text)
    assert "settings" not in bare
    profile = profiles.parse(bare, "badong.toml")
    whole = profiles.load("badong")
    assert (profile.targets, profile.settings, profile.reminders) == (whole.targets, whole.settings, whole.reminders)
    assert profile.ladders["police_accept"][0] == Rung(10, "desk:1")
    assert profile.reminders["convocation"][0] == Reminder(-5, "liaison")
