// The page of the sandbox: one browser, several people, one bot desk.

import { listen } from "./api.js";
import { el, icon, iconButton, memory, soon } from "./dom.js";
import { fullName } from "./people.js";
import { bot, changed, conversation, conversationsOf, hear, loadClock, loadPeople, onNewMessages, person, reloadAll, select, setClock, snippet, state, watch } from "./store.js";
import { language, setLanguage, t } from "./words.js";
import * as chat from "./chat.js";
import * as clock from "./clock.js";
import * as engine from "./engine.js";
import * as people from "./people.js";

const desk = document.getElementById("desk");
const live = document.getElementById("live");

// ---- appearance ------------------------------------------------------------

const dark = matchMedia("(prefers-color-scheme: dark)");
const THEMES = ["auto", "light", "dark"];
let theme = THEMES.includes(memory.get("theme")) ? memory.get("theme") : "auto";

function paint() {
  document.documentElement.dataset.theme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
}

dark.addEventListener("change", paint);

// ---- top bar ---------------------------------------------------------------

const clockBox = el("div", { class: "clock" });

function top() {
  const mode = { auto: "themeAuto", light: "themeLight", dark: "themeDark" }[theme];
  const themeButton = iconButton({ auto: "half", light: "sun", dark: "moon" }[theme], t("theme", { mode: t(mode) }), () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    memory.set("theme", theme);
    paint();
    top();
    document.querySelector("[data-testid=theme]").focus();
  }, { "data-testid": "theme" });
  const speak = (code, label) =>
    el(
      "button",
      { type: "button", lang: code === "zh" ? "zh-CN" : "en", "aria-pressed": String(language() === code), "data-testid": `language-${code}`, on: { click: () => turn(code) } },
      label,
    );
  const open = engine.isOpen();
  document.getElementById("top").replaceChildren(
    el("div", { class: "brand" }, el("span", { class: "brand-mark", "aria-hidden": "true" }, icon("rings")), el("strong", null, t("brand")), el("span", { class: "brand-sub" }, t("brandSub"))),
    clockBox,
    el(
      "div",
      { class: "top-tools" },
      el("div", { class: "switch", role: "group", "aria-label": t("language") }, speak("zh", "中"), speak("en", "EN")),
      themeButton,
      iconButton("engine", t(open ? "engineClose" : "engineOpen"), () => engine.show(!engine.isOpen()), { "aria-expanded": String(open), "aria-controls": "engine", "data-testid": "engine-toggle" }),
    ),
  );
}

function turn(code) {
  setLanguage(code);
  top();
  changed("language");
  document.querySelector(`[data-testid=language-${code}]`).focus();
}

document.addEventListener("engine", top);

// ---- which person, which view ------------------------------------------------

// The address remembers the chosen person, so that the browser's back button
// leads from a conversation to the list on a telephone.
function fromAddress() {
  const match = /^#p(-?\d+)$/.exec(location.hash);
  const id = match ? Number(match[1]) : null;
  desk.dataset.view = id === null ? "list" : "chat";
  if (id !== state.selected) select(id);
}

addEventListener("hashchange", fromAddress);

function chosen(id) {
  desk.dataset.view = "chat";
  if (location.hash !== `#p${id}`) {
    const narrow = matchMedia("(max-width: 760px)").matches;
    history[narrow ? "pushState" : "replaceState"](null, "", `#p${id}`);
  }
  // On a telephone the keyboard would cover the conversation.
  const wide = matchMedia("(hover: hover) and (min-width: 761px)").matches;
  setTimeout(() => document.querySelector(wide ? "#composer-text" : "[data-testid=back]")?.focus({ preventScroll: true }));
}

function back() {
  const id = state.selected;
  history.replaceState(null, "", location.pathname);
  desk.dataset.view = "list";
  select(null);
  queueMicrotask(() => document.querySelector(`[data-person="${id}"]`)?.focus());
}

watch("people", () => {
  if (state.selected !== null && state.ready && !person()) {
    history.replaceState(null, "", location.pathname);
    desk.dataset.view = "list";
    select(null);
  }
});

// ---- news ----------------------------------------------------------------------

onNewMessages((each, messages) => {
  if (messages.some((m) => m.from === "bot")) chat.stopTyping(each.key);
  if (conversation(person())?.key !== each.key) return;
  for (const message of messages) {
    const text = snippet(message);
    live.append(el("p", null, message.from === "bot" ? t("botSaid", { bot: bot(each.bot)?.name ?? "", text }) : t("personSaid", { name: message.name || fullName(person()), text })));
  }
  while (live.children.length > 12) live.firstElementChild.remove();
});

function heard(name, data) {
  if (name === "clock") setClock(data);
  else if (name === "person" || name === "bot") loadPeople();
  else if (name === "answer") {
    if (data.person === state.selected) chat.showAnswer(data);
  } else if (name === "action") typing(data);
  // A first word opens a chat nobody here knew of: the list is read anew.
  else if (name !== "keyboard" && !hear(name, data)) loadPeople();
  engine.refreshEngine();
  settle();
}

const settle = soon(loadClock, 400);

function typing(data) {
  for (const each of conversationsOf(person())) if (each.chat === data.chat && each.bot === data.bot) chat.botActs(each.key);
}

function connected(on) {
  const note = document.getElementById("offline");
  note.textContent = on ? "" : t("offline");
  note.hidden = on;
}

// ---- start -----------------------------------------------------------------------

paint();
setLanguage(language());
fromAddress();
clock.start(clockBox);
people.start(document.getElementById("people"), { onSelect: chosen });
chat.start(document.getElementById("chat"), { onBack: back });
engine.start(document.getElementById("engine"), desk);
top();
loadPeople();
loadClock();
setInterval(() => document.visibilityState === "visible" && loadClock(), 5000);
listen({
  onEvent: heard,
  onState: connected,
  onGap: () => {
    engine.forgetCalls();
    reloadAll();
    loadClock();
    engine.refreshEngine();
  },
});
