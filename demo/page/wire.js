// The conversation on the wire: what the servers' end of it recorded, made readable.

import { sentence, missing, console as consoleOf } from "./words.js";

// latest returns the id of the last exchange, after returns the later ones.
export async function latest() {
  return (await fetchWire(Number.MAX_SAFE_INTEGER)).latest;
}

export async function after(id) {
  return (await fetchWire(id)).exchanges.map((e) => ({ ...e, request: head(e.request), response: e.response && head(e.response) }));
}

async function fetchWire(id) {
  const answer = await fetch(`wire?after=${id}`);
  if (!answer.ok) throw new Error(`the record of the wire: ${answer.status}`);
  return answer.json();
}

export function head(lines) {
  return {
    lines,
    start: lines[0],
    fields: lines.slice(1).map((line) => {
      const colon = line.indexOf(":");
      return { line, name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
    }),
  };
}

export function field(head, name) {
  return head?.fields.find((f) => f.name.toLowerCase() === name.toLowerCase())?.value;
}

export const isPreflight = (e) => e.request.start.startsWith("OPTIONS ") && field(e.request, "Access-Control-Request-Method") !== undefined;

// mine keeps what this browser said for pages of this origin; other tabs of it wait for their turn, see
// inTurn in page.js.
export function mine(exchanges) {
  return exchanges.filter((e) => field(e.request, "User-Agent") === navigator.userAgent &&
    field(e.request, "Origin") === location.origin);
}

const speakers = { gateway: "Corsac", api: "The API" };

// steps tells a conversation: {way, needs, exchanges, outcome} in, a list of steps out. Steps are data;
// draw makes elements of them.
export function steps({ way, needs, exchanges, outcome }) {
  const told = [];
  const front = exchanges.filter((e) => e.server === way);
  const preflights = front.filter(isPreflight);
  if (front.length > 0 && preflights.length === 0) told.push(noPreflight(needs, way));
  for (const e of front) told.push(...exchangeSteps(e, way, outcome));
  if (front.length === 0) told.push({ who: "browser", title: "Nothing arrived", text: "No server of this demo got a request." });
  if (front.length > 0 && preflights.length === front.length) {
    told.push({ who: "browser", tone: "bad", title: "The request was not sent", text: "The preflight did not give permission." });
  }
  told.push(verdict(outcome, way, isRefused(front)));
  const behind = exchanges.filter((e) => way === "gateway" && e.server === "api");
  if (behind.length > 0) told.push({ behind });
  return told;
}

function noPreflight(needs, way) {
  return needs ? {
    who: "browser", tone: "quiet", title: "No preflight",
    text: `The browser remembered ${way === "api" ? "the API" : "Corsac"}’s earlier answer, as Access-Control-Max-Age allowed it.`,
  } : {
    who: "browser", tone: "quiet", title: "No preflight",
    text: "A request like this needs no permission to be sent: any page could always send it. What needs permission is to read the answer.",
  };
}

function exchangeSteps(e, way, outcome) {
  const preflight = isPreflight(e);
  const scene = {
    preflight, way, origin: location.origin,
    exposed: (field(e.response, "Access-Control-Expose-Headers") ?? "").toLowerCase().split(/[ \t]*,[ \t]*/).includes("totalitemscount") ||
      field(e.response, "Access-Control-Expose-Headers")?.trim() === "*",
  };
  const asked = {
    who: "browser", title: preflight ? "Preflight: may the page do this?" : "The request",
    head: e.request, notes: notes("request", e.request, scene),
  };
  if (!e.response) return [asked, { who: "server", title: `${speakers[e.server]} has not answered`, tone: "bad" }];
  const answered = {
    who: "server", title: preflight ? `${speakers[e.server]} answers the preflight` : `${speakers[e.server]} answers`,
    head: e.response, notes: notes("response", e.response, scene),
  };
  if (preflight && !/^HTTP\/1\.[01] 2/.test(e.response.start)) {
    answered.notes.unshift({ line: e.response.start, text: "Not a status from 200 to 299, which a preflight needs as well.", tone: "bad" });
  }
  if (field(e.response, "Access-Control-Allow-Origin") === undefined) {
    answered.notes.push({ ...missing.origin, tone: "missing" });
  }
  return [asked, answered];
}

function notes(direction, head, scene) {
  return head.fields.flatMap(({ line, name, value }) => {
    const text = sentence(direction, name, value, scene);
    return text ? [{ line, text, tone: /^(access-control|origin|vary)/i.test(name) ? "cors" : "" }] : [];
  });
}

// isRefused is true when the last answer keeps the page from going on, and so explains an error. A fetch
// may fail for other reasons.
function isRefused(front) {
  const last = front.at(-1);
  return last?.response !== undefined && last.response !== null &&
    (isPreflight(last) || !["*", location.origin].includes(field(last.response, "Access-Control-Allow-Origin")));
}

function verdict(outcome, way, refused) {
  if (outcome.ok) {
    return { verdict: true, tone: "good", title: "The script reads the answer", text: outcome.summary };
  }
  if (outcome.late) {
    return { verdict: true, tone: "bad", title: "The script gave up waiting", error: outcome.error, otherwise: "No answer came in time. That is no matter of CORS." };
  }
  if (outcome.error && !refused) {
    return {
      verdict: true, tone: "bad", title: "The script gets nothing but this", error: outcome.error,
      otherwise: "That is no matter of CORS: the connection broke, or was never made. To a script it looks the same as being refused.",
    };
  }
  if (outcome.error) return { verdict: true, tone: "bad", title: "The script gets nothing but this", error: outcome.error, way };
  return { verdict: true, tone: "fair", title: "The script reads the answer, which is an error", text: outcome.summary };
}

// make creates an element. What is shown goes in as text, never as markup.
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== "") element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

