"""The demo's page in a real, headless Chromium: what an official sees and presses, with the real desk behind it.

`make screenshot` (pytest --screenshots docs/images) keeps two pictures of these tests for the README.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Request, async_playwright, expect

from bot.bootstrap import Application
from bot.demo import CAST, demo_settings, start_demo
from sandbox.clock import Clock
from sandbox.server import Sandbox
from tests.conftest import missing
from tests.town import MORNING

pytestmark = pytest.mark.browser

WIDE = (1360, 860)
NARROW = (390, 844)
PATIENCE = 20_000  # milliseconds: the desk keeps Telegram's pace of a message a second and chat, and CI is slow
REMEDY = "No Chromium here: `apt install chromium fonts-noto-cjk fonts-noto-color-emoji`, `playwright install chromium`, or set CHROMIUM."
TEACHER, GRANNY, DESK, COLLEAGUE, SECOND_DESK, LIAISON, OFFICE = 101, 102, 201, 202, 203, 302, 401
PLENARY = "下一个提醒：11月27日 08:30"  # nobody has called one yet; nothing else is due before while no report waits

expect.set_options(timeout=PATIENCE)


@dataclass
class Stage:
    """The page and the desk behind it, seen as one person at a time."""

    page: Page
    sandbox: Sandbox
    application: Application
    pictures: Path | None
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        def console(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                self.troubles.append(f"console: {message.text}")

        def failed(request: Request) -> None:
            self.troubles.append(f"{request.method} {request.url}: {request.failure}")

        self.page.on("console", console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"uncaught: {error}"))
        self.page.on("requestfailed", failed)

    # -- acting

    async def becomes(self, person: int) -> None:
        await self.page.get_by_test_id(f"persona-{person}").click()
        await expect(self.page.get_by_test_id("chat")).to_contain_text(next(one["name"] for one in CAST if one["id"] == person))

    async def taps(self, label: str) -> None:
        """Press the newest button that bears exactly these words."""
        await self.button(label).click()

    async def says(self, text: str) -> None:
        await self.page.get_by_test_id("composer").fill(text)
        await self.page.get_by_test_id("send").click()

    async def files_a_report(self) -> str:
        """As the person chosen, the shortest way with a few words; returns the number."""
        await self.page.get_by_test_id("start").click()
        await self.sees("请先打 110")
        for label in ("孩子", "一个人住，家人不在身边", "现在没有", "信陵镇", "这几天"):
            await self.taps(label)
        await self.sees("请用您自己的话说说经过")
        await self.says("隔壁的孩子自己在家，晚上也没有大人。")
        await self.sees("已记下 1 条")
        await self.taps("✅ 现在提交")
        filed = await self.sees("您的报告已提交")
        found = re.search(r"编号：(\d{4}-\d{5})", await filed.inner_text())
        assert found is not None
        return found[1]

    # -- looking

    def button(self, label: str) -> Locator:
        return self.page.get_by_test_id("inline-button").filter(has_text=re.compile(f"^{re.escape(label)}$")).last

    @property
    def panel(self) -> Locator:
        return self.page.get_by_test_id("panel")

    async def sees(self, words: str) -> Locator:
        """A message with these words is in the conversation, and in sight."""
        found = self.page.get_by_test_id("message").filter(has_text=words).last
        await expect(found).to_be_visible()
        return found

    async def fits(self) -> None:
        """Nothing sticks out sideways."""
        assert await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    async def picture(self, name: str) -> None:
        if self.pictures is None:
            return
        self.pictures.mkdir(parents=True, exist_ok=True)
        await self.application.settled()
        await self.page.mouse.move(0, 0)
        await self.page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => null)))")
        await self.page.screenshot(path=self.pictures / f"{name}.png", caret="hide", animations="disabled")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        named = [os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", playwright.chromium.executable_path]
        path = next((found for name in named if name and (found := shutil.which(name))), None)
        if path is None:
            missing(REMEDY)
        running = await playwright.chromium.launch(executable_path=path)
        yield running
        await running.close()


@pytest.fixture
async def stage(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> AsyncIterator[Stage]:
    """The demo in a fresh folder, and its page in a window of the size the test asks for (wide unless said)."""
    size = getattr(request, "param", WIDE)
    async with Sandbox(clock=Clock(MORNING)) as sandbox:
        application = await start_demo(sandbox, demo_settings(sandbox.url, tmp_path / "demo"))
        try:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]}, color_scheme="light", locale="zh-CN", reduced_motion="reduce"
            )
            context.set_default_timeout(PATIENCE)
            stage = Stage(await context.new_page(), sandbox, application, request.config.getoption("--screenshots"))
            stage.watch()
            await stage.page.goto(sandbox.url)
            yield stage
            assert stage.troubles == []
            await context.close()
        finally:
            await application.stop()


narrow = pytest.mark.parametrize("stage", [NARROW], indirect=True)


# -- one report, all the way


async def test_a_report_goes_from_the_citizen_to_the_desk_and_back(stage: Stage) -> None:
    await stage.becomes(GRANNY)
    number = await stage.files_a_report()
    receipt = await stage.sees("您的凭证，八个词")
    lines = await receipt.locator("code").all_inner_texts()
    assert len(" ".join(lines).split()) == 8

    await expect(stage.page.get_by_test_id(f"persona-{DESK}").get_by_test_id("unread")).to_be_visible()
    await stage.becomes(DESK)
    alert = await stage.sees(f"新报告 {number}")
    assert "孩子" not in await alert.inner_text(), "the alert carries no facts of the case"
    await stage.taps("查看详情")
    await stage.sees("情形：一个人住，家人不在身边")
    await stage.sees("隔壁的孩子自己在家，晚上也没有大人。")
    await expect(stage.panel).to_contain_text("待发 0")
    await stage.picture("demo")
    await stage.taps("受理")
    await stage.sees(f"报告 {number}：县公安局值班台已于")

    await stage.becomes(GRANNY)
    await stage.sees(f"您的报告 {number}，公安已于")
    await stage.becomes(COLLEAGUE)
    await stage.sees(f"报告 {number}：县公安局值班台已于")
    await expect(stage.page.get_by_test_id("message").filter(has_text="新报告")).to_have_count(0)
    await stage.becomes(OFFICE)
    await stage.sees(f"备案：报告 {number}")


async def test_officials_are_in_their_posts_when_the_page_opens(stage: Stage) -> None:
    for member in CAST:
        if "post" in member:
            await stage.becomes(member["id"])
            await stage.sees(member["post"][2])
    await stage.becomes(TEACHER)
    await expect(stage.page.get_by_test_id("start")).to_be_visible()


# -- time


async def test_the_clock_s_buttons_bring_the_next_reminder(stage: Stage) -> None:
    following = stage.page.get_by_test_id("clock-next")
    await expect(following).to_have_attribute("title", PLENARY)
    await stage.becomes(GRANNY)
    number = await stage.files_a_report()
    await stage.becomes(DESK)
    await stage.sees(f"新报告 {number}")
    for step in (1, 2, 3):
        await expect(stage.panel).to_contain_text(f"催促受理 · 第{step}次")

    await following.click()
    await stage.sees(f"第1次提醒：报告 {number}")
    await expect(stage.page.get_by_test_id("clock")).to_contain_text("09:10")
    await expect(stage.panel).not_to_contain_text("第1次")

    await following.click()
    await expect(stage.panel).not_to_contain_text("第2次")
    await stage.becomes(SECOND_DESK)
    await stage.sees(f"第2次提醒：报告 {number}")

    await stage.page.get_by_test_id("clock-ten").click()
    await stage.becomes(OFFICE)
    await stage.sees(f"报告 {number} 已 30 分钟未受理")

    await expect(following).to_have_attribute("title", PLENARY)
    await following.click()
    await stage.becomes(OFFICE)
    await stage.sees("本周期尚未召集全体会议")


async def test_the_panel_shows_what_came_in_and_what_went_out(stage: Stage) -> None:
    await stage.becomes(GRANNY)
    await stage.files_a_report()
    await expect(stage.panel).to_contain_text("待发 0")
    await expect(stage.panel).to_contain_text("待处理 0")
    await expect(stage.panel).to_contain_text("请值班台受理")
    await stage.page.get_by_test_id("tab-ledger").click()
    await expect(stage.page.get_by_test_id("ledger")).to_contain_text("editMessageText")
    await stage.page.get_by_test_id("engine-toggle").click()
    await expect(stage.page.get_by_test_id("ledger")).to_be_hidden()
    await stage.fits()


# -- other windows, other hands


@narrow
async def test_a_narrow_window_shows_the_list_or_the_conversation(stage: Stage) -> None:
    await expect(stage.page.get_by_test_id("composer")).to_be_hidden()
    await stage.fits()
    await stage.becomes(GRANNY)
    await expect(stage.page.get_by_test_id(f"persona-{DESK}")).to_be_hidden()
    await stage.page.get_by_test_id("start").click()
    await stage.taps("老人")
    await stage.sees("发生了什么？")
    await stage.fits()
    await stage.picture("demo-narrow")
    await stage.page.get_by_test_id("back").click()
    await expect(stage.page.get_by_test_id(f"persona-{DESK}")).to_be_visible()
    await stage.becomes(GRANNY)
    await stage.page.go_back()
    await expect(stage.page.get_by_test_id(f"persona-{DESK}")).to_be_visible()


async def test_everything_is_done_with_the_keyboard_alone(stage: Stage) -> None:
    keyboard, composer = stage.page.keyboard, stage.page.get_by_test_id("composer")
    await stage.page.get_by_test_id(f"persona-{TEACHER}").focus()
    await keyboard.press("ArrowDown")
    await expect(stage.page.get_by_test_id(f"persona-{GRANNY}")).to_be_focused()
    await keyboard.press("Enter")
    await expect(composer).to_be_focused()
    await keyboard.type("/start")
    await keyboard.press("Enter")
    await stage.sees("您要报告谁的情况？")
    await expect(composer).to_have_value("")
    await stage.button("残疾人").focus()
    await keyboard.press("Enter")
    await stage.sees("发生了什么？")
    await composer.focus()
    await keyboard.type("没有人照看")
    await keyboard.press("Shift+Enter")
    await expect(composer).to_have_value("没有人照看\n")
    await keyboard.press("Enter")
    await stage.sees("现在有人有危险吗？")


async def test_troubles_of_the_page_do_not_go_unseen(stage: Stage) -> None:
    """What the fixture asserts after each test can fail."""
    await stage.page.evaluate("console.error('this must not happen')")
    await stage.page.evaluate("setTimeout(() => { throw new Error('nor this') })")
    await stage.page.wait_for_function("true")
    await stage.becomes(GRANNY)
    assert [trouble.partition(":")[0] for trouble in stage.troubles] == ["console", "uncaught"]
    stage.troubles.clear()
