// The conversation of the chosen person, as that person sees it.

import { api } from "./api.js";
import { avatar, el, icon, iconButton } from "./dom.js";
import { complain, menu, menuItem, tell, toast } from "./dialogs.js";
import { draw as drawMedia, fillsBubble } from "./media.js";
import { fullName } from "./people.js";
import { plain, rich, safeLink } from "./rich.js";
import { bot, changed, conversation, conversationsOf, loadPeople, markSeen, messagesOf, openConversation, person, refresh, serviceWords, snippet, state, unreadIn, watch } from "./store.js";
import { day, dayKey, hourMinute, t } from "./words.js";
import * as composer from "./composer.js";

const NEAR_END = 90;
const SAME_BREATH = 5 * 60 * 1000;
const PATIENCE = 8;

let root;
let head;
let scroll;
let track;
let below;
let leave;
let shownKey = null;
let held = true;
const drawn = new Map();
const waiting = new Set();
const answered = new Map();
const typing = new Map();

export function start(node, { onBack }) {
  root = node;
  leave = onBack;
  frame();
  watch("chat select bots people", draw);
  watch("clock", drawTyping);
  watch("language", () => {
    shownKey = null;
    frame();
    draw();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && draw());
}

function frame() {
  head = el("header", { class: "chat-head" });
  track = el("div", { class: "track", role: "list", "aria-label": t("messages") });
  scroll = el("div", { class: "scroll", tabindex: "0", "aria-label": t("messages"), role: "region" }, track);
  below = el("button", { type: "button", class: "below", hidden: true, on: { click: () => toEnd(true) } }, icon("down"), el("span", null, t("newBelow")));
  scroll.addEventListener("scroll", () => {
    held = atEnd();
    if (held) below.hidden = true;
  });
  // A keyboard that opens, or a picture that arrives, must not hide the end.
  const keeper = new ResizeObserver(() => held && toEnd(false));
  keeper.observe(scroll);
  keeper.observe(track);
  root.setAttribute("aria-label", t("messages"));
  root.replaceChildren(head, el("div", { class: "stage" }, scroll, below), composer.build());
}

const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;

function toEnd(smooth) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scroll.scrollTo({ top: scroll.scrollHeight, behavior: smooth && !still ? "smooth" : "instant" });
  below.hidden = true;
}

function draw() {
  const one = person();
  const each = conversation(one);
  root.classList.toggle("vacant", !one || !each);
  if (!one || !each) {
    shownKey = null;
    drawn.clear();
    head.replaceChildren(...(one ? headOf(one, null) : []));
    const [title, hint] = one || (state.ready && !state.bots.length) ? ["noBotTitle", "noBotHint"] : ["pickTitle", "pickHint"];
    track.replaceChildren(state.ready ? empty(t(title), t(hint)) : "");
    composer.draw(null, null);
    return;
  }
  drawHead(one, each);
  const fresh = shownKey !== `${one.id}/${each.key}`;
  if (fresh) {
    drawn.clear();
    track.replaceChildren();
    below.hidden = true;
  }
  const stay = fresh || held;
  const hadLast = lastDrawn();
  drawMessages(one, each);
  shownKey = `${one.id}/${each.key}`;
  composer.draw(one, each);
  if (stay) {
    held = true;
    toEnd(false);
  } else if (lastDrawn() !== hadLast) below.hidden = false;
  const visible = document.visibilityState === "visible" && root.offsetParent !== null;
  if (visible) markSeen(each);
}

const lastDrawn = () => [...drawn.keys()].at(-1);

// ---- head ----------------------------------------------------------------

let headSign = "";

function drawHead(one, each) {
  const all = conversationsOf(one);
  const sign = JSON.stringify([one, all, each.key, bot(each.bot), all.map(unreadIn), typing.get(each.key) ?? 0, t("back")]);
  if (sign === headSign && head.childElementCount) return;
  headSign = sign;
  head.replaceChildren(...headOf(one, each, all));
}

