// Pictures, voices, places: what a message carries besides words.

import { el, icon, svg } from "./dom.js";
import { ask, tell, toast } from "./dialogs.js";
import { bytes, t } from "./words.js";
import { fullName } from "./people.js";
import { mediaWord } from "./store.js";

// What was sent from this page is kept at hand, so that it can be shown even
// when the server stores no more than its size.
const kept = new Map();

export function keep(chat, message, file) {
  if (file instanceof Blob) kept.set(`${chat}:${message}`, URL.createObjectURL(file));
}

function source(media, message) {
  const own = kept.get(`${message.chat}:${message.id}`);
  if (own) return own;
  return media.url ?? null;
}

export function draw(message) {
  const { media } = message;
  const kind = media.kind;
  if (kind === "photo") return photo(media, message);
  if (kind === "video" || kind === "animation" || kind === "video_note") return video(media, message);
  if (kind === "voice" || kind === "audio") return sound(media, message);
  if (kind === "sticker") return sticker(media, message);
  if (kind === "location" || kind === "venue") return place(media);
  if (kind === "contact") return contact(media);
  return file(media, message);
}

export const fillsBubble = (media) => ["photo", "video", "animation", "location", "venue"].includes(media?.kind);

function photo(media, message) {
  const url = source(media, message);
  const frame = (child) =>
    el(
      "button",
      { type: "button", class: "photo", "aria-label": t("zoom"), on: { click: () => url && zoom(url) }, disabled: !url },
      child,
    );
  if (!url) return frame(placeholder("photo", media));
  const image = el("img", { src: url, alt: media.name ?? t("photo"), loading: "lazy", decoding: "async" });
  const button = frame(image);
  // A stand-in of some bytes is not a picture: a drawn one takes its place.
  image.addEventListener("error", () => {
    button.disabled = true;
    image.replaceWith(placeholder("photo", media));
  });
  return button;
}

function placeholder(kind, media) {
  const facts = [media.width && `${media.width} × ${media.height}`, bytes(media.size)].filter(Boolean);
  return el(
    "span",
    { class: `placeholder ${kind}` },
    icon(kind === "photo" ? "photo" : "play"),
    el("span", { class: "placeholder-name" }, media.name ?? t(mediaWord(media.kind))),
    facts.length > 0 && el("span", { class: "placeholder-facts" }, facts.join(" · ")),
  );
}

function zoom(url) {
  const image = el("img", { src: url, alt: t("photo"), class: "zoomed" });
  ask({ title: t("photo"), body: image, wide: true });
}

function video(media, message) {
  const url = source(media, message);
  const round = media.kind === "video_note" ? "round" : "";
  if (!url) return el("span", { class: `photo ${round}` }, placeholder("video", media));
  const player = el("video", { src: url, controls: true, preload: "metadata", playsinline: true });
  const frame = el("span", { class: `photo ${round}` }, player);
  player.addEventListener("error", () => player.replaceWith(placeholder("video", media)));
  return frame;
}

// The bars follow from the file alone, so the same voice always looks the same.
function bars(seed) {
  const wave = svg("svg", { viewBox: "0 0 128 28", class: "wave", "aria-hidden": "true" });
  let value = 17;
  for (const char of String(seed)) value = (value * 33 + char.codePointAt(0)) >>> 0;
  for (let n = 0; n < 32; n += 1) {
    value = (value * 1103515245 + 12345) >>> 0;
    const swell = 0.45 + 0.55 * Math.abs(Math.sin(n / 4.2));
    const height = 4 + ((value >>> 16) % 100) * 0.2 * swell;
    wave.append(svg("rect", { x: n * 4, y: 14 - height / 2, width: 2.2, height, rx: 1.1 }));
  }
  return wave;
}

function sound(media, message) {
  const url = source(media, message);
  const wave = bars(media.file_id ?? `${message.id}${media.name ?? ""}`);
  const time = el("span", { class: "voice-time" }, length(media.duration) ?? bytes(media.size));
  const button = el("button", { type: "button", class: "voice-play", "aria-label": t("play") }, icon("play"));
  const audio = url ? new Audio() : null;
  const face = (playing) => {
    button.replaceChildren(icon(playing ? "pause" : "play"));
    button.setAttribute("aria-label", t(playing ? "pause" : "play"));
  };
  const shade = () => {
    const share = audio.duration ? audio.currentTime / audio.duration : 0;
    [...wave.children].forEach((bar, n) => bar.classList.toggle("heard", n / 32 < share));
    if (Number.isFinite(audio.duration)) time.textContent = length(audio.paused ? audio.duration : audio.currentTime) ?? "";
  };
  if (audio) {
    audio.preload = "none";
    audio.src = url;
    audio.addEventListener("timeupdate", shade);
    audio.addEventListener("play", () => face(true));
    audio.addEventListener("pause", () => face(false));
    audio.addEventListener("ended", () => {
      audio.currentTime = 0;
      shade();
    });
  }
  button.addEventListener("click", () => {
    if (!audio) toast(t("noSound"));
    else if (audio.paused) audio.play().catch(() => toast(t("noSound")));
    else audio.pause();
  });
  const title = media.kind === "audio" && (media.title ?? media.name);
  return el("div", { class: "voice" }, button, el("span", { class: "voice-body" }, title && el("span", { class: "voice-title" }, title), wave), time);
}

