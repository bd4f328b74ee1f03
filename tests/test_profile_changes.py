"""What differs between two profiles, what a document leaves open, and which posts a profile asks for."""

from __future__ import annotations

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conference import profiles
from conference.model.handovers import Succession
from conference.model.people import Post, Role
from conference.model.profile import Level, Profile
from conference.model.profile_changes import Change, ChangeKind, diff
from conference.model.profile_gaps import Gap, GapKind, gaps
from conference.model.seating import PostMove, Wanted, posts_of, seating
from tests.profile_files import edited, without

FIVE = {slug: profiles.load(slug) for slug in profiles.available()}
BADONG = FIVE["badong"]


def changed(*changes: tuple[str, str]) -> Profile:
    return profiles.parse(edited("badong", *changes), "badong.toml")


# -- what the documents say ----------------------------------------------------------------------------------------------


def test_the_five_carry_what_their_documents_say() -> None:
    assert {slug: (p.level, p.parent, p.region_code) for slug, p in FIVE.items()} == {
        "badong": (Level.COUNTY, "", "422823"),
        "gansu": (Level.PROVINCE, "national", "62"),
        "jieyang": (Level.PREFECTURE_CITY, "", "4452"),
        "national": (Level.NATIONAL, "", ""),
        "neimenggu": (Level.AUTONOMOUS_REGION, "national", "15"),
    }
    assert {slug: p.rules.succession for slug, p in FIVE.items()} == {
        "badong": Succession.AUTOMATIC,
        "gansu": Succession.CONFIRM,
        "jieyang": Succession.MANUAL,
        "national": Succession.MANUAL,
        "neimenggu": Succession.MANUAL,
    }
    by_themselves = {role for role in Role if FIVE["badong"].rules.succession_of(role) is Succession.AUTOMATIC}
    assert by_themselves == {Role.CHIEF_CONVENER, Role.CONVENER, Role.MEMBER, Role.LIAISON}
    assert {slug: p.notices_to for slug, p in FIVE.items()} == {
        "badong": ("township",),
        "gansu": ("civil_affairs", "township"),
        "jieyang": ("township",),
        "national": (),
        "neimenggu": ("township",),
    }
    assert {slug: (len(p.units), len(p.seats), len(p.duties)) for slug, p in FIVE.items()} == {
        "badong": (28, 28, 102),
        "gansu": (27, 29, 114),
        "jieyang": (27, 30, 87),
        "national": (27, 1, 19),
        "neimenggu": (16, 0, 86),
    }
    assert [slug for slug, p in FIVE.items() if p.rules.minutes_required] == ["jieyang"]
    assert [slug for slug, p in FIVE.items() if p.age_limit] == ["neimenggu"]
    assert FIVE["neimenggu"].words.township_zh.startswith("苏木")
    assert {"conference", "roster", "office", "gate", "minutes", "plenary", "succession"} <= FIVE["neimenggu"].lacks


@pytest.mark.parametrize("profile", FIVE.values(), ids=FIVE)
def test_courts_procuratorates_and_congresses_are_informed_not_chased(profile: Profile) -> None:
    informed = {unit.slug for unit in profile.units.values() if not unit.supervised}
    assert informed == {"court", "procuratorate", "peoples_congress"} & profile.units.keys()
    aliases = {alias for slug in informed for alias in profile.units[slug].aliases}
    assert {each for each in (*profile.units, *aliases, "village:3") if not profile.chases(each)} == informed | aliases
    quiet = edited(profile.slug, ("supervised = false\n", ""), ("supervised = false\n", ""))
    assert profiles.parse(quiet, f"{profile.slug}.toml").units == profile.units, "also where the file forgets to say so"


def test_a_unit_is_found_under_the_name_others_know() -> None:
    assert BADONG.unit_called("court") is BADONG.units["court"]
    assert BADONG.unit_called("comprehensive_governance") is BADONG.units["political_legal"]
    assert BADONG.unit_called("mars") is None


# -- gaps ----------------------------------------------------------------------------------------------------------------


def test_the_gaps_that_the_documents_really_have() -> None:
    assert set(gaps(BADONG)) == {
        Gap(GapKind.DUTY_ENTRY_WITHOUT_SEAT, "ageing_office"),
        Gap(GapKind.DUTY_ENTRY_WITHOUT_SEAT, "care_next_generation"),
        Gap(GapKind.SEAT_WITHOUT_DUTY_ENTRY, "veteran_cadres"),
        Gap(GapKind.SEAT_WITHOUT_DUTY_ENTRY, "government_office"),
    }
    assert set(gaps(FIVE["gansu"])) == {
        Gap(GapKind.SEAT_NOT_NAMED, "womens_federation"),
        Gap(GapKind.SEAT_WITHOUT_DUTY_ENTRY, "government_office"),
    }
    assert set(gaps(FIVE["jieyang"])) == {
        Gap(GapKind.OFFICE_HOST_INFERRED),
        Gap(GapKind.SEAT_WITHOUT_DUTY_ENTRY, "market_regulation"),
        Gap(GapKind.SEAT_WITHOUT_DUTY_ENTRY, "government_office"),
    }
    assert gaps(FIVE["neimenggu"]) == [Gap(GapKind.NO_ROSTER)]
    counted = Counter(gap.kind for gap in gaps(FIVE["national"]))
    assert counted == {
        GapKind.OFFICE_WITHOUT_HOST: 1,
        GapKind.SEAT_WITHOUT_DUTY_ENTRY: 27,
        GapKind.SEAT_NOT_NAMED: 26,
        GapKind.DUTIES_WITHOUT_ENTRY: 1,
    }