function headOf(one, each, all = []) {
  const peer = each ? bot(each.bot) : null;
  const title = each?.title && each.group ? each.title : (peer?.name ?? peer?.username ?? "");
  const stopped = isBlocked(one, each);
  const detail = [one.role, one.note].filter(Boolean).join(" · ");
  const row = el(
    "div",
    { class: "chat-title" },
    iconButton("back", t("back"), leave, { class: "icon-button back", "data-testid": "back" }),
    el("span", { class: "avatar peer", "aria-hidden": "true" }, each?.group ? Array.from(title)[0] : icon("rings")),
    el(
      "div",
      { class: "chat-names" },
      el(
        "h1",
        null,
        title,
        peer?.username && !each.group && el("span", { class: "chat-user" }, `@${peer.username}`),
        each && typing.has(each.key) && el("span", { class: "typing" }, t("typing")),
      ),
      el(
        "p",
        { class: "chat-you", title: detail },
        t("youAre"),
        " ",
        el("strong", null, fullName(one)),
        detail && el("span", null, ` · ${detail}`),
      ),
    ),
    stopped && el("span", { class: "state" }, t("blocked")),
    one.deactivated && el("span", { class: "state" }, t("deactivated")),
    el("div", { class: "anchor" }, moreButton(one, each)),
  );
  const nodes = [row];
  if (all.length > 1) {
    nodes.push(
      el(
        "div",
        { class: "chooser", role: "tablist", "aria-label": t("chooseChat") },
        ...all.map((other) => {
          const name = other.group ? (other.title ?? t("unknown")) : (bot(other.bot)?.name ?? bot(other.bot)?.username ?? other.title);
          const count = other.key === each.key ? 0 : unreadIn(other);
          return el(
            "button",
            { type: "button", role: "tab", "aria-selected": String(other.key === each.key), on: { click: () => openConversation(other.key) } },
            name,
            count > 0 && el("span", { class: "badge" }, String(count)),
          );
        }),
      ),
    );
  }
  return nodes;
}

function isBlocked(one, each) {
  return Boolean(each && one.blocked?.includes(each.bot));
}

function moreButton(one, each) {
  const button = iconButton("more", t("more"), () => {
    const change = (work) => async () => {
      try {
        await work();
        loadPeople();
      } catch (failure) {
        complain(failure);
      }
    };
    const stopped = isBlocked(one, each);
    menu(
      button,
      [
        each && !each.group && menuItem([icon("none"), el("span", null, t(stopped ? "unblock" : "block"))], change(() => api.act(one.id, stopped ? "unblock" : "block", { bot: each.bot }))),
        menuItem([icon("contact"), el("span", null, t(one.deactivated ? "reactivate" : "deactivate"))], change(() => api.changePerson(one.id, { deactivated: !one.deactivated }))),
      ].filter(Boolean),
      { label: t("more"), className: "right" },
    );
  }, { "aria-haspopup": "menu", "aria-expanded": "false" });
  return button;
}

// ---- messages ------------------------------------------------------------

export function empty(title, hint, action) {
  return el("div", { class: "empty", role: "presentation" }, el("span", { class: "empty-mark", "aria-hidden": "true" }, icon("rings")), el("strong", null, title), el("p", null, hint), action);
}

// Albums are shown as one bubble; the message that carries it is the first.
function gather(messages) {
  const out = [];
  for (const message of messages) {
    const previous = out.at(-1);
    if (message.album && previous?.album === message.album && previous.from === message.from) previous.more.push(message);
    else out.push({ ...message, more: [] });
  }
  return out;
}