function length(seconds) {
  if (!Number.isFinite(seconds)) return null;
  const whole = Math.max(seconds > 0 ? 1 : 0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function sticker(media, message) {
  const url = source(media, message);
  if (!url || media.emoji) return el("span", { class: "sticker", role: "img", "aria-label": t("sticker") }, media.emoji ?? "🙂");
  const image = el("img", { class: "sticker", src: url, alt: t("sticker") });
  image.addEventListener("error", () => image.replaceWith(el("span", { class: "sticker" }, "🙂")));
  return image;
}

function file(media, message) {
  const url = source(media, message);
  const name = media.name ?? t(mediaWord(media.kind));
  const ending = /\.([a-z0-9]{1,4})$/i.exec(name)?.[1]?.toUpperCase() ?? "";
  const inside = [
    el("span", { class: "file-mark", "aria-hidden": "true" }, icon("file"), ending && el("span", null, ending)),
    el(
      "span",
      { class: "file-words" },
      el("span", { class: "file-name" }, name),
      el("span", { class: "file-size" }, bytes(media.size) || t(mediaWord(media.kind))),
    ),
  ];
  if (!url) return el("span", { class: "file" }, inside);
  return el("a", { class: "file", href: url, download: name, "aria-label": t("download", { name }) }, inside);
}

function degrees(value, positive, negative) {
  return `${Math.abs(value).toFixed(4)}°${value >= 0 ? positive : negative}`;
}

// No map tiles: a drawn hillside with a river, shifted by the coordinates so
// that two places do not look alike.
function place(media) {
    const lat = Number(media.latitude ?? 0);
  const lon = Number(media.longitude ?? 0);
  const shift = Math.abs(Math.round((lat * 7919 + lon * 104729) * 100)) % 60;
  const map = svg("svg", { viewBox: "0 0 260 130", class: "map", "aria-hidden": "true", preserveAspectRatio: "xMidYMid slice" });
  map.append(svg("rect", { width: 260, height: 130, class: "map-land" }));
  for (let n = 0; n < 6; n += 1) {
    const r = 16 + n * 15;
    map.append(svg("ellipse", { cx: 186 - shift, cy: 30 + shift / 4, rx: r * 1.6, ry: r, class: "map-contour" }));
    map.append(svg("ellipse", { cx: 20 + shift / 2, cy: 130, rx: r * 1.3, ry: r * 0.8, class: "map-contour" }));
  }
  map.append(svg("path", { d: `M-10 ${92 - shift / 3} C 60 ${60 + shift / 4}, 96 ${128 - shift / 3}, 150 96 S 230 ${70 + shift / 2}, 275 104`, class: "map-river" }));
  map.append(svg("path", { d: `M${30 + shift} -8 C ${60 + shift} 40, 96 52, 130 66 S 210 90, 240 140`, class: "map-road" }));
  map.append(svg("ellipse", { cx: 130, cy: 68, rx: 9, ry: 3, class: "map-shade" }));
  map.append(svg("path", { d: "M130 67c-9-11-15-18.5-15-26a15 15 0 0 1 30 0c0 7.5-6 15-15 26z", class: "map-pin" }));
  map.append(svg("circle", { cx: 130, cy: 41, r: 5.5, class: "map-eye" }));
  const words = `${degrees(lat, "N", "S")}, ${degrees(lon, "E", "W")}`;
  return el(
    "div",
    { class: "place" },
    map,
    el(
      "div",
      { class: "place-words" },
      el("strong", null, media.title ?? t("location")),
      media.address && el("span", null, media.address),
      el("span", { class: "place-point" }, words),
    ),
  );
}

function contact(media) {
  const name = fullName({ name: media.first_name, last_name: media.last_name }) || t("contact");
  const phone = media.phone_number ?? "";
  return el(
    "button",
    { type: "button", class: "contact", on: { click: () => tell(name, phone) } },
    el("span", { class: "file-mark", "aria-hidden": "true" }, icon("contact")),
    el("span", { class: "file-words" }, el("span", { class: "file-name" }, name), el("span", { class: "file-size" }, phone)),
  );
}
