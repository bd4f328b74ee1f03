"""What Telegram allows a bot to say: lengths, formatting, keyboards, and how fast."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sandbox import Clock
from sandbox.errors import Refusal
from sandbox.limits import Limits, check_caption, check_markup, check_text
from sandbox.markdown import parse_markdown, parse_markdown_v2
from sandbox.markup import find_entities, parse_html, to_html, trim
from tests.test_sandbox_kit import NINE, stage


async def test_lengths_are_counted_in_utf16() -> None:
    async with stage() as here:
        person = here.person()
        await here.bot("sendMessage", chat_id=person.id, text="😀" * 2048)
        refused = await here.bot.refused("sendMessage", chat_id=person.id, text="😀" * 2048 + "a")
        assert refused.description == "Bad Request: message is too long"
        photo = person.send_photo().message.media
        assert photo is not None
        caption = await here.bot.refused("sendPhoto", chat_id=person.id, photo=photo.file.file_id, caption="字" * 1025)
        assert caption.description == "Bad Request: message caption is too long"
        empty = await here.bot.refused("sendMessage", chat_id=person.id, text="")
        assert empty.description == "Bad Request: message text is empty"
        blank = await here.bot.refused("sendMessage", chat_id=person.id, text="  \n ")
        assert blank.description == "Bad Request: text must be non-empty"
        check_text("字" * 4096)
        check_caption("字" * 1024)


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("甲<b>乙</b>", "甲乙", [("bold", 1, 1)]),
        ("😀<i>乙<u>丙</u></i>", "😀乙丙", [("italic", 2, 2), ("underline", 3, 1)]),
        ("1 &lt; 2 &amp; &#20013;&nbsp;", "1 < 2 & 中&nbsp;", []),
        ('<a href="https://example.org/?a=1&amp;b=2">甲</a>', "甲", [("text_link", 0, 1)]),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1)]),
        ("<blockquote expandable>引</blockquote>", "引", [("expandable_blockquote", 0, 1)]),
        ('<span class="tg-spoiler">密</span><tg-spoiler>密</tg-spoiler>', "密密", [("spoiler", 0, 1), ("spoiler", 1, 1)]),
    ],
)
def test_html_becomes_text_and_entities(source: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    found = parse_html(source)
    assert found[0] == text
    assert [(one["type"], one["offset"], one["length"]) for one in found[1]] == entities


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("甲<p>乙</p>", 'Unsupported start tag "p" at byte offset 3'),
        ("<b>甲", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>甲</i>", 'Unmatched end tag at byte offset 6, expected "</b>", found "</i>"'),
        ("甲</b>", "Unexpected end tag at byte offset 3"),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("<span>甲</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_broken_html_is_refused_with_the_real_words(source: str, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(source)
    assert refused.value.description.startswith(f"Bad Request: can't parse entities: {why}")


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*甲* _乙_ __丙__ ~丁~ ||戊||", '<b>甲</b> <i>乙</i> <u>丙</u> <s>丁</s> <span class="tg-spoiler">戊</span>'),
        ("*甲 _乙_*", "<b>甲 <i>乙</i></b>"),
        ("`a*b`\\.", "<code>a*b</code>."),
        ("```python\nx = 1\n```", "<pre>x = 1</pre>"),
        (">引\n后", "<blockquote>引</blockquote>\n后"),
    ],
)
def test_markdown_v2(source: str, html: str) -> None:
    assert to_html(*parse_markdown_v2(source)) == html


def test_broken_markdown_is_refused_with_the_real_words() -> None:
    with pytest.raises(Refusal, match=r"Character '\.' is reserved and must be escaped with the preceding '\\'"):
        parse_markdown_v2("完.")
    with pytest.raises(Refusal, match="Can't find end of Bold entity at byte offset 3"):
        parse_markdown_v2("甲*乙")
    with pytest.raises(Refusal, match="Can't find end of the entity starting at byte offset 0"):
        parse_markdown("*甲")
    assert to_html(*parse_markdown("*甲* [乙](https://example.org) `c`")).startswith("<b>甲</b> <a href=")


def test_commands_links_and_mentions_are_found() -> None:
    text = "😀 /start@desk_bot 见 https://example.org/x, 找 @tan_zr #督办"
    assert [(one["type"], one["offset"], one["length"]) for one in find_entities(text)] == [
        ("bot_command", 3, 15),
        ("url", 21, 21),
        ("mention", 46, 7),
        ("hashtag", 54, 3),
    ]
    assert find_entities("2026/03/02 a/b") == []


def test_white_space_is_trimmed_and_entities_move() -> None:
    assert trim("  甲乙 ", [{"type": "bold", "offset": 2, "length": 3}]) == ("甲乙", [{"type": "bold", "offset": 0, "length": 2}])


def test_shown_html_is_harmless() -> None:
    shown = to_html('<script>"x"</script>点', [{"type": "text_link", "offset": 20, "length": 1, "url": "javascript:alert(1)"}])
    assert "<script" not in shown
    assert "javascript" not in shown


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ({"inline_keyboard": [[{"text": "甲", "callback_data": "字" * 22}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "甲", "callback_data": ""}]]}, "BUTTON_DATA_INVALID"),
        ({"inline_keyboard": [[{"text": "甲"}]]}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"inline_keyboard": [[{"callback_data": "x"}]]}, "can't parse inline keyboard button: Can't find field \"text\""),
        ({"inline_keyboard": [[{"text": "甲", "url": "nowhere"}]]}, "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
        ({"inline_keyboard": [[{"text": "x", "callback_data": "x"}] for _ in range(101)]}, "reply markup is too long"),
        ({"keyboard": [[{"text": " "}]]}, "can't parse keyboard button: Button text must be non-empty"),
        ("no object", "object expected as reply markup"),
    ],
)
def test_keyboards_are_checked(markup: Any, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_markup(markup)
    assert refused.value.description == f"Bad Request: {why}"


def test_sixty_four_bytes_of_callback_data_pass() -> None:
    markup = {"inline_keyboard": [[{"text": "甲", "callback_data": "字" * 21 + "a", "url": None}], []]}
    assert check_markup(markup) == {"inline_keyboard": [[{"text": "甲", "callback_data": "字" * 21 + "a"}]]}


async def test_one_chat_takes_one_message_a_second() -> None:
    clock = Clock(NINE, running=False)
    async with stage(clock) as here:
        person, other = here.person(), here.person("刘老师")
        here.sandbox.limits.switch(True)
        for _ in range(3):
            await here.bot("sendMessage", chat_id=person.id, text="甲")
        refused = await here.bot.refused("sendMessage", chat_id=person.id, text="甲")
        assert (refused.status, refused.description) == (429, "Too Many Requests: retry after 1")
        assert refused.answer["parameters"] == {"retry_after": 1}
        await here.bot("sendMessage", chat_id=other.id, text="甲")
        clock.move(timedelta(seconds=1))
        await here.bot("sendMessage", chat_id=person.id, text="甲")
        assert here.sandbox.ledger.entries(outcome="refused")[0].code == 429


async def test_off_means_no_limit() -> None:
    async with stage(Clock(NINE, running=False)) as here:
        person = here.person()
        for _ in range(40):
            await here.bot("sendMessage", chat_id=person.id, text="甲")


def test_thirty_a_second_for_a_bot_and_twenty_a_minute_for_a_group() -> None:
    now = [0.0]
    limits = Limits(lambda: now[0])
    limits.switch(True)
    for chat in range(30):
        limits.check(1, chat, group=False)
    with pytest.raises(Refusal, match="retry after 1"):
        limits.check(1, 31, group=False)
    now[0] = 100.0
    for _ in range(20):
        limits.check(1, -5, group=True)
        now[0] += 1
    with pytest.raises(Refusal, match="Too Many Requests"):
        limits.check(1, -5, group=True, cost=10)
