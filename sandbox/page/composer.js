// What the person says: text, files, voices, places, and the bot's buttons.

import { api } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { ask, complain, field, menu, menuItem, toast } from "./dialogs.js";
import { keep } from "./media.js";
import { base64, sampleFile, samplePhoto, sampleVoice } from "./samples.js";
import { bot, conversation, person, refresh, replyKeyboard, snippet } from "./store.js";
import { t } from "./words.js";

const LARGEST = 20 * 1024 * 1024;
const PLACE = ["31.0400", "110.3400"];

let box;
let text;
let banner;
let keys;
let keysButton;
let commandsButton;
let sendButton;
let reply = null;
let edit = null;
let keysShut = false;
let keysSign = "";
let drawnKey = null;
const drafts = new Map();

export function build() {
  const draft = text?.value ?? "";
  keysSign = "";
  banner = el("div", { class: "banner", hidden: true });
  keys = el("div", { class: "reply-keys", id: "reply-keys", hidden: true });
  text = el("textarea", {
    id: "composer-text",
    class: "composer-text",
    rows: "1",
    "aria-label": t("composer"),
    placeholder: t("placeholder"),
    "data-testid": "composer",
    maxlength: "4096",
    value: draft,
    on: { keydown: typed, input: fit, paste: pasted },
  });
  sendButton = iconButton("send", t("send"), submit, { class: "icon-button send", "data-testid": "send" });
  commandsButton = iconButton("slash", t("commands"), openCommands, { "aria-haspopup": "menu", "data-testid": "commands" });
  keysButton = iconButton("keys", t("keyboard"), () => {
    keysShut = !keysShut;
    drawKeys();
  }, { "aria-controls": "reply-keys", "data-testid": "keyboard-toggle" });
  const clip = iconButton("clip", t("attach"), () => openAttach(clip), { "aria-haspopup": "menu", "data-testid": "attach" });
  const line = el(
    "div",
    { class: "composer-line" },
    el("div", { class: "anchor" }, clip),
    el("div", { class: "composer-field" }, text, el("div", { class: "anchor" }, commandsButton), keysButton),
    sendButton,
  );
  box = el("div", { class: "composer" }, banner, line, keys);
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer?.files.length) confirmFiles([...event.dataTransfer.files]);
  });
  return box;
}

export function draw(one, each) {
  box.hidden = !one || !each;
  if (box.hidden) return;
  const key = `${one.id}/${each.key}`;
  if (key !== drawnKey) {
    // Everyone keeps their own unfinished sentence.
    if (drawnKey) drafts.set(drawnKey, text.value);
    drawnKey = key;
    text.value = drafts.get(key) ?? "";
    keysShut = false;
    rest();
    fit();
  }
  commandsButton.hidden = !(bot(each.bot)?.commands?.length > 0);
  drawKeys();
}

function drawKeys() {
  const each = conversation();
  const keyboard = each && replyKeyboard(each);
  keysButton.hidden = !keyboard;
  keysButton.setAttribute("aria-expanded", String(Boolean(keyboard) && !keysShut));
  keys.hidden = !keyboard || keysShut;
  text.placeholder = keyboard?.placeholder || t("placeholder");
  const sign = JSON.stringify(keyboard ?? null) + each?.key;
  if (sign === keysSign) return;
  keysSign = sign;
  if (!keyboard) {
    keys.replaceChildren();
    return;
  }
  keys.replaceChildren(
    ...keyboard.buttons.map((row) =>
      el(
        "div",
        { class: "reply-row" },
        ...row.map((button) =>
          el(
            "button",
            { type: "button", class: "reply-button", "data-testid": "reply-button", on: { click: () => pressKey(button) } },
            button.kind === "request_contact" && icon("contact"),
            button.kind === "request_location" && icon("place"),
            el("span", null, button.text),
          ),
        ),
      ),
    ),
  );
}

function pressKey(button) {
  if (button.kind === "request_contact") openContact(t("shareContact"));
  else if (button.kind === "request_location") openPlace(t("shareLocation"));
  else say(button.text);
}

