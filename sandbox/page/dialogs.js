// Toasts and modal dialogs.

import { el, iconButton } from "./dom.js";
import { t } from "./words.js";

export function toast(text, kind = "info") {
  const shelf = document.getElementById("toasts");
  const note = el(
    "div",
    { class: `toast ${kind}`, role: kind === "error" ? "alert" : "status", "data-testid": "toast" },
    el("span", null, text),
    iconButton("close", t("close"), () => note.remove()),
  );
  shelf.append(note);
  raise(shelf);
  while (shelf.children.length > 3) shelf.firstElementChild.remove();
  setTimeout(() => note.remove(), Math.min(12000, 3200 + text.length * 70));
}

// Above an open dialog too: the last thing raised lies on top.
function raise(shelf) {
  if (!shelf.showPopover) return;
  if (shelf.matches(":popover-open")) shelf.hidePopover();
  shelf.showPopover();
}

export const complain = (failure) => toast(failure?.message ?? String(failure), "error");

// A dialog with a form. `fields` are nodes; `done` may return false to stay.
export function ask({ title, body, submit, done, wide }) {
  const form = el("form", { method: "dialog", class: "sheet-body" });
  const box = el(
    "dialog",
    { class: `sheet ${wide ? "wide" : ""}`, "aria-label": title },
    el("header", { class: "sheet-head" }, el("h2", null, title), iconButton("close", t("close"), () => box.close())),
    form,
  );
  const go = el("button", { type: "submit", class: "primary" }, submit ?? t("ok"));
  form.append(
    ...[body].flat(),
    el(
      "footer",
      { class: "sheet-foot" },
      done && el("button", { type: "button", class: "plain", on: { click: () => box.close() } }, t("cancel")),
      go,
    ),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!done) {
      box.close();
      return;
    }
    go.disabled = true;
    try {
      if ((await done(new FormData(form))) !== false) box.close();
    } catch (failure) {
      complain(failure);
    } finally {
      go.disabled = false;
    }
  });
  box.addEventListener("click", (event) => {
    if (event.target === box) box.close();
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
  return box;
}

export function tell(title, text) {
  ask({ title, body: el("p", { class: "answer-text" }, text) });
}

export function field(label, input) {
  return el("label", { class: "field" }, el("span", null, label), input);
}

// A small menu that closes upon choosing, Escape or a press elsewhere, and
// gives the focus back to the button it came from.
export function menu(anchor, content, { label, className = "" } = {}) {
  const open = document.querySelector(".menu");
  if (open) {
    const same = open.anchor === anchor;
    open.shut();
    if (same) return;
  }
  const box = el("div", { class: `menu ${className}`, role: "menu", "aria-label": label });
  box.append(...[content].flat());
  box.anchor = anchor;
  const items = () => [...box.querySelectorAll("[role=menuitem]")];
  box.shut = (focus = true) => {
    box.remove();
    document.removeEventListener("pointerdown", outside, true);
    anchor.setAttribute("aria-expanded", "false");
    if (focus) anchor.focus();
  };
  const outside = (event) => {
    if (!box.contains(event.target) && !anchor.contains(event.target)) box.shut(false);
  };
  box.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step) {
      event.preventDefault();
      all[(at + step + all.length) % all.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      box.shut();
    } else if (event.key === "Tab") box.shut(false);
  });
  box.addEventListener("click", (event) => {
    if (event.target.closest("[role=menuitem]")) box.shut(false);
  });
  document.addEventListener("pointerdown", outside, true);
  anchor.setAttribute("aria-expanded", "true");
  anchor.parentElement.append(box);
  items()[0]?.focus();
  return box;
}

export function menuItem(children, onclick, props = {}) {
  return el("button", { type: "button", role: "menuitem", class: "menu-item", on: { click: onclick }, ...props }, children);
}
