// The order desk inside a host's page: see docs/embedding.md for what the two tell each other.
"use strict";

const TOKEN_MILLISECONDS = 10000;
const BEARER_IS_OLD_AFTER = 8 * 60000;

const root = document.documentElement;
let bearer = null;
let list = "";
let opened = 0;
let bearerIsOldAt = 0;
let takeToken = () => {};
let renewal = null;
let turn = Promise.resolve();

function tell(message) {
  if (parent === window) return;
  const [around] = location.ancestorOrigins ?? [];
  for (const origin of root.dataset.hosts.split(" ")) {
    if (!around || origin === around) parent.postMessage({ webshopOrders: 1, ...message }, origin);
  }
}

// Where the browser keeps no cookie, the session rides on every request, and in the page's address it only arrived.
function arrive() {
  const carried = new URLSearchParams(location.hash.slice(1)).get("bearer");
  if (carried) history.replaceState(history.state, "", location.pathname + location.search);
  if (!document.getElementById("arrival")) return report();
  if (!carried) return comeBack();
  carry(carried);
  return show(location.pathname + location.search);
}

function carry(fresh) {
  bearer = fresh;
  bearerIsOldAt = Date.now() + BEARER_IS_OLD_AFTER;
  for (const input of document.querySelectorAll("[name=bearer]")) input.value = bearer;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-Framed": "1", Authorization: `Bearer ${bearer}` }));
}

// The session ended, and so does what was on the page: the host says anew who is here.
async function comeBack() {
  const fresh = await renew().catch(() => null);
  if (!fresh) return void (document.getElementById("arrival-failed").hidden = false);
  return startAnew(fresh);
}

// The page is about to go, so whoever waits for this waits for ever.
function startAnew(fresh) {
  location.hash = `bearer=${fresh}`;
  location.reload();
  return new Promise(() => {});
}

function show(path, target = "body") {
  return htmx.ajax("GET", path, { target, swap: "innerHTML", replace: "true" });
}

// One renewal serves all who wait for it.
function renew() {
  renewal ??= askForSession().finally(() => { renewal = null; });
  return renewal;
}

async function askForSession() {
  const said = await new Promise((resolve, reject) => {
    takeToken = resolve;
    setTimeout(reject, TOKEN_MILLISECONDS);
    tell({ type: "token-needed" });
  });
  const answer = await fetch(root.dataset.renewal, { method: "POST", headers: headers({}), body: new URLSearchParams(said) });
  if (!answer.ok) throw new Error(answer.status);
  const session = await answer.json();
  // What one person has typed is never sent as another.
  if ((root.dataset.user ?? String(session.user)) !== String(session.user)) return startAnew(session.bearer);
  if (bearer) carry(session.bearer);
  for (const input of document.querySelectorAll("[name=csrf_token]")) input.value = session.csrf;
  return session.bearer;
}

function headers(given) {
  return bearer ? { ...given, "X-Framed": "1", "X-List": list, Authorization: `Bearer ${bearer}` } : { ...given, "X-Framed": "1" };
}

// As fetch, but a session that has ended is renewed first, and what was typed stands until the answer comes.
async function fetchInSession(address, request) {
  const send = () => fetch(address, { ...request, headers: headers(request.headers) });
  const answer = await send();
  if (answer.status !== 401) return answer;
  await renew();
  if (request.body?.has?.("csrf_token")) request.body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
  return send();
}

async function change({ theme, accent, lang }) {
  const present = { theme: root.dataset.theme, accent: root.dataset.accent, lang: root.lang };
  const wanted = Object.entries({ theme, accent, lang }).filter(([name, value]) => value && value !== present[name]);
  if (!wanted.length) return;
  const request = { method: "POST", body: new URLSearchParams(wanted) };
  const answer = await fetchInSession(root.dataset.appearance, request);
  if (!answer.ok) return;
  if (bearer) carry((await answer.json()).bearer);
  await show(location.pathname + location.search);
}

// A page of ours, by its address or by an order's number. By their count the host knows what it has asked for since.
function open(where, count) {
  opened = count;
  const path = where.startsWith("/") ? where : `/orders/${encodeURIComponent(where)}`;
  if (new URL(path, location.href).origin === location.origin) return show(path, "#main");
}

// What changes the whole page waits until the one before has: two at once would draw over each other.
function inTurn(act) {
  return (message) => { turn = turn.then(() => act(message)).catch(() => {}); };
}

const heard = {
  token: ({ token }, origin) => takeToken({ token: String(token), origin }),
  appearance: inTurn(change),
  open: inTurn(({ path, count }) => open(String(path), count)),
  viewport: ({ top, height }) => {
    root.style.setProperty("--seen-top", `${Number(top)}px`);
    root.style.setProperty("--seen-height", `${Number(height)}px`);
  },
};

addEventListener("message", (event) => {
  const isHosts = event.source === parent && root.dataset.hosts.split(" ").includes(event.origin);
  if (isHosts && event.data?.webshopOrders === 1 && Object.hasOwn(heard, event.data.type)) heard[event.data.type](event.data, event.origin);
});

function report() {
  if (location.pathname === "/orders") list = location.search.slice(1); // for the way back to it
  const order = document.getElementById("order")?.dataset.number ?? null;
  tell({ type: "order", order, path: location.pathname + location.search, count: opened });
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  ctx.fetch = fetchInSession;
  // A link followed in the frame is the host's step to take, or not.
  if (ctx.sourceElement._htmx?.boosted && ctx.request.method === "GET") ctx.replace ??= "true";
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target === document.body) takeRootOf(ctx.text);
  const order = document.getElementById("order");
  if (ctx.request.method === "POST" && ctx.response.status < 300 && order) {
    const { number, status, version } = order.dataset;
    tell({ type: "changed", order: number, status, version: Number(version) });
  }
  // Browsers let no frame of another site take the focus by itself, but a script that answers a click may give it.
  document.querySelector("[autofocus]")?.focus();
  report();
});

// A whole page brings its language and its looks along.
function takeRootOf(page) {
  const fresh = new DOMParser().parseFromString(page, "text/html").documentElement;
  for (const name of ["lang", "data-theme", "data-accent", "data-hosts", "data-user"]) {
    if (fresh.hasAttribute(name)) root.setAttribute(name, fresh.getAttribute(name));
    else root.removeAttribute(name);
  }
}

setInterval(() => { if (bearer && Date.now() > bearerIsOldAt) renew().catch(() => {}); }, 15000);
new ResizeObserver(() => tell({ type: "height", height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
tell({ type: "ready" });
inTurn(arrive)();
