// Drafts: what was typed and not yet saved survives another tab of the order, a reload, a lost session and a lost
// connection. It is kept in this browser tab alone, for the user who typed it, and never for fields of secrets. Where
// the order has changed since, the user is asked whether it is to be put back.
// A module, so that its names stay its own.

const PREFIX = "draft";
const MAX_AGE = 24 * 3600 * 1000; // milliseconds
const SECRET = "[type=password], [type=hidden], [type=file], [name=secret], [autocomplete=one-time-code], [data-secret]";
const FORM = "form[method=post][action]:not([data-sends-on-change], [data-no-draft])";
const restored = new Set(); // the keys of the drafts that were restored on this page
const offered = new Map(); // the drafts that the user is asked about, by their keys

const user = () => document.documentElement.dataset.user;
const keyOf = (form) => `${PREFIX} ${user()} ${form.dataset.draft ?? form.getAttribute("action")}`;

// Where a frame may store nothing, drafts last as long as its page, which other tabs of the order are swapped into.
const memory = Object.create({
  getItem(key) { return this[key] ?? null; },
  setItem(key, text) { this[key] = text; },
  removeItem(key) { delete this[key]; },
});

// Storage may be full, too.
function withStorage(use) {
  try {
    return use(sessionStorage);
  } catch {
    return use(memory);
  }
}

const keys = () => withStorage((storage) => Object.keys(storage).filter((key) => key.startsWith(`${PREFIX} `)));
const forget = (key) => withStorage((storage) => storage.removeItem(key));

function load(key) {
  const draft = withStorage((storage) => JSON.parse(storage.getItem(key)));
  return draft && Date.now() - draft.at < MAX_AGE ? draft : null;
}

function store(key, draft) {
  if (Object.keys(draft.fields).length) withStorage((storage) => storage.setItem(key, JSON.stringify(draft)));
  else forget(key);
}

// A control as its name in the draft, its present value, and the value that the server gave it.
function read(control) {
  const { form, name, type } = control;
  if (type === "radio") {
    const group = [...form.elements].filter((other) => other.type === "radio" && other.name === name);
    const valueOf = (property) => group.find((other) => other[property])?.value ?? null;
    return { field: name, value: valueOf("checked"), base: valueOf("defaultChecked") };
  }
  const field = control.id || name;
  if (type === "checkbox") {
    // Several that choose from a list have one name.
    return { field: control.id || `${name}=${control.value}`, value: control.checked, base: control.defaultChecked };
  }
  if (type === "select-one") {
    const base = [...control.options].findLast((option) => option.defaultSelected) ?? control.options[0];
    return { field, value: control.value, base: base?.value ?? null };
  }
  return { field, value: control.value, base: control.defaultValue };
}

function write(control, value) {
  if (control.type === "checkbox") control.checked = value;
  else if (control.type === "radio") control.checked = control.value === value;
  else control.value = value;
}

const isKept = (control) => control.name && control.type !== "submit" && control.type !== "button" && !control.matches(SECRET);

function save(control) {
  const form = control.form;
  if (!user() || !form?.matches(FORM) || !isKept(control)) return;
  const key = keyOf(form);
  const draft = load(key) ?? { version: form.elements.version?.value, opener: form.dataset.returnsTo, fields: {} };
  const { field, value, base } = read(control);
  if (draft.fields[field]?.value === value) return;
  const first = draft.fields[field]?.base ?? base;
  if (value === first) delete draft.fields[field];
  else draft.fields[field] = { value, base: first };
  // Other words than those that were sent: they are a change of their own.
  if (draft.sentKey) form.elements.request_key.value = newRequestKey();
  store(key, { ...draft, at: Date.now(), sentKey: undefined });
}

function newRequestKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The controls of a form that are shown without what the draft has of them.
function lostControls(form, draft) {
  return [...form.elements].filter((control) => isKept(control) && isLost(read(control), draft));
}

// Whether somebody else has changed the order, or what the controls show, since the draft was begun.
function hasChanged(form, draft, controls) {
  const isOtherVersion = draft.version && form.elements.version && draft.version !== form.elements.version.value;
  return isOtherVersion || isOutdated(draft, controls);
}

function isOutdated(draft, controls) {
  return controls.some((control) => read(control).base !== draft.fields[read(control).field].base);
}

function putBack(form, draft) {
  const controls = [...form.elements].filter((control) => isKept(control) && draft.fields[read(control).field]);
  for (const control of controls) write(control, draft.fields[read(control).field].value);
  // What others saved meanwhile in the same field is shown before it is written over.
  if (isOutdated(draft, controls) && draft.version) form.elements.version.value = draft.version;
  // A draft that was sent and not answered may have been carried out: the same key makes it one change.
  if (draft.sentKey) form.elements.request_key.value = draft.sentKey;
  for (const control of controls) control.dispatchEvent(new Event("change", { bubbles: true }));
}

function isLost({ field, value, base }, draft) {
  const kept = draft.fields[field];
  return kept && value === base && value !== kept.value;
}

