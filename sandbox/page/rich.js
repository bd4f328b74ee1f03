// Formatted messages, rebuilt from an allow-list. The markup is parsed in an
// inert document (no scripts, no loading), and only known tags come out.

import { el } from "./dom.js";
import { t } from "./words.js";

const SAME = new Set(["b", "strong", "i", "em", "u", "s", "code", "pre", "blockquote"]);
const ALIAS = { ins: "u", del: "s", strike: "s" };
const DROP = new Set(["script", "style", "template", "iframe", "object", "svg", "math", "title"]);
const COMMAND = /(^|[\s（(，。：])(\/[a-z][a-z0-9_]{0,31})(?![\w/@.])/gi;

export function rich(html, { onCommand } = {}) {
  const fragment = document.createDocumentFragment();
  const parsed = new DOMParser().parseFromString(html, "text/html");
  copy(parsed.body, fragment, onCommand, false);
  return fragment;
}

export function plain(text, { onCommand } = {}) {
  const fragment = document.createDocumentFragment();
  words(text, fragment, onCommand);
  return fragment;
}

export function textOf(html) {
  return new DOMParser().parseFromString(html, "text/html").body.textContent;
}

function copy(from, to, onCommand, literal) {
  for (const child of from.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      words(child.data, to, literal ? null : onCommand);
      continue;
    }
    if (child.nodeType !== Node.ELEMENT_NODE) continue;
    const tag = child.localName;
    if (DROP.has(tag)) continue;
    const node = allowed(tag, child);
    const inside = literal || tag === "a" || tag === "code" || tag === "pre";
    copy(child, node ?? to, onCommand, inside);
    if (node) to.append(node);
    else if (tag === "br") to.append("\n");
  }
}

function allowed(tag, source) {
  const name = ALIAS[tag] ?? tag;
  if (SAME.has(name)) return el(name);
  if (tag === "a") {
    const href = safeLink(source.getAttribute("href"));
    return href ? el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }) : null;
  }
  if (tag === "tg-spoiler" || (tag === "span" && source.classList.contains("tg-spoiler"))) return spoiler();
  return null;
}

export function safeLink(value) {
  if (!value) return null;
  try {
    const url = new URL(value);
    return ["http:", "https:", "mailto:", "tel:", "tg:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function spoiler() {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": t("spoiler") });
  const reveal = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
  };
  node.addEventListener("click", reveal);
  node.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      reveal();
    }
  });
  return node;
}

// A command inside a message can be pressed, as in any Telegram client.
function words(text, to, onCommand) {
  if (!onCommand) {
    to.append(text);
    return;
  }
  let last = 0;
  for (const match of text.matchAll(COMMAND)) {
    const start = match.index + match[1].length;
    to.append(text.slice(last, start));
    const command = match[2];
    to.append(el("button", { type: "button", class: "command", on: { click: () => onCommand(command) } }, command));
    last = start + command.length;
  }
  to.append(text.slice(last));
}
