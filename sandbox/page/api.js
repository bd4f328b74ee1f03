// The driving API of the sandbox, as docs/sandbox.md describes it.

import { t } from "./words.js";

export class Failure extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
    });
  } catch {
    throw new Failure(t("noServer"), 0);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer?.ok === false) {
    const sentence = answer?.error ?? answer?.description ?? t("statusError", { status: response.status });
    throw new Failure(String(sentence), response.status);
  }
  return answer;
}

// A list arrives bare or inside an envelope; both read the same here.
function list(answer) {
  if (Array.isArray(answer)) return answer;
  return Object.values(answer ?? {}).find(Array.isArray) ?? [];
}

const query = (values) => {
  const known = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  return known.length ? `?${new URLSearchParams(known.map(([key, value]) => [key, String(value)]))}` : "";
};

export const api = {
  bots: async () => list(await call("GET", "/sandbox/bots")),
  people: async () => list(await call("GET", "/sandbox/people")),
  addPerson: (body) => call("POST", "/sandbox/people", body),
  changePerson: (id, body) => call("PATCH", `/sandbox/people/${id}`, body),
  act: (id, what, body) => call("POST", `/sandbox/people/${id}/${what}`, body),
  messages: async (chat, bot) => list(await call("GET", `/sandbox/chats/${chat}/messages${query({ bot })}`)),
  ledger: async (after) => list(await call("GET", `/sandbox/ledger${query({ after })}`)),
  clock: () => call("GET", "/sandbox/clock"),
  moveClock: (body) => call("POST", "/sandbox/clock", body),
  panel: () => call("GET", "/sandbox/panel"),
};

const EVENTS = ["message", "edited", "deleted", "keyboard", "answer", "person", "clock", "bot", "action"];

// EventSource reconnects by itself while the server only drops the line; when
// it gives up (a refused answer during a restart) a new one is opened here.
export function listen({ onEvent, onGap, onState }) {
  let source = null;
  let before = false;
  const open = () => {
    source = new EventSource("/sandbox/events");
    source.onopen = () => {
      onState(true);
      if (before) onGap();
      before = true;
    };
    source.onerror = () => {
      onState(false);
      if (source.readyState === EventSource.CLOSED) {
        source.close();
        setTimeout(open, 1500);
      }
    };
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        let data = {};
        try {
          data = JSON.parse(event.data) ?? {};
        } catch {
          data = {};
        }
        onEvent(name, data);
      });
    }
  };
  open();
}