// Puts drafts back into the forms that the page shows without them, or asks; true if there is any.
function restoreAll() {
  if (!user()) return false;
  let any = false;
  for (const form of document.querySelectorAll(FORM)) {
    const key = keyOf(form);
    const draft = load(key);
    if (!draft) continue;
    const lost = lostControls(form, draft);
    if (lost.length && !offered.has(key)) {
      if (hasChanged(form, draft, lost)) {
        offered.set(key, draft);
      } else {
        putBack(form, draft);
        restored.add(key);
      }
    }
    // A row that is open shows its field, and is said nothing about unless there is something to ask.
    if (offered.has(key) || (restored.has(key) && !form.dataset.returnsTo)) showNote(form, offered.has(key));
    any ||= offered.has(key) || restored.has(key);
  }
  return any;
}

function showNote(form, asks) {
  if (form.querySelector(".draft-note")) return;
  const note = document.getElementById("draft-note").content.cloneNode(true);
  const [restoredWords, offeredWords] = note.querySelectorAll("span");
  (asks ? restoredWords : offeredWords).remove();
  if (!asks) note.querySelector("[data-restores]").remove();
  form.prepend(note);
}

function discard(form) {
  forget(keyOf(form));
  restored.delete(keyOf(form));
  offered.delete(keyOf(form));
  form.querySelector(".draft-note")?.remove();
}

// A form in a row is not there until it is opened, so the latest draft in a row of this page opens it. Other orders
// have openers of the same ids, and the form that somebody has just come to stays.
function openRow() {
  if (document.querySelector("main form[data-returns-to]")) return;
  const { number } = document.getElementById("order")?.dataset ?? {};
  const [latest] = keys().filter((key) => !number || key.includes(`/orders/${number}/`))
    .map(load).filter((draft) => draft && document.getElementById(draft.opener))
    .sort((one, other) => other.at - one.at);
  if (latest) document.getElementById(latest.opener).click();
}

function start() {
  if (!user()) {
    const hint = document.getElementById("drafts-are-kept");
    if (hint) hint.hidden = !keys().some(load);
    return;
  }
  // What one user has typed is never shown to another.
  for (const key of keys()) if (!key.startsWith(`${PREFIX} ${user()} `) || !load(key)) forget(key);
  document.addEventListener("htmx:after:process", openRow, { once: true }); // its links work only from then on
  if (!restoreAll()) return;
  document.getElementById("toasts").append(document.getElementById("draft-toast").content.cloneNode(true));
  fadeToasts(); // of app.js
}

for (const type of ["input", "change", "draft:change"]) {
  document.addEventListener(type, (event) => { if (event.target.form) save(event.target); });
}

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-cancels], [data-discards]")?.closest("form, tr");
  if (form) discard(form.matches("form") ? form : form.querySelector("form[action]"));
  const note = event.target.closest(".draft-note");
  if (!note || !event.target.closest("button")) return;
  const owner = note.closest("form");
  if (event.target.closest("[data-restores]")) return restoreOffered(owner);
  discard(owner);
  owner.reset();
  owner.querySelector("textarea, input:not([type=hidden]), select")?.focus();
});

function restoreOffered(form) {
  const key = keyOf(form);
  const draft = offered.get(key);
  putBack(form, draft);
  store(key, { ...draft, version: form.elements.version?.value });
  offered.delete(key);
  restored.add(key);
  form.querySelector(".draft-note").remove();
  [...form.elements].find((control) => isKept(control))?.focus();
  restoreAll();
}

document.addEventListener("submit", ({ target: form }) => {
  if (form.matches("[data-signs-out]")) keys().forEach(forget);
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { form, method } = ctx.request; // a button may send its form elsewhere
  ctx.sentVersion = form?.elements.version?.value;
  if (method !== "POST" || !ctx.sourceElement.matches("form, button") || !form?.matches(FORM) || !user()) return;
  ctx.draft = keyOf(form);
  forgetLeft(ctx.draft, form, ctx.request.submitter);
  const draft = load(ctx.draft);
  if (draft) store(ctx.draft, { ...draft, sentKey: form.elements.request_key?.value });
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.draft && ctx.response.status < 300) {
    forget(ctx.draft);
    restored.delete(ctx.draft);
    offered.delete(ctx.draft);
  }
  if (ctx.request.method === "POST" && ctx.response.status < 300) keepUp(ctx.sentVersion);
  if (ctx.draft && ctx.response.status >= 400) forgetSent(ctx.draft);
  if (ctx.request.method === "GET" && ctx.sourceElement.closest(".tabs")) openRow();
  restoreAll();
});

// The drafts of other forms are not asked about for a change of one's own, which no change of others came before.
function keepUp(sentVersion) {
  const { number, version } = document.getElementById("order")?.dataset ?? {};
  if (Number(version) !== Number(sentVersion) + 1) return;
  for (const key of keys().filter((each) => each.includes(`/orders/${number}/`))) {
    const draft = load(key);
    if (draft?.version === sentVersion) store(key, { ...draft, version });
  }
}

// Of two values of a field the user took the other one, so what was typed is not put back.
function forgetLeft(key, form, submitter) {
  const draft = load(key);
  if (!draft || submitter?.name !== "take" || !submitter.value.startsWith("theirs ")) return;
  const control = form.elements[submitter.value.slice("theirs ".length)];
  if (control) delete draft.fields[read(control).field];
  store(key, draft);
}

// The server refused it, so nothing was carried out.
function forgetSent(key) {
  const draft = load(key);
  if (draft) store(key, { ...draft, sentKey: undefined });
}

start();