// ---- text ------------------------------------------------------------------

function typed(event) {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    submit();
  } else if (event.key === "Escape" && (reply || edit)) {
    event.preventDefault();
    rest(true);
  }
}

function fit() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 168)}px`;
  sendButton.classList.toggle("ready", Boolean(text.value.trim()));
}

async function submit() {
  const words = text.value.trim();
  if (!words) {
    text.focus();
    return;
  }
  const one = person();
  const each = conversation();
  const [changing, answering] = [edit, reply];
  text.value = "";
  fit();
  rest();
  const done = changing
    ? await act("edit", { message_id: changing.id, text: words }, one, each)
    : await act("text", { text: words, reply_to: answering?.id }, one, each);
  // A sentence the server did not take is not lost.
  if (!done && !text.value) {
    text.value = words;
    fit();
  }
  text.focus();
}

export function say(words) {
  return act("text", { text: words });
}

async function act(what, body, one = person(), each = conversation()) {
  if (!one || !each) return null;
  try {
    return (await api.act(one.id, what, { bot: each.bot, chat: each.chat, ...body })) ?? {};
  } catch (failure) {
    complain(failure);
    return null;
  } finally {
    refresh(each);
  }
}

export function replyTo(message) {
  edit = null;
  reply = message;
  bannerFor(t("replyingTo"), snippet(message), "reply");
}

export function editing(message) {
  reply = null;
  edit = message;
  text.value = message.text;
  fit();
  bannerFor(t("editing"), message.text, "edit");
}

function bannerFor(title, words, mark) {
  banner.replaceChildren(icon(mark), el("span", null, el("strong", null, title), " ", words), iconButton("close", t("stop"), () => rest(true)));
  banner.hidden = false;
  text.focus();
}

function rest(focus = false) {
  if (focus && edit) {
    text.value = "";
    fit();
  }
  reply = null;
  edit = null;
  banner.hidden = true;
  if (focus) text.focus();
}

// ---- commands ----------------------------------------------------------------

function openCommands() {
  const commands = bot(conversation()?.bot)?.commands ?? [];
  menu(
    commandsButton,
    commands.map((each) => {
      const name = `/${String(each.command ?? each).replace(/^\//, "")}`;
      return menuItem([el("strong", null, name), el("span", null, each.description ?? "")], () => say(name));
    }),
    { label: t("commands"), className: "up right commands" },
  );
}

// ---- attachments -------------------------------------------------------------

const CHOICES = [
  ["photo", "image/*", true],
  ["video", "video/*", false],
  ["document", "", true],
  ["voice", "audio/*", false],
];

function openAttach(anchor) {
  const item = (mark, word, work, extra = {}) => menuItem([el("span", { class: `attach-mark mark-${mark}` }, icon(mark)), el("span", null, t(word))], work, { "data-testid": `attach-${word}`, ...extra });
  menu(
    anchor,
    [
      el(
        "div",
        { class: "attach-grid" },
        ...CHOICES.map(([kind, accept, many]) => item(kind === "document" ? "file" : kind, kind, () => pick(kind, accept, many))),
        item("place", "location", () => openPlace()),
        item("contact", "contact", () => openContact()),
      ),
      el("p", { class: "menu-title" }, t("samples")),
      el(
        "div",
        { class: "sample-row" },
        ...[
          ["samplePhoto", async () => sendOne("photo", await samplePhoto(0))],
          ["sampleAlbum", async () => sendAlbum(await Promise.all([0, 1, 2].map(samplePhoto)))],
          ["sampleVoice", () => sendOne("voice", sampleVoice(), { duration: 2 })],
          ["sampleVideo", () => act("video", { name: "院坝.mp4", mime: "video/mp4", size: 1_843_200, duration: 12 })],
          ["sampleFile", () => sendOne("document", sampleFile())],
        ].map(([word, work]) => menuItem(t(word), () => Promise.resolve(work()).catch(complain), { class: "chip", "data-testid": word })),
      ),
    ],
    { label: t("attach"), className: "up attach" },
  );
}

