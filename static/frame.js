// The order desk inside a host's page; docs/embedding.md describes the messages between the two.
"use strict";

const TOKEN_TIMEOUT_MILLISECONDS = 10000;
const BEARER_RENEWAL_MILLISECONDS = 8 * 60000;

const root = document.documentElement;
let bearer = null;
let listQuery = "";
let openCount = 0;
let renewBearerAt = 0;
let takeToken = () => {};
let renewal = null;
let queue = Promise.resolve();

function send(message) {
  if (parent === window) return;
  const [hostOrigin] = location.ancestorOrigins ?? [];
  for (const origin of root.dataset.hosts.split(" ")) {
    if (!hostOrigin || origin === hostOrigin) parent.postMessage({ webshopOrders: 1, ...message }, origin);
  }
}

// Where the browser keeps no cookie, the session is sent with every request; the page's URL only brings it here.
function arrive() {
  const arrived = new URLSearchParams(location.hash.slice(1)).get("bearer");
  if (arrived) history.replaceState(history.state, "", location.pathname + location.search);
  if (!document.getElementById("arrival")) return report();
  if (!arrived) return resume();
  setBearer(arrived);
  return show(location.pathname + location.search);
}

function setBearer(fresh) {
  bearer = fresh;
  renewBearerAt = Date.now() + BEARER_RENEWAL_MILLISECONDS;
  for (const input of document.querySelectorAll("[name=bearer]")) input.value = bearer;
  document.body.setAttribute("hx-headers:inherited", JSON.stringify({ "X-Framed": "1", Authorization: `Bearer ${bearer}` }));
}

// The session ended, and what was on the page is lost: the host names its user again.
async function resume() {
  const fresh = await renew().catch(() => null);
  if (!fresh) return void (document.getElementById("arrival-failed").hidden = false);
  return restart(fresh);
}

// The page is about to reload, so the promise never resolves.
function restart(fresh) {
  location.hash = `bearer=${fresh}`;
  location.reload();
  return new Promise(() => {});
}

function show(path, target = "body") {
  return htmx.ajax("GET", path, { target, swap: "innerHTML", replace: "true" });
}

// All callers share one renewal.
function renew() {
  renewal ??= requestSession().finally(() => { renewal = null; });
  return renewal;
}

async function requestSession() {
  const token = await new Promise((resolve, reject) => {
    takeToken = resolve;
    setTimeout(reject, TOKEN_TIMEOUT_MILLISECONDS);
    send({ type: "token-needed" });
  });
  const response = await fetch(root.dataset.renewal, { method: "POST", headers: headers({}), body: new URLSearchParams(token) });
  if (!response.ok) throw new Error(response.status);
  const session = await response.json();
  // What one user has typed is never sent as another.
  if ((root.dataset.user ?? String(session.user)) !== String(session.user)) return restart(session.bearer);
  if (bearer) setBearer(session.bearer);
  for (const input of document.querySelectorAll("[name=csrf_token]")) input.value = session.csrf;
  return session.bearer;
}

function headers(others) {
  return bearer ? { ...others, "X-Framed": "1", "X-List": listQuery, Authorization: `Bearer ${bearer}` } : { ...others, "X-Framed": "1" };
}

// Like fetch, but renews a session that has ended and repeats the request; typed text stays until the response.
async function fetchInSession(url, request) {
  const attempt = () => fetch(url, { ...request, headers: headers(request.headers) });
  const response = await attempt();
  if (response.status !== 401) return response;
  await renew();
  if (request.body?.has?.("csrf_token")) request.body.set("csrf_token", document.querySelector("[name=csrf_token]").value);
  return attempt();
}

async function changeAppearance({ theme, accent, lang }) {
  const current = { theme: root.dataset.theme, accent: root.dataset.accent, lang: root.lang };
  const changes = Object.entries({ theme, accent, lang }).filter(([name, value]) => value && value !== current[name]);
  if (!changes.length) return;
  const request = { method: "POST", body: new URLSearchParams(changes) };
  const response = await fetchInSession(root.dataset.appearance, request);
  if (!response.ok) return;
  if (bearer) setBearer((await response.json()).bearer);
  await show(location.pathname + location.search);
}

// The path of the page as hosts know it: without the one that the desk is below.
function ownPath() {
  return location.pathname.startsWith(`${root.dataset.prefix}/`) ? location.pathname.slice(root.dataset.prefix.length) : location.pathname;
}

// Opens a page by its path or an order's number. The count tells the host which of its requests a page answers.
function open(target, count) {
  openCount = count;
  const path = root.dataset.prefix + (target.startsWith("/") ? target : `/orders/${encodeURIComponent(target)}`);
  const { origin, pathname } = new URL(path, location.href);
  if (origin === location.origin && pathname.startsWith(`${root.dataset.prefix}/`)) return show(path, "#main");
}

// Changes of the whole page run one after another: two at once would overwrite each other.
function queued(change) {
  return (message) => { queue = queue.then(() => change(message)).catch(() => {}); };
}

const handlers = {
  token: ({ token }, origin) => takeToken({ token: String(token), origin }),
  appearance: queued(changeAppearance),
  open: queued(({ path, count }) => open(String(path), count)),
  viewport: ({ top, height }) => {
    root.style.setProperty("--seen-top", `${Number(top)}px`);
    root.style.setProperty("--seen-height", `${Number(height)}px`);
  },
};

addEventListener("message", (event) => {
  const isFromHost = event.source === parent && root.dataset.hosts.split(" ").includes(event.origin);
  if (isFromHost && event.data?.webshopOrders === 1 && Object.hasOwn(handlers, event.data.type)) handlers[event.data.type](event.data, event.origin);
});

function report() {
  const batch = /^\/batches\/(\d+)$/.exec(ownPath())?.[1];
  if (batch) listQuery = `batch=${batch}`;
  if (ownPath() === "/orders") listQuery = location.search.slice(1); // for the links back to it and on in it
  const order = document.getElementById("order")?.dataset.number ?? null;
  send({ type: "order", order, path: ownPath() + location.search, count: openCount });
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  ctx.fetch = fetchInSession;
  // A link followed in the frame adds no step to the history; the host decides whether it is one.
  if (ctx.sourceElement._htmx?.boosted && ctx.request.method === "GET") ctx.replace ??= "true";
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.target === document.body) copyRootAttributes(ctx.text);
  const order = document.getElementById("order");
  if (ctx.request.method === "POST" && ctx.response.status < 300 && order) {
    const { number, status, version } = order.dataset;
    send({ type: "changed", order: number, status, version: Number(version) });
  }
  // Browsers ignore autofocus in a frame of another site, but a script may set the focus after a click.
  document.querySelector("[autofocus]")?.focus();
  report();
});

// The root element of a whole page has its language and appearance.
function copyRootAttributes(page) {
  const fresh = new DOMParser().parseFromString(page, "text/html").documentElement;
  for (const name of ["lang", "data-theme", "data-accent", "data-hosts", "data-user"]) {
    if (fresh.hasAttribute(name)) root.setAttribute(name, fresh.getAttribute(name));
    else root.removeAttribute(name);
  }
}

setInterval(() => { if (bearer && Date.now() > renewBearerAt) renew().catch(() => {}); }, 15000);
new ResizeObserver(() => send({ type: "height", height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
send({ type: "ready" });
queued(arrive)();
