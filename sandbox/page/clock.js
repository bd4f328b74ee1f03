// The rehearsal clock: everything in the sandbox happens at this time.

import { api } from "./api.js";
import { el, icon } from "./dom.js";
import { complain } from "./dialogs.js";
import { loadClock, nextDue, setClock, state, watch } from "./store.js";
import { day, hourMinute, moment, t } from "./words.js";

const STEPS = [
  ["clockTen", 600, "clock-ten"],
  ["clockHour", 3600, "clock-hour"],
  ["clockDay", 86400, "clock-day"],
];

// The buttons are made once and only relabelled, so that a press never meets
// a button that has just been replaced.
export function start(node) {
  let busy = false;
  const date = el("span", { class: "clock-day" });
  const time = el("strong");
  const face = el("time", { class: "clock-face", "data-testid": "clock" }, icon("clock"), date, time);
  const button = (testid, work, extra = "") => el("button", { type: "button", class: `clock-step ${extra}`, "data-testid": testid, on: { click: work } });
  const steps = STEPS.map(([word, seconds, testid]) => [word, button(testid, () => move({ move: seconds }))]);
  const next = button("clock-next", () => move({ set: nextDue().raw }), "next");
  node.append(face, el("span", { class: "clock-steps" }, ...steps.map(([, each]) => each), next));

  const draw = () => {
    const { now } = state.clock;
    const due = nextDue();
    const reachable = Boolean(due && now && due.at > now);
    const hint = reachable ? t("clockNextAt", { when: moment(due.at) }) : t("clockNone");
    face.setAttribute("aria-label", t("clock"));
    face.dateTime = now?.toISOString() ?? "";
    date.textContent = now ? day(now) : "—";
    time.textContent = now ? hourMinute(now) : "--:--";
    for (const [word, each] of steps) {
      each.textContent = t(word);
      each.disabled = busy || !now;
    }
    next.textContent = t("clockNext");
    next.title = hint;
    next.setAttribute("aria-label", `${t("clockNext")}（${hint}）`);
    next.disabled = busy || !reachable;
  };

  const move = async (body) => {
    const held = document.activeElement;
    busy = true;
    draw();
    try {
      setClock(await api.moveClock(body));
      document.getElementById("live").append(el("p", null, t("clockMoved", { when: moment(state.clock.now) })));
    } catch (failure) {
      complain(failure);
    } finally {
      busy = false;
      draw();
      // A disabled button drops the focus; whoever pressed it gets it back.
      if (node.contains(held) && !held.disabled) held.focus();
      loadClock();
    }
  };

  watch("clock language", draw);
  draw();
}
