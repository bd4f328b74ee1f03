// The list of persons on the left.

import { api } from "./api.js";
import { avatar, el, icon, iconButton } from "./dom.js";
import { ask, field } from "./dialogs.js";
import { conversationsOf, loadPeople, messagesOf, select, snippet, state, unreadIn, watch } from "./store.js";
import { dayKey, hourMinute, shortDay, t } from "./words.js";

const SEARCH_FROM = 8;
let wanted = "";
let root;
let list;

export function start(node, { onSelect }) {
  root = node;
  watch("people select bots", draw);
  const choose = (id) => {
    select(id);
    onSelect(id);
  };
  frame(choose);
  watch("language", () => frame(choose));
}

function frame(choose) {
  rows.clear();
  list = el("ul", { class: "people-list", role: "listbox", "aria-label": t("people"), on: { keydown: (event) => keys(event, choose) } });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-person]");
    if (row) choose(Number(row.dataset.person));
  });
  const search = el("input", {
    type: "search",
    class: "people-search",
    placeholder: t("peopleSearch"),
    "aria-label": t("peopleSearch"),
    value: wanted,
    on: {
      input: (event) => {
        wanted = event.target.value.trim();
        draw();
      },
    },
  });
  root.setAttribute("aria-label", t("people"));
  root.replaceChildren(
    el("div", { class: "people-head" }, el("h2", null, t("people")), iconButton("plus", t("peopleAdd"), () => add(choose), { "data-testid": "add-person" })),
    el("div", { class: "people-find", hidden: true }, icon("search"), search),
    list,
  );
  draw();
}

function keys(event, choose) {
  const options = [...list.querySelectorAll("[role=option]")];
  const at = options.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const row = options[Math.max(0, Math.min(options.length - 1, to))];
    if (row) focusRow(row);
  } else if ((event.key === "Enter" || event.key === " ") && at >= 0) {
    event.preventDefault();
    choose(Number(options[at].dataset.person));
  }
}

function focusRow(row) {
  for (const each of list.children) each.tabIndex = -1;
  row.tabIndex = 0;
  row.focus();
}

function when(date) {
  if (!date) return "";
  const now = state.clock.now ?? new Date();
  return dayKey(date) === dayKey(now) ? hourMinute(date) : shortDay(date);
}

const rows = new Map();

function draw() {
  root.querySelector(".people-find").hidden = state.people.length < SEARCH_FROM;
  const shown = state.people.filter((one) => !wanted || `${fullName(one)}${one.role ?? ""}${one.note ?? ""}`.includes(wanted));
  if (!shown.length) {
    rows.clear();
    if (!state.ready) return;
    list.replaceChildren(
      el("li", { class: "people-empty", role: "presentation" }, el("strong", null, t(wanted ? "peopleNone" : "peopleEmpty")), !wanted && el("span", null, t("peopleEmptyHint"))),
    );
    return;
  }
  const ids = new Set(shown.map((one) => one.id));
  for (const id of [...rows.keys()]) if (!ids.has(id)) rows.delete(id);
  const nodes = shown.map((one) => fill(one));
  if (!nodes.some((each) => each.tabIndex === 0)) nodes[0].tabIndex = 0;
  // The rows stay where they are; only newcomers and leavers touch the list.
  const same = list.children.length === nodes.length && nodes.every((each, n) => list.children[n] === each);
  if (!same) list.replaceChildren(...nodes);
}

function fill(one) {
  let node = rows.get(one.id);
  if (!node) {
    node = el("li", { role: "option", tabindex: "-1", data: { person: String(one.id), testid: `persona-${one.id}` } });
    rows.set(one.id, node);
  }
  const conversations = conversationsOf(one);
  const unread = conversations.reduce((sum, each) => sum + unreadIn(each), 0);
  const chosen = one.id === state.selected;
  const name = fullName(one);
  const last = newest(conversations);
  const time = when(last?.at);
  const words = last ? heard(last, one) : "";
  const sign = JSON.stringify([name, one.role, one.note, one.deactivated, unread, chosen, time, words, t("people")]);
  if (node.sign === sign) return node;
  node.sign = sign;
  node.className = `person ${chosen ? "chosen" : ""} ${one.deactivated ? "away" : ""}`;
  node.dataset.name = name;
  node.setAttribute("aria-selected", String(chosen));
  if (chosen) {
    for (const other of rows.values()) other.tabIndex = -1;
    node.tabIndex = 0;
  }
  node.replaceChildren(
    avatar(name, one.id),
    el(
      "span",
      { class: "person-words" },
      el("span", { class: "person-line" }, el("span", { class: "person-name" }, name), one.role && el("span", { class: "person-role" }, one.role), el("time", { class: "person-time" }, time)),
      el(
        "span",
        { class: "person-line" },
        el("span", { class: "person-last" }, last ? words : (one.note ?? " ")),
        unread > 0 && el("span", { class: "badge", "data-testid": "unread", "aria-label": t("unread", { count: unread }) }, unread > 99 ? "99+" : String(unread)),
      ),
    ),
  );
  return node;
}

function newest(conversations) {
  let last = null;
  for (const each of conversations) {
    const message = messagesOf(each).at(-1);
    if (message && (!last || message.id > last.id)) last = message;
  }
  return last;
}

// In a group somebody else's words carry their name.
function heard(message, one) {
  const words = snippet(message);
  const others = message.from === "person" && message.sender !== one.id && !message.service;
  return others ? `${message.name}：${words}` : words;
}

// Chinese names carry the surname first; Telegram keeps it in a second field.
export function fullName(one) {
  if (!one) return "";
  if (!one.last_name) return one.name ?? "";
  return /[\u3400-\u9fff]/.test(one.name) ? `${one.last_name}${one.name}` : `${one.name} ${one.last_name}`;
}

const LANGUAGES = [
  ["zh-hans", "简体中文"],
  ["zh-hant", "繁體中文"],
  ["en", "English"],
];

function add(choose) {
  const name = el("input", { name: "name", required: true, maxlength: "64", autocomplete: "off", placeholder: t("personNameHint") });
  const role = el("input", { name: "role", maxlength: "64", autocomplete: "off", placeholder: t("personRoleHint") });
  const tongue = el("select", { name: "language" }, ...LANGUAGES.map(([value, label]) => el("option", { value }, label)));
  ask({
    title: t("peopleAdd"),
    submit: t("add"),
    body: [field(t("personName"), name), field(t("personRole"), role), field(t("personLanguage"), tongue)],
    done: async (data) => {
      const body = { name: String(data.get("name")).trim(), language: data.get("language") };
      if (!body.name) return false;
      const given = String(data.get("role")).trim();
      if (given) body.role = given;
      const one = await api.addPerson(body);
      if (!state.people.some((each) => each.id === one.id)) state.people.push(one);
      loadPeople();
      choose(one.id);
      return true;
    },
  });
}