# -- differences ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), list(product(FIVE, FIVE)), ids="-".join)
def test_each_against_each(old: str, new: str) -> None:
    changes = diff(FIVE[old], FIVE[new])
    assert (changes == []) == (old == new)
    kinds = Counter(change.kind for change in changes)
    back = Counter(change.kind for change in diff(FIVE[new], FIVE[old]))
    for one, other in (
        (ChangeKind.DUTY_ADDED, ChangeKind.DUTY_REMOVED),
        (ChangeKind.SEAT_ADDED, ChangeKind.SEAT_CLOSED),
        (ChangeKind.ACTOR_ADDED, ChangeKind.ACTOR_ENDED),
    ):
        assert kinds[one] == back[other]
    came = len(FIVE[new].units.keys() - FIVE[old].units.keys())
    assert kinds[ChangeKind.UNIT_ADDED] == came == back[ChangeKind.UNIT_ENDED] + back[ChangeKind.UNIT_MERGED]


def test_everything_is_new_where_nothing_was() -> None:
    kinds = Counter(change.kind for change in diff(None, BADONG))
    assert (kinds[ChangeKind.UNIT_ADDED], kinds[ChangeKind.SEAT_ADDED], kinds[ChangeKind.DUTY_ADDED]) == (28, 28, 102)
    assert not {kind for kind in kinds if kind.value.endswith(("ended", "closed", "removed", "renamed", "retitled"))}


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        (("police_accept = 10", "police_accept = 15"), Change(ChangeKind.TARGET, "police_accept", "10", "15")),
        (("rsvp_days = 5", "rsvp_days = 3"), Change(ChangeKind.SETTING, "rsvp_days", "5", "3")),
        (
            ('agenda_gate = "office_review & chief_convener & conveners"', 'agenda_gate = "office_review"'),
            Change(ChangeKind.RULE, "agenda_gate", "office_review & chief_convener & conveners", "office_review"),
        ),
        (('name_zh = "县卫计局"', 'name_zh = "县卫健局"'), Change(ChangeKind.UNIT_RENAMED, "health", "县卫计局", "县卫健局")),
        (
            ('post_zh = "县卫计局局长"', 'post_zh = "县卫健局局长"'),
            Change(ChangeKind.SEAT_RETITLED, "health member", "县卫计局局长", "县卫健局局长"),
        ),
        (("seat = false", "seat = true"), Change(ChangeKind.UNIT_CHANGED, "ageing_office.seat", "no", "yes")),
        (
            ('source = "000 三(五)"', 'source = "000 三(六)"'),
            Change(ChangeKind.DUTY_CHANGED, "badong.office.05.source", "000 三(五)", "000 三(六)"),
        ),
        (('village_zh = "村（居）"', 'village_zh = "村"'), Change(ChangeKind.WORD, "village_zh", "村（居）", "村")),
        (
            ('duty_desk_zh = "{unit}值班台"', 'duty_desk_zh = "指挥中心"'),
            Change(ChangeKind.TITLE, "duty_desk_zh", "{unit}值班台", "指挥中心"),
        ),
        (
            ("after = 20", "after = 15"),
            Change(ChangeKind.LADDER, "police_accept", "10 desk:1; 20 desk:2; 30 office", "10 desk:1; 15 desk:2; 30 office"),
        ),
        (('slug = "badong"', '# a remark\nslug = "badong"  # and another'), None),
    ],
    ids=lambda value: str(getattr(value, "kind", "")),
)
def test_one_edit_is_one_difference(edit: tuple[str, str], change: Change | None) -> None:
    assert diff(BADONG, changed(edit)) == ([change] if change else [])


def test_a_unit_that_went_up_in_another_is_merged_and_not_ended() -> None:
    text = without("badong", "units", 'slug = "legislative_affairs"').replace(
        'name_zh = "县司法局"\n', 'name_zh = "县司法局"\nmerged = ["legislative_affairs"]\n'
    )
    text = "\n\n".join(block for block in text.split("\n\n") if 'unit = "legislative_affairs"' not in block)
    new = profiles.parse(text, "badong.toml")
    changes = diff(BADONG, new)
    assert Change(ChangeKind.UNIT_MERGED, "legislative_affairs", "县政府法制办", "justice") in changes
    assert Change(ChangeKind.SEAT_CLOSED, "legislative_affairs member", "县人民政府法制办主任") in changes
    assert not [change for change in changes if change.kind is ChangeKind.UNIT_ENDED]
    unsaid = profiles.parse(text.replace('merged = ["legislative_affairs"]\n', ""), "badong.toml")
    assert Change(ChangeKind.UNIT_ENDED, "legislative_affairs", "县政府法制办") in diff(BADONG, unsaid)


