// Small helpers for building the page. Nothing here ever parses a string as
// markup into the live document: text becomes text nodes, markup is rebuilt
// node by node in rich.js.

export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "on") {
      for (const [event, handler] of Object.entries(value)) node.addEventListener(event, handler);
    } else if (key === "data") Object.assign(node.dataset, value);
    else if (key === "style") {
      for (const [name, setting] of Object.entries(value)) node.style.setProperty(name, setting);
    } else if (key === "value" || key === "checked" || key === "disabled") node[key] = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) add(node, child);
    else node.append(child);
  }
}

const STROKES = {
  plus: "M12 5v14M5 12h14",
  back: "M15 5l-7 7 7 7",
  send: "M4.5 12 20 4.5 15.5 20l-3.6-6.2zM20 4.5l-8.1 9.3",
  clip: "M20 11.5l-8.3 8.3a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.6 8.5a1.7 1.7 0 0 1-2.4-2.4l7.7-7.6",
  keys: "M3 7.5A1.5 1.5 0 0 1 4.5 6h15A1.5 1.5 0 0 1 21 7.5v9a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 16.5zM7 10h.01M12 10h.01M17 10h.01M8 14.2h8",
  slash: "M15.5 5l-7 14",
  photo: "M4 6.5A1.5 1.5 0 0 1 5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5zM4.5 16.5l4.5-5 4 4.2 2.5-2.4 4 3.7M15.5 9.2h.01",
  video: "M3.5 7.5A1.5 1.5 0 0 1 5 6h9a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 14 18H5a1.5 1.5 0 0 1-1.5-1.5zM15.5 11l5-3v8l-5-3",
  file: "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5zM13.5 3.5v5h5M9 13h6M9 16.5h4",
  voice: "M12 3.5a2.8 2.8 0 0 1 2.8 2.8v5.2a2.8 2.8 0 0 1-5.6 0V6.3A2.8 2.8 0 0 1 12 3.5zM6 11.5a6 6 0 0 0 12 0M12 17.5v3",
  place: "M12 21c4.2-4.6 6.3-8 6.3-10.9a6.3 6.3 0 0 0-12.6 0C5.7 13 7.8 16.4 12 21zM12 12.3a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  contact: "M12 12a3.6 3.6 0 1 0 0-7.2 3.6 3.6 0 0 0 0 7.2zM5 19.5c.7-3.4 3.5-5.2 7-5.2s6.3 1.8 7 5.2",
  album: "M7.5 4h11A1.5 1.5 0 0 1 20 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 6 14.5v-9A1.5 1.5 0 0 1 7.5 4zM3.5 8v10.5A1.5 1.5 0 0 0 5 20h11.5M6.5 14l4-4 3 3 2-2 4 4",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6l1.4 1.4M17 17l1.4 1.4M18.4 5.6L17 7M7 17l-1.4 1.4",
  moon: "M19.5 14.3A8 8 0 0 1 9.7 4.5a8 8 0 1 0 9.8 9.8z",
  half: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 4v16M15 6v12M18 8.5v7",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
  engine: "M4 5.5h16M4 12h16M4 18.5h16M8 3.5v4M15 10v4M10 16.5v4",
  close: "M6 6l12 12M18 6L6 18",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  reply: "M9.5 6L4.5 11l5 5M5 11h8.5a6 6 0 0 1 6 6v1",
  edit: "M4.5 19.5l.9-4L16 4.9a1.7 1.7 0 0 1 2.4 0l.7.7a1.7 1.7 0 0 1 0 2.4L8.5 18.6z",
  out: "M9 7h8v8M17 7L7 17",
  play: "M8.5 5.8v12.4l10-6.2z",
  pause: "M8.5 6v12M15.5 6v12",
  down: "M12 5v13M6.5 12.5L12 18l5.5-5.5",
  wide: "M4 12h16M7.5 8.5L4 12l3.5 3.5M16.5 8.5L20 12l-3.5 3.5",
  search: "M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4 4",
  rings: "M9.2 16.8a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6zM14.8 16.8a4.8 4.8 0 1 0 0-9.6 4.8 4.8 0 0 0 0 9.6z",
  none: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM6.5 6.5l11 11",
};

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(props ?? {})) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: `icon icon-${name}`, "aria-hidden": "true", focusable: "false" },
    svg("path", { d: STROKES[name] }),
  );
}

export function iconButton(name, label, onclick, props = {}) {
  return el(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, on: { click: onclick }, ...props },
    icon(name),
  );
}

// The surname of a Chinese name, the first letter of any other. The colour
// follows from the id alone, so that a person keeps it for ever.
export function avatar(name, id, extra = "") {
  const first = Array.from((name || "").trim())[0] ?? "·";
  return el(
    "span",
    { class: `avatar ${extra}`, "data-hue": String(hue(id)), "aria-hidden": "true" },
    first.toUpperCase(),
  );
}

const HUES = 10;

function hue(id) {
  let sum = 7;
  for (const char of String(id)) sum = (sum * 31 + char.codePointAt(0)) >>> 0;
  return sum % HUES;
}

// Runs `work` soon after the last call of a burst and never twice at once.
export function soon(work, delay = 60) {
  let timer = null;
  let running = false;
  let again = false;
  const run = async () => {
    timer = null;
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      await work();
    } finally {
      running = false;
      if (again) {
        again = false;
        ask();
      }
    }
  };
  function ask() {
    if (timer === null) timer = setTimeout(run, delay);
  }
  return ask;
}

// Storage may be forbidden (a private window, a strict browser); the page
// then simply forgets its settings.
export const memory = {
  get(key) {
    try {
      return localStorage.getItem(`lianxi.${key}`);
    } catch {
      return null;
    }
  },
  read(key, otherwise) {
    try {
      return JSON.parse(this.get(key)) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(`lianxi.${key}`, value);
    } catch {
      return;
    }
  },
};
