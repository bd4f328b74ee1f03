// What the page knows: bots, people, conversations, the clock. Views subscribe
// to a topic and redraw themselves; nobody else changes this state.

import { api } from "./api.js";
import { memory, soon } from "./dom.js";
import { textOf } from "./rich.js";
import { has, t } from "./words.js";

export const state = {
  bots: [],
  people: [],
  ready: false,
  selected: null,
  open: null,
  conversations: new Map(),
  clock: { now: null, due: null },
};

const watchers = new Map();

export function watch(topics, work) {
  for (const topic of topics.split(" ")) {
    if (!watchers.has(topic)) watchers.set(topic, new Set());
    watchers.get(topic).add(work);
  }
}

const pending = new Set();

export function changed(...topics) {
  if (!pending.size) queueMicrotask(flush);
  for (const topic of topics) pending.add(topic);
}

function flush() {
  const works = new Set();
  for (const topic of pending) for (const work of watchers.get(topic) ?? []) works.add(work);
  pending.clear();
  for (const work of works) work();
}

export const person = (id = state.selected) => state.people.find((one) => one.id === id) ?? null;
export const bot = (id) => state.bots.find((one) => one.id === id) ?? null;

export function date(value) {
  if (value === null || value === undefined || value === "") return null;
  const made = new Date(value);
  return Number.isNaN(made.getTime()) ? null : made;
}

// ---- conversations -------------------------------------------------------

const keyOf = (chat, botId) => `${botId}:${chat}`;

// One private conversation with each bot, and the groups the person is in.
export function conversationsOf(one) {
  if (!one) return [];
  const found = new Map();
  const note = (chat, botId, title) => {
    const key = keyOf(chat, botId);
    if (!found.has(key)) found.set(key, { key, chat, bot: botId, title, group: chat !== one.id });
  };
  for (const chat of one.chats ?? []) note(chat.id, chat.bot, chat.title);
  for (const each of state.bots) note(one.id, each.id, null);
  return [...found.values()].sort((a, b) => Number(a.group) - Number(b.group));
}

export function conversation(one = person()) {
  const all = conversationsOf(one);
  return all.find((each) => each.key === state.open) ?? all[0] ?? null;
}

export function messagesOf(each) {
  return state.conversations.get(each?.key)?.messages ?? [];
}

function shape(raw, chat) {
  return {
    id: raw.message_id,
    chat,
    at: date(raw.at),
    from: raw.from,
    sender: raw.sender,
    name: raw.name ?? "",
    text: raw.text ?? "",
    html: raw.html || null,
    media: raw.media ?? null,
    service: raw.service ?? null,
    album: raw.media_group ?? null,
    buttons: raw.buttons ?? [],
    keyboard: raw.keyboard ?? null,
    replyTo: raw.reply_to ?? null,
    edited: Boolean(raw.edited),
  };
}

export function snippet(message) {
  if (!message) return "";
  const label = message.media ? `[${t(mediaWord(message.media.kind))}]` : "";
  const text = (message.html && !message.text ? textOf(message.html) : message.text).replace(/\s+/g, " ").trim();
  return [label, text].filter(Boolean).join(" ") || (message.service ? serviceWords(message.service) : "");
}

export function serviceWords(what) {
  return has(`service_${what}`) ? t(`service_${what}`) : t("service");
}

const KINDS = ["photo", "video", "document", "voice", "audio", "animation", "video_note", "sticker", "location", "venue", "contact", "poll", "dice"];

export function mediaWord(kind) {
  return KINDS.includes(kind) ? kind : "unknown";
}

// The reply keyboard in force is the one the bot spoke of last.
export function replyKeyboard(each) {
  const messages = messagesOf(each);
  for (let at = messages.length - 1; at >= 0; at -= 1) {
    const { keyboard } = messages[at];
    if (!keyboard || keyboard.force_reply) continue;
    if (!keyboard.buttons?.length) return null;
    const answered = keyboard.one_time && messages.slice(at + 1).some((m) => m.from === "person");
    return answered ? null : keyboard;
  }
  return null;
}

// ---- unread --------------------------------------------------------------

const seen = new Map(Object.entries(memory.read("seen", {})));

