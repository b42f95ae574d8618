// The page: it asks the users API for one page after the other, through Corsac or directly, and shows
// beside it what was said on the wire.

import { after, draw, isPreflight, latest, make, mine, steps } from "./wire.js";

const $ = (id) => document.getElementById(id);
const number = new Intl.NumberFormat("en");

const scene = await (await fetch("scene.json")).json();
const query = { items: 10, page: 1, search: "" };
let shown = { ...query }; // what is in view, which is not always what was asked for
let total = 0;
const tally = { requests: 0, preflights: 0 };
let open = 0; // conversations under way

const way = () => document.querySelector("input[name=way]:checked").value;
const lastPage = () => Math.max(1, Math.ceil(total / query.items));

// A request is {method, path, headers, body, credentials}, as fetch takes it.

function usersRequest() {
  const headers = { Authorization: `Bearer ${scene.token}`, ItemsPerPage: String(query.items), PageNumber: String(query.page) };
  if (query.search === "") return { method: "POST", path: "/users", headers };
  headers["Content-Type"] = "application/json";
  return { method: "POST", path: "/users", headers, body: JSON.stringify({ search: query.search }) };
}

// needsPreflight is true of requests that no plain form could send.
const needsPreflight = (request) => !["GET", "HEAD", "POST"].includes(request.method) || Object.keys(request.headers ?? {}).length > 0;

// inTurn keeps the tabs of this browser from talking at once, so that what the wire recorded during a
// turn is of this tab. A mark in the URL would do too, but browsers remember preflights by URL.
function inTurn(work) {
  return navigator.locks ? navigator.locks.request("corsac demo: the wire", work) : work();
}

// converse sends a request, shows the conversation, and returns the outcome: {ok, status, body, total,
// error}.
async function converse(request) {
  open++;
  $("talk").setAttribute("aria-busy", "true");
  try {
    return await inTurn(async () => {
      const from = await latest();
      const asked = way();
      const outcome = await attempt(scene[asked], request);
      const exchanges = mine(await after(from));
      show(asked, request, outcome, exchanges);
      return outcome;
    });
  } finally {
    if (--open === 0) $("talk").removeAttribute("aria-busy");
  }
}

