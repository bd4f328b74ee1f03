// The quiet panel on the right: what the bot behind keeps, and its calls.
// The sections are drawn as they come; the page knows nothing of their meaning.

import { api } from "./api.js";
import { el, iconButton, memory, soon } from "./dom.js";
import { fullName } from "./people.js";
import { empty } from "./chat.js";
import { date, panelDue, person, state, watch } from "./store.js";
import { hourMinuteSecond, moment, t } from "./words.js";

const EVERY = 4000;
const EVERY_WITHOUT = 20000;
const CALLS = 120;
const COVERS = 1180;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

let root;
let desk;
let tab = "engine";
let body;
let tabs;
let panel = null;
let panelSign = "";
let calls = [];
let known = new Map();
const folded = new Set(memory.read("folded", []));

export function start(node, deskNode) {
  root = node;
  desk = deskNode;
  // Where the panel would cover the conversation it starts closed.
  show(innerWidth > COVERS && memory.get("engine") !== "shut", false);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && innerWidth <= COVERS) show(false);
  });
  frame();
  watch("language", frame);
  watch("people", () => tab === "ledger" && drawCalls());
  loadPanel();
  loadCalls();
  tick();
}

export const isOpen = () => desk.dataset.engine === "open";

export function show(open, remember = true) {
  desk.dataset.engine = open ? "open" : "shut";
  if (remember) {
    memory.set("engine", open ? "open" : "shut");
    refreshEngine();
  }
  document.dispatchEvent(new CustomEvent("engine"));
  if (!remember) return;
  // The focus follows: into a panel that covers the page, else back to its switch.
  const target = open && innerWidth <= COVERS ? body : document.querySelector("[data-testid=engine-toggle]");
  target?.focus();
}

function frame() {
  const button = (name) =>
    el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "engine-body", data: { testid: `tab-${name}`, tab: name }, on: { click: () => turn(name), keydown: arrows } }, t(name));
  tabs = el("div", { class: "engine-tabs", role: "tablist", "aria-label": t("engine") }, button("engine"), button("ledger"));
  body = el("div", { class: "engine-body", id: "engine-body", role: "tabpanel", tabindex: "0" });
  root.setAttribute("aria-label", t("engine"));
  root.replaceChildren(
    el(
      "div",
      { class: "engine-head" },
      tabs,
      iconButton("wide", t("engineWiden"), () => desk.toggleAttribute("data-wide"), { class: "icon-button widen" }),
      iconButton("close", t("engineClose"), () => show(false), { "data-testid": "engine-close" }),
    ),
    body,
  );
  panelSign = "";
  draw();
}

function arrows(event) {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const shown = [...tabs.children].filter((each) => !each.hidden);
  const next = shown[(shown.indexOf(event.target) + 1) % shown.length];
  next.focus();
  turn(next.dataset.tab);
}

function turn(name) {
  tab = name;
  panelSign = "";
  draw();
  refreshEngine();
}

function draw() {
  const [first] = tabs.children;
  first.hidden = panel === false;
  if (panel === false) tab = "ledger";
  for (const each of tabs.children) {
    const on = each.dataset.tab === tab;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
  }
  body.setAttribute("aria-labelledby", `tab-${tab}`);
  // The hook of the panel exists only while there is a panel to look at.
  if (tab === "engine") body.dataset.testid = "panel";
  else body.dataset.testid = "ledger";
  if (tab === "engine") drawPanel();
  else drawCalls();
}

// ---- panel -------------------------------------------------------------------

const loadPanel = soon(async () => {
  try {
    const answer = await api.panel();
    panel = { sections: answer?.sections ?? [] };
    panelDue(answer?.next_due);
  } catch (failure) {
    if (failure.status === 404) {
      panel = false;
      panelDue(null);
    } else panel ??= { sections: [] };
  }
  draw();
}, 250);

function drawPanel() {
  if (tab !== "engine") return;
  const sections = panel ? panel.sections : [];
  const sign = JSON.stringify([panel, [...folded]]);
  if (sign === panelSign) return;
  panelSign = sign;
  if (!sections.length) {
    body.replaceChildren(panel === null ? "" : empty(t("engineEmpty"), t("engineEmptyHint")));
    return;
  }
  const before = known;
  known = new Map();
  const top = body.scrollTop;
  body.replaceChildren(...sections.map((section) => drawSection(section, before)));
  body.scrollTop = top;
}