export function unreadIn(each) {
  const messages = messagesOf(each);
  let mark = seen.get(each.key);
  if (mark === undefined || mark > (messages.at(-1)?.id ?? 0)) {
    // Never opened here, or remembered from a sandbox that began anew:
    // whatever came after the person's own last word.
    mark = messages.findLast((m) => m.from === "person" && !each.group)?.id ?? 0;
  }
  return messages.filter((m) => m.from === "bot" && m.id > mark).length;
}

export function markSeen(each) {
  const last = messagesOf(each).at(-1)?.id;
  if (last === undefined || seen.get(each.key) === last) return;
  seen.set(each.key, last);
  memory.set("seen", JSON.stringify(Object.fromEntries(seen)));
  changed("people");
}

// ---- loading -------------------------------------------------------------

const loaders = new Map();
const loading = new Set();
let newcomer = () => {};
let everything = false;

export function onNewMessages(work) {
  newcomer = work;
}

async function load(each) {
  loading.add(each.key);
  const raw = await api.messages(each.chat, each.bot).catch(() => null);
  loading.delete(each.key);
  if (raw) put(each, raw.filter((m) => !m.deleted).map((m) => shape(m, each.chat)));
}

function put(each, messages) {
  messages.sort((a, b) => a.id - b.id);
  const before = state.conversations.get(each.key)?.messages;
  state.conversations.set(each.key, { messages });
  const last = before?.at(-1)?.id ?? 0;
  if (before) newcomer(each, messages.filter((m) => m.id > last));
  changed("people", "chat");
}

export function refresh(each) {
  if (!each) return;
  if (!loaders.has(each.key)) loaders.set(each.key, soon(() => load(each), 40));
  loaders.get(each.key)();
}

// The conversations an event speaks of. A group is one chat seen by several
// persons, and its events name no bot.
function concerned(chat, botId) {
  const found = new Map();
  for (const one of state.people) {
    for (const each of conversationsOf(one)) {
      if (each.chat === chat && (!botId || each.bot === botId)) found.set(each.key, each);
    }
  }
  return [...found.values()];
}

// A message that is new, edited or gone. False: the chat is not known yet.
export function hear(name, data) {
  const all = concerned(data.chat, data.bot);
  for (const each of all) {
    const held = state.conversations.get(each.key)?.messages;
    // While the list is under way its answer may be older than this event.
    if (!held || loading.has(each.key)) {
      refresh(each);
      continue;
    }
    const others = held.filter((m) => m.id !== data.message_id);
    put(each, name === "deleted" || data.deleted ? others : [...others, shape(data, each.chat)]);
  }
  return all.length > 0;
}

export const loadPeople = soon(async () => {
  const [bots, people] = await Promise.all([api.bots().catch(() => null), api.people().catch(() => null)]);
  if (bots) state.bots = bots;
  if (people) state.people = people;
  if (bots || people) state.ready = true;
  changed("people", "chat", "bots");
  const all = everything;
  everything = false;
  const wanted = new Map();
  for (const one of state.people) for (const each of conversationsOf(one)) wanted.set(each.key, each);
  await inTurns([...wanted.values()].filter((each) => all || !state.conversations.has(each.key)), load);
}, 30);

// A browser opens six lines to one server; four at once leave room for the
// person who is being played.
async function inTurns(items, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (queue.length) await work(queue.shift());
    }),
  );
}

// After a gap in the events nothing on the page can be trusted.
export function reloadAll() {
  everything = true;
  loadPeople();
}

export const loadClock = soon(async () => {
  const answer = await api.clock().catch(() => null);
  if (!answer) return;
  setClock(answer);
}, 30);

export function setClock(answer) {
  if (answer.now !== undefined) state.clock.now = date(answer.now) ?? state.clock.now;
  if ("next_due" in answer) state.clock.due = dueOf(answer.next_due);
  changed("clock");
}

// The panel may know of a reminder the clock was not told about.
export function panelDue(value) {
  const due = dueOf(value);
  const before = state.clock.panelDue?.raw;
  state.clock.panelDue = due;
  if (before !== due?.raw) changed("clock");
}

function dueOf(raw) {
  const at = date(raw);
  return at ? { at, raw } : null;
}

export const nextDue = () => state.clock.due ?? state.clock.panelDue ?? null;

export function select(id, key = null) {
  state.selected = id;
  state.open = key;
  changed("people", "chat", "select");
}

export function openConversation(key) {
  state.open = key;
  changed("chat", "select");
}