function drawMessages(one, each) {
  const messages = gather(messagesOf(each));
  if (!messages.length) {
    const loaded = state.conversations.has(each.key);
    const peer = bot(each.bot);
    const first = el("button", { type: "button", class: "primary big", "data-testid": "start", on: { click: () => composer.say("/start") } }, t("start"));
    drawn.clear();
    track.replaceChildren(
      loaded ? (each.group ? empty(t("emptyTitle"), t("groupEmptyHint")) : empty(t("emptyTitle"), t("emptyHint", { bot: peer?.name ?? "" }), first)) : "",
    );
    return;
  }
  const byId = new Map(messagesOf(each).map((m) => [m.id, m]));
  const wanted = [];
  let before = null;
  for (const message of messages) {
    if (message.at && (!before?.at || dayKey(before.at) !== dayKey(message.at))) {
      wanted.push([`day ${dayKey(message.at)}`, "", () => el("div", { class: "day", role: "presentation" }, el("span", null, day(message.at, state.clock.now)))]);
      before = null;
    }
    if (message.service) {
      wanted.push([`m ${message.id}`, "", () => el("div", { class: "day service", role: "listitem" }, el("span", null, serviceWords(message.service)))]);
      before = message;
      continue;
    }
    const mine = isMine(message, one, each);
    const joined = before && before.sender === message.sender && !before.service && message.at - before.at < SAME_BREATH;
    const quoted = message.replyTo ? byId.get(message.replyTo) : null;
    const sign = JSON.stringify([message, mine, joined, quoted?.text, [...waiting].filter((w) => w.startsWith(`${each.key}/${message.id}/`))]);
    wanted.push([`m ${message.id}`, sign, () => bubble(message, { one, each, mine, joined, quoted })]);
    before = message;
  }
  place(wanted);
}

function isMine(message, one, each) {
  if (message.from !== "person") return false;
  return !each.group || message.sender === one.id;
}

// Only what changed is built anew, so that a playing voice, a revealed
// spoiler or the focus survive the arrival of the next message.
function place(wanted) {
  const keys = new Set(wanted.map(([key]) => key));
  for (const child of [...track.childNodes]) if (!keys.has(child.key)) child.remove();
  for (const key of [...drawn.keys()]) if (!keys.has(key)) drawn.delete(key);
  let at = track.firstChild;
  for (const [key, sign, build] of wanted) {
    let entry = drawn.get(key);
    if (entry && entry.sign === sign && entry.node.parentNode === track) {
      if (entry.node === at) at = at.nextSibling;
      else track.insertBefore(entry.node, at);
    } else {
      const node = build();
      node.key = key;
      const focus = entry?.node.contains(document.activeElement) ? document.activeElement.dataset.index : undefined;
      if (!entry && shownKey) node.classList.add("arrives");
      if (entry?.node.parentNode === track) {
        if (entry.node === at) at = at.nextSibling;
        entry.node.remove();
      }
      track.insertBefore(node, at);
      if (focus !== undefined) node.querySelector(`[data-index="${focus}"]`)?.focus();
      entry = { node, sign };
    }
    drawn.delete(key);
    drawn.set(key, entry);
  }
}

function bubble(message, { one, each, mine, joined, quoted }) {
  const all = [message, ...message.more];
  const words = all.find((m) => m.html || m.text);
  const onCommand = message.from === "bot" ? (command) => composer.say(command) : null;
  const text = words && (words.html ? rich(words.html, { onCommand }) : plain(words.text, { onCommand }));
  const pictures = all.filter((m) => m.media);
  const album = pictures.length > 1;
  const flush = album ? pictures.every((m) => fillsBubble(m.media)) : fillsBubble(message.media);
  const bare = message.media && ["sticker", "video_note"].includes(message.media.kind);
  const stranger = each.group && !mine;
  const speaker = message.from === "bot" ? (bot(each.bot)?.name ?? message.name) : message.name;
  const body = el(
    "div",
    { class: `bubble ${flush ? "flush" : ""} ${bare ? "bare" : ""} ${text ? "worded" : ""}` },
    stranger && !joined && el("span", { class: "speaker" }, speaker),
    quoted && el("button", { type: "button", class: "quote", on: { click: () => jump(quoted.id) } }, el("strong", null, quoted.from === "bot" ? bot(each.bot)?.name : quoted.name), el("span", null, snippet(quoted))),
    album && el("div", { class: `album n${Math.min(pictures.length, 10)} ${flush ? "grid" : ""}` }, ...pictures.map((m) => drawMedia(m))),
    !album && message.media && drawMedia(message),
    text && el("div", { class: "text" }, text),
    el("span", { class: "stamp" }, message.edited && el("span", { class: "edited" }, t("edited")), message.at && el("time", { datetime: message.at.toISOString() }, hourMinute(message.at))),
  );
  const inline = message.buttons.length > 0 && inlineKeyboard(message, one, each);
  return el(
    "div",
    {
      class: `message ${mine ? "mine" : "theirs"} ${joined ? "joined" : ""}`,
      role: "listitem",
      data: { testid: "message", messageId: String(message.id), messageIds: all.map((m) => m.id).join(" "), from: message.from },
    },
    el("div", { class: "stack" }, body, inline),
    actions(message, mine),
  );
}