# -- posts ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "counted"),
    [
        (
            "badong",
            {
                "chief_convener": 1,
                "convener": 2,
                "office_director": 1,
                "member": 24,
                "liaison": 26,
                "office": 1,
                "duty_desk": 1,
                "custodian": 1,
            },
        ),
        (
            "gansu",
            {
                "chief_convener": 1,
                "convener": 2,
                "office_director": 1,
                "member": 25,
                "liaison": 27,
                "office": 1,
                "duty_desk": 1,
                "custodian": 1,
            },
        ),
        (
            "jieyang",
            {
                "chief_convener": 1,
                "convener": 2,
                "office_director": 1,
                "member": 26,
                "liaison": 27,
                "office": 1,
                "duty_desk": 1,
                "custodian": 1,
            },
        ),
        ("national", {"chief_convener": 1, "liaison": 27, "office": 1, "duty_desk": 1, "custodian": 1}),
        ("neimenggu", {"office": 1, "duty_desk": 1, "custodian": 1}),
    ],
)
def test_the_posts_a_profile_asks_for(slug: str, counted: dict[str, int]) -> None:
    wanted = posts_of(FIVE[slug])
    assert Counter(post.role for post in wanted) == counted
    assert all(post.unit in FIVE[slug].units and len(post.title) <= 120 for post in wanted)
    assert len(set(wanted)) == len(wanted)


def test_a_conference_without_an_office_still_has_somebody_who_is_told() -> None:
    (clerk,) = [post for post in posts_of(FIVE["neimenggu"]) if post.role is Role.OFFICE]
    assert clerk == Wanted("civil_affairs", Role.OFFICE, "民政部门经办岗")


def rows(wanted: list[Wanted]) -> list[Post]:
    """The posts of a first loading, as the database has them."""
    opened = seating([], [], wanted)
    assert {change.move for change in opened} <= {PostMove.OPENED}
    return [
        Post(id=number, conference="x", unit=change.unit, role=change.role, title=change.title, rank=change.rank)
        for number, change in enumerate(opened, start=1)
    ]


SEATS = st.lists(
    st.builds(
        Wanted,
        st.sampled_from(["a", "b"]),
        st.sampled_from([Role.MEMBER, Role.CONVENER, Role.OFFICE, Role.LIAISON]),
        st.sampled_from(["one", "two", "three", "four"]),
    ),
    max_size=8,
    unique=True,
)


@given(SEATS, SEATS)
def test_from_any_seats_to_any_others(before: list[Wanted], after: list[Wanted]) -> None:
    """Afterwards exactly the seats wanted are open, nobody lost a post for a new title, and a second loading does nothing."""
    there = rows(before)
    ids = {post.id for post in there}
    for change in seating(there, before, after):
        if change.move is PostMove.OPENED:
            there.append(Post(id=len(there) + 1, conference="x", unit=change.unit, role=change.role, title=change.title, rank=change.rank))
        else:
            post = next(post for post in there if post.id == change.post)
            assert post.closed_at is None
            if change.move is PostMove.RETITLED:
                assert (post.title, post.unit, post.role) == (change.before, change.unit, change.role)
                post.title = change.title
            else:
                post.closed_at = object()  # type: ignore[assignment]  # any moment
    for unit, role in product("ab", (Role.MEMBER, Role.CONVENER, Role.LIAISON)):
        titles = sorted(wanted.title for wanted in after if (wanted.unit, wanted.role) == (unit, role))
        open_now = [post for post in there if (post.unit, post.role) == (unit, role) and post.closed_at is None]
        assert sorted(post.title for post in open_now) == titles
        assert len({post.rank for post in open_now}) == len(open_now), "each is found by its rank"
        had = sum((wanted.unit, wanted.role) == (unit, role) for wanted in before)
        assert sum(post.id in ids for post in open_now) == min(had, len(titles)), "a seat that stays keeps its post"
    assert seating(there, after, after) == []


def test_what_no_profile_asked_for_is_left_alone() -> None:
    wanted = [Wanted("police", Role.DUTY_DESK, "desk"), Wanted("a", Role.MEMBER, "head")]
    own = [
        Post(id=1, conference="x", unit="police", role=Role.DUTY_DESK, title="our own words"),
        Post(id=2, conference="x", unit="police", role=Role.DUTY_DESK, title="second", rank=2),
        Post(id=3, conference="x", unit="a", role=Role.LIAISON, title="appointed"),
        Post(id=4, conference="x", unit="t", role=Role.TOWNSHIP, title="town", place="422823100"),
    ]
    (opened,) = seating(own, [], wanted)
    assert (opened.move, opened.unit, opened.role) == (PostMove.OPENED, "a", Role.MEMBER)
    assert [change.move for change in seating(own, wanted, [])] == [], "and nothing of it is closed"