function pick(kind, accept, many) {
  const input = el("input", { type: "file", accept: accept || null, multiple: many });
  input.addEventListener("change", () => input.files.length && confirmFiles([...input.files], kind));
  input.click();
}

function pasted(event) {
  const files = [...(event.clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  confirmFiles(files);
}

function kindOfFile(file, asked) {
  if (asked) return asked;
  if (/^image\/(png|jpe?g|webp)$/.test(file.type)) return "photo";
  if (file.type === "video/mp4") return "video";
  return "document";
}

function confirmFiles(files, asked) {
  const large = files.find((file) => file.size > LARGEST);
  if (large) {
    toast(t("tooLarge", { name: large.name }), "error");
    return;
  }
  const kinds = files.map((file) => kindOfFile(file, asked));
  const urls = files.map((file) => URL.createObjectURL(file));
  const caption = el("input", { name: "caption", maxlength: "1024", autocomplete: "off", value: text.value });
  const title = files.length > 1 ? t("sendFilesMany", { count: files.length }) : t("sendFiles", { kind: t(kinds[0]) });
  const sheet = ask({
    title,
    submit: t("send"),
    body: [
      el(
        "div",
        { class: "previews" },
        ...files.map((file, n) => (kinds[n] === "photo" ? el("img", { src: urls[n], alt: file.name }) : el("span", { class: "preview-file" }, icon(kinds[n] === "document" ? "file" : kinds[n]), el("span", null, file.name)))),
      ),
      field(t("caption"), caption),
    ],
    done: async (data) => {
      const words = String(data.get("caption")).trim();
      const done = files.length > 1 ? await sendAlbum(files, kinds, words) : await sendOne(kinds[0], files[0], words ? { caption: words } : {});
      if (done) {
        text.value = "";
        fit();
      }
      return Boolean(done);
    },
  });
  sheet.addEventListener("close", () => urls.forEach((url) => URL.revokeObjectURL(url)));
}

async function packed(file) {
  try {
    return { name: file.name, mime: file.type || "application/octet-stream", base64: await base64(file) };
  } catch {
    throw new Error(t("readFailed", { name: file.name }));
  }
}

async function sendOne(kind, file, extra = {}) {
  const each = conversation();
  const done = await act(kind, { ...(await packed(file)), ...extra });
  if (done?.message_id && each) keep(each.chat, done.message_id, file);
  return done;
}

async function sendAlbum(files, kinds = files.map(() => "photo"), caption = "") {
  const each = conversation();
  const items = await Promise.all(files.map(async (file, n) => ({ kind: kinds[n], ...(await packed(file)), ...(caption && n === 0 ? { caption } : {}) })));
  const done = await act("album", { items });
  (done?.message_ids ?? []).forEach((id, n) => each && keep(each.chat, id, files[n]));
  return done;
}

function openPlace(title = t("locationTitle")) {
  const number = (name, value) => el("input", { name, value, inputmode: "decimal", required: true, autocomplete: "off" });
  ask({
    title,
    submit: t("send"),
    body: el("div", { class: "pair" }, field(t("latitude"), number("latitude", PLACE[0])), field(t("longitude"), number("longitude", PLACE[1]))),
    done: async (data) => {
      const latitude = Number(data.get("latitude"));
      const longitude = Number(data.get("longitude"));
      if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
        toast(t("locationBad"), "error");
        return false;
      }
      return Boolean(await act("location", { latitude, longitude }));
    },
  });
}

function openContact(title = t("contactTitle")) {
  ask({
    title,
    submit: t("send"),
    body: field(t("phone"), el("input", { name: "phone", type: "tel", required: true, autocomplete: "off", placeholder: t("phoneHint"), pattern: "[+0-9 \\-]{5,20}" })),
    done: async (data) => Boolean(await act("contact", { phone: String(data.get("phone")).trim() })),
  });
}