async function attempt(base, { path, ...init }) {
  try {
    const answer = await fetch(base + path, { ...init, signal: AbortSignal.timeout(20_000) });
    const text = await answer.text();
    const outcome = { ok: answer.ok, status: answer.status, total: answer.headers.get("TotalItemsCount") };
    outcome.body = parse(text);
    return { ...outcome, summary: summarize(outcome) };
  } catch (error) {
    return { ok: false, error: String(error), late: error.name === "TimeoutError" }; // such as "TypeError: Failed to fetch"
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function summarize({ ok, status, body, total }) {
  if (!ok) return `Status ${status}: ${body?.detail ?? "no reason given"}.`;
  const parts = [`Status ${status}`];
  if (Array.isArray(body)) parts.push(body.length === 1 ? "1 user" : `${body.length} users`);
  else if (body) parts.push(`one user, ${body.name}`);
  if (total !== null) parts.push(`and TotalItemsCount, ${total}`);
  return parts.join(", ") + ".";
}

function show(asked, request, outcome, exchanges) {
  const front = exchanges.filter((e) => e.server === asked);
  tally.preflights += front.filter(isPreflight).length;
  tally.requests += front.filter((e) => !isPreflight(e)).length;
  $("tally").textContent = `${number.format(tally.requests)} ${tally.requests === 1 ? "request" : "requests"}, ` +
    `${number.format(tally.preflights)} ${tally.preflights === 1 ? "preflight" : "preflights"} since this page was loaded`;
  $("asked").replaceChildren("The script called ", make("code", {}, `fetch("${scene[asked]}${request.path}")`), ` with ${request.method}`,
    request.credentials ? " and credentials" : "", ".");
  draw($("talk"), steps({ way: asked, needs: needsPreflight(request), exchanges, outcome }));
}

// gone is for when the page's own server does not answer.
const gone = (error) => `The demo itself does not answer (${error.message}). Is it still running?`;

// The users.

let busy = false;
let again = false;

// load shows the page that query names. While one is on its way, the last wish counts.
async function load() {
  if (busy) { again = true; return; }
  busy = true;
  $("users-card").setAttribute("aria-busy", "true");
  try {
    do {
      again = false;
      showUsers(await converse(usersRequest()));
    } while (again);
  } catch (error) {
    if (query.items === shown.items && query.search === shown.search) query.page = shown.page;
    showTrouble(gone(error));
  } finally {
    busy = false;
    $("users-card").removeAttribute("aria-busy");
  }
}

function showUsers(outcome) {
  if (!outcome.ok) {
    $("rows").replaceChildren();
    total = 0;
    showTrouble(outcome.error ? `No users: the script could not read the answer. All it got is ${outcome.error}` : outcome.summary);
    showRange(0);
    $("range").textContent = ""; // who knows
    return;
  }
  $("trouble").hidden = true;
  total = Number(outcome.total ?? outcome.body.length);
  if (query.page > lastPage()) { // there were more users when the page was chosen
    query.page = lastPage();
    again = true;
    return;
  }
  shown = { ...query };
  $("rows").replaceChildren(...outcome.body.map(row));
  showRange(outcome.body.length);
}

function showTrouble(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = false;
}

// Roles are said where the element has them, because a narrow page lays it out as lines, and some
// browsers take that for the end of the table.
function row(user) {
  return make("tr", { role: "row" },
    make("td", { role: "cell", class: "number" }, number.format(user.id)),
    make("th", { role: "rowheader" }, user.name, make("span", { class: "mail" }, user.email)),
    make("td", { role: "cell", class: "city" }, user.city),
    make("td", { role: "cell", class: "country" }, user.country),
    make("td", { role: "cell", class: "day" }, make("time", { datetime: user.joined }, user.joined)));
}

function showRange(count) {
  $("table").hidden = count === 0;
  const first = (query.page - 1) * query.items + 1;
  $("range").textContent = count === 0 ? "No users" : `${number.format(first)}–${number.format(first + count - 1)} of ${number.format(total)}`;
  $("number").textContent = total === 0 ? "–" : `${number.format(query.page)} / ${number.format(lastPage())}`;
  // Disabled by attribute they would lose the keyboard's focus.
  for (const id of ["first", "previous"]) $(id).setAttribute("aria-disabled", String(query.page <= 1));
  for (const id of ["next", "last"]) $(id).setAttribute("aria-disabled", String(query.page >= lastPage()));
}

function turnTo(page) {
  const wanted = Math.min(Math.max(1, page), lastPage());
  if (wanted === query.page) return;
  query.page = wanted;
  load();
}

// Cookies.

async function account(request, say) {
  try {
    const outcome = await converse({ credentials: "include", ...request });
    $("account").textContent = outcome.ok ? say(outcome.body) : outcome.error ?? outcome.summary;
  } catch (error) {
    $("account").textContent = gone(error);
  }
}

$("sign-in").addEventListener("click", () => account(
  { method: "POST", path: "/session", headers: { Authorization: `Bearer ${scene.token}` } },
  () => "Signed in: the browser keeps a cookie that no script can see."));
$("who").addEventListener("click", () => account({ method: "GET", path: "/me" }, (me) => `You are ${me.name}, ${me.email}.`));
$("sign-out").addEventListener("click", () => account({ method: "DELETE", path: "/session" }, () => "Signed out: the cookie is gone."));

$("first").addEventListener("click", () => turnTo(1));
$("previous").addEventListener("click", () => turnTo(query.page - 1));
$("next").addEventListener("click", () => turnTo(query.page + 1));
$("last").addEventListener("click", () => turnTo(lastPage()));
$("items").addEventListener("change", () => {
  const first = (query.page - 1) * query.items; // stays in view
  query.items = Number($("items").value);
  query.page = Math.floor(first / query.items) + 1;
  load();
});
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  query.search = $("term").value.trim();
  query.page = 1;
  load();
});
$("term").addEventListener("search", () => { if ($("term").value === "" && query.search !== "") $("search").requestSubmit(); });
for (const input of document.querySelectorAll("input[name=way]")) input.addEventListener("change", load);

$("at-front-end").textContent = scene.frontEnd;
$("at-gateway").textContent = scene.gateway;
$("at-api").textContent = scene.api;
$("database").textContent = scene.database;
$("policy").textContent = scene.policy;
$("items").value = String(query.items); // browsers restore what was chosen before a reload
document.querySelector("input[name=way][value=gateway]").checked = true;
await load();
document.documentElement.dataset.ready = "true"; // for tests