function jump(id) {
  const node = track.querySelector(`[data-message-id="${id}"]`);
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.classList.add("found");
  setTimeout(() => node.classList.remove("found"), 1200);
}

function actions(message, mine) {
  return el(
    "div",
    { class: "actions" },
    iconButton("reply", t("reply"), () => composer.replyTo(message)),
    mine && !message.media && message.text && iconButton("edit", t("edit"), () => composer.editing(message)),
  );
}

// ---- buttons under a message ----------------------------------------------

function inlineKeyboard(message, one, each) {
  return el(
    "div",
    { class: "inline" },
    ...message.buttons.map((row, r) => el("div", { class: "inline-row" }, ...row.map((button, c) => inlineButton(button, `${r}.${c}`, message, one, each)))),
  );
}

function inlineButton(button, index, message, one, each) {
  const base = { class: "inline-button", "data-testid": "inline-button", "data-index": index };
  const url = safeLink(button.url);
  if (url) {
    return el(
      "a",
      { ...base, href: url, target: "_blank", rel: "noopener noreferrer nofollow", "aria-label": `${button.text}（${t("opens")}）` },
      el("span", null, button.text),
      icon("out"),
    );
  }
  const mark = `${each.key}/${message.id}/${index}`;
  const press = () => {
    if (button.kind !== "callback") toast(t("notHere", { text: button.text }));
    else pressButton(button, message, mark, one, each);
  };
  return el(
    "button",
    { type: "button", ...base, "aria-busy": waiting.has(mark) ? "true" : null, on: { click: press } },
    el("span", null, button.text),
  );
}

async function pressButton(button, message, mark, one, each) {
  if (waiting.has(mark)) return;
  waiting.add(mark);
  changed("chat");
  try {
    const done = await api.act(one.id, "press", {
      bot: each.bot,
      chat: each.chat,
      text: button.text,
      message_id: message.id,
      wait: PATIENCE,
    });
    if (done?.answer) showAnswer(done.answer);
  } catch (failure) {
    complain(failure);
  } finally {
    waiting.delete(mark);
    changed("chat");
    refresh(each);
  }
}

// The answer may come twice: with the press and as an event. It is shown once.
export function showAnswer(answer) {
  const text = answer?.text ?? "";
  const url = safeLink(answer?.url);
  if (!text && !url) return;
  const key = `${text}|${url ?? ""}`;
  const now = performance.now();
  if (now - (answered.get(key) ?? -1e9) < 2500) return;
  answered.set(key, now);
  if (answer.alert) tell(t("answer"), text);
  else toast(text || url);
}

// ---- typing ----------------------------------------------------------------

export function botActs(key) {
  clearTimeout(typing.get(key));
  typing.set(key, setTimeout(() => stopTyping(key), 5000));
  drawTyping();
}

export function stopTyping(key) {
  clearTimeout(typing.get(key));
  if (typing.delete(key)) drawTyping();
}

function drawTyping() {
  const one = person();
  const each = conversation(one);
  if (one && each) drawHead(one, each);
}