export function draw(list, told) {
  list.replaceChildren(...told.map((step) => step.behind ? drawBehind(step.behind) : step.verdict ? drawVerdict(step) : drawStep(step)));
}

function drawStep(step) {
  return make("li", { class: `step ${step.who} ${step.tone ?? ""}` },
    make("h3", {}, step.title),
    step.text && make("p", {}, step.text),
    step.head && drawHead(step.head, step.notes),
  );
}

function drawHead(head, notes) {
  const list = make("dl", {});
  for (const note of notes) {
    if (note.line === head.start) {
      list.append(make("dd", { class: note.tone }, note.text));
      continue;
    }
    list.append(make("dt", { class: note.tone }, note.tone === "missing" ? note.line : drawLine(note.line)), make("dd", { class: note.tone }, note.text));
  }
  return make("div", { class: "head" },
    make("code", { class: "start" }, head.start),
    notes.length > 0 && list || undefined,
    make("details", {},
      make("summary", {}, `All ${head.lines.length} lines as they were sent`),
      make("pre", { tabindex: "0" }, head.lines.join("\n"))));
}

function drawLine(line) {
  const colon = line.indexOf(":");
  const fragment = document.createDocumentFragment();
  fragment.append(make("b", {}, line.slice(0, colon + 1)));
  for (const part of line.slice(colon + 1).split(/(?<=,)/)) fragment.append(part, make("wbr")); // lists break after commas
  return fragment;
}

function drawVerdict(step) {
  const item = make("li", { class: `step verdict ${step.tone}` }, make("h3", {}, step.title));
  if (!step.error) {
    item.append(make("p", {}, step.text));
    return item;
  }
  item.append(make("p", {}, make("code", { class: "error" }, step.error)));
  if (step.otherwise) {
    item.append(make("p", {}, step.otherwise));
    return item;
  }
  const where = consoleOf(navigator.userAgent);
  item.append(
    make("p", {}, "That is all a script is told, so that it learns nothing of servers that do not want to be read. ",
      `${where.browser} says the reason to you alone, in its console: open it with ${where.keys}`,
      where.begins ? " and look for the line that begins" : "."));
  if (where.begins) item.append(make("p", {}, make("code", {}, where.begins)));
  if (step.way === "api") {
    item.append(make("p", {}, "Nothing is wrong with the API: programs other than browsers read it. Switch to “through Corsac” and the same request works."));
  }
  return item;
}

function drawBehind(exchanges) {
  const inside = make("ol", {});
  for (const e of exchanges) {
    inside.append(
      make("li", { class: "step server" }, make("h3", {}, "Corsac asks the API"), make("pre", { tabindex: "0" }, e.request.lines.join("\n"))),
      make("li", { class: "step api" }, make("h3", {}, "The API answers"), make("pre", { tabindex: "0" }, e.response ? e.response.lines.join("\n") : "nothing yet")));
  }
  return make("li", { class: "behind" },
    make("details", {},
      make("summary", {}, "Behind Corsac: what the API was asked"),
      make("p", {}, "Preflights do not come this far, and the API says nothing about CORS: it needs no change."),
      inside));
}