function drawSection(section, before) {
  const columns = (section.columns ?? []).map((each) => (typeof each === "string" ? { key: each, title: each } : { key: each.key ?? each.name, title: each.title ?? each.name ?? each.key }));
  const rows = section.rows ?? [];
  const total = section.total ?? rows.length;
  const old = before.get(section.title);
  const signs = new Set();
  const lines = rows.map((row) => {
    const cells = Array.isArray(row) ? row : columns.length ? columns.map((column) => row?.[column.key]) : Object.values(row ?? {});
    const sign = JSON.stringify(cells);
    signs.add(sign);
    return el("tr", { class: old && !old.has(sign) ? "fresh" : null }, ...cells.map((value) => el("td", { class: short(value) ? "short" : null }, cell(value))));
  });
  known.set(section.title, signs);
  const table = rows.length
    ? el(
        "div",
        { class: "section-scroll" },
        el("table", null, columns.length > 0 && el("thead", null, el("tr", null, ...columns.map((column) => el("th", { scope: "col" }, column.title)))), el("tbody", null, ...lines)),
      )
    : el("p", { class: "section-none" }, t("nothing"));
  const box = el(
    "details",
    { class: "section", open: !folded.has(section.title) },
    el(
      "summary",
      null,
      el("h3", null, section.title),
      el("span", { class: "count", title: total > rows.length ? t("shownOf", { total, shown: rows.length }) : null }, String(total)),
    ),
    table,
    total > rows.length && rows.length > 0 && el("p", { class: "section-none" }, t("shownOf", { total, shown: rows.length })),
  );
  box.addEventListener("toggle", () => {
    if (box.open) folded.delete(section.title);
    else folded.add(section.title);
    memory.set("folded", JSON.stringify([...folded]));
  });
  return box;
}

// Names, numbers and short states stay on one line.
function short(value) {
  if (typeof value === "number") return true;
  if (typeof value !== "string") return false;
  return ISO.test(value) || value.length <= 5 || (value.length <= 12 && /^[\w.:#/-]+$/.test(value));
}

function cell(value) {
  if (value === null || value === undefined || value === "") return el("span", { class: "faint" }, "—");
  if (value === true) return "✓";
  if (value === false) return "✗";
  if (typeof value === "object") return Array.isArray(value) ? value.join("、") : JSON.stringify(value);
  if (typeof value === "string" && ISO.test(value)) {
    const at = date(value);
    return at ? el("time", { datetime: value }, moment(at)) : value;
  }
  return String(value);
}

// ---- calls ---------------------------------------------------------------------

const loadCalls = soon(async () => {
  if (!isOpen() || (tab !== "ledger" && panel !== false)) return;
  let fresh;
  try {
    fresh = await api.ledger(calls.at(-1)?.seq ?? 0);
  } catch {
    return;
  }
  const last = calls.at(-1)?.seq ?? 0;
  calls = [...calls, ...fresh.filter((each) => each.seq > last)].slice(-CALLS);
  drawCalls();
}, 250);

function whom(chat) {
  if (chat === null || chat === undefined) return "";
  const one = person(Number(chat));
  if (one) return fullName(one);
  const group = state.people.flatMap((each) => each.chats ?? []).find((each) => String(each.id) === String(chat));
  return group?.title ?? String(chat);
}

let callsSign = "";

function drawCalls() {
  if (tab !== "ledger") return;
  const sign = `${calls.at(-1)?.seq} ${state.people.length} ${t("ledger")}`;
  if (sign === callsSign && body.querySelector(".call")) return;
  callsSign = sign;
  if (!calls.length) {
    body.replaceChildren(empty(t("ledgerEmpty"), t("ledgerEmptyHint")));
    return;
  }
  const list = el("ol", { class: "calls" });
  for (const each of [...calls].reverse()) {
    const at = date(each.at);
    const outcome = each.outcome ?? "delivered";
    list.append(
      el(
        "li",
        { class: `call ${outcome}` },
        el("span", { class: "call-line" }, el("code", null, each.method), el("span", { class: "call-whom" }, whom(each.chat_id)), el("span", { class: "outcome" }, t(outcome)), at && el("time", null, hourMinuteSecond(at))),
        (each.error || each.text) && el("span", { class: "call-text" }, each.error ?? String(each.text).replace(/\s+/g, " ").slice(0, 140)),
      ),
    );
  }
  body.replaceChildren(list);
}

export function forgetCalls() {
  calls = [];
}

export function refreshEngine() {
  if (document.visibilityState !== "visible") return;
  loadPanel();
  loadCalls();
}

// Events tell of most changes; what only time changes is asked for now and then.
function tick() {
  setTimeout(() => {
    refreshEngine();
    tick();
  }, panel === false ? EVERY_WITHOUT : EVERY);
}
