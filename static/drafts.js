// Drafts: what was typed and not yet saved survives another tab of the order, a reload, a lost session and a lost
// connection. It is kept in this browser tab alone, for the user who typed it, and never for fields of secrets.
// A module, so that its names stay its own.

const PREFIX = "draft";
const MAX_AGE = 24 * 3600 * 1000; // milliseconds
const SECRET = "[type=password], [type=hidden], [type=file], [name=secret], [autocomplete=one-time-code], [data-secret]";
const FORM = "form[method=post][action]:not([data-sends-on-change], [data-no-draft])";
const restored = new Set(); // the keys of the drafts that were restored on this page

const user = () => document.documentElement.dataset.user;
const keyOf = (form) => `${PREFIX} ${user()} ${form.dataset.draft ?? form.getAttribute("action")}`;

// Storage may be missing in a frame, or full: then nothing is kept, and all else works.
function withStorage(use, otherwise) {
  try {
    return use(sessionStorage);
  } catch {
    return otherwise;
  }
}

const keys = () => withStorage((storage) => Object.keys(storage).filter((key) => key.startsWith(`${PREFIX} `)), []);
const forget = (key) => withStorage((storage) => storage.removeItem(key));

function load(key) {
  const draft = withStorage((storage) => JSON.parse(storage.getItem(key)), null);
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
  if (type === "checkbox") return { field, value: control.checked, base: control.defaultChecked };
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

// Puts a draft back into its form, where the page shows the form without it; true if anything was put back.
function restore(form) {
  const draft = load(keyOf(form));
  if (!draft) return false;
  const changed = [...form.elements].filter((control) => isKept(control) && isLost(read(control), draft));
  for (const control of changed) write(control, draft.fields[read(control).field].value);
  const isOutdated = changed.some((control) => read(control).base !== draft.fields[read(control).field].base);
  // What others saved meanwhile in the same field is shown before it is written over.
  if (isOutdated && draft.version) form.elements.version.value = draft.version;
  // A draft that was sent and not answered may have been carried out: the same key makes it one change.
  if (changed.length && draft.sentKey) form.elements.request_key.value = draft.sentKey;
  for (const control of changed) control.dispatchEvent(new Event("change", { bubbles: true }));
  return changed.length > 0;
}

function isLost({ field, value, base }, draft) {
  const kept = draft.fields[field];
  return kept && value === base && value !== kept.value;
}

function restoreAll() {
  if (!user()) return false;
  let any = false;
  for (const form of document.querySelectorAll(FORM)) {
    if (!restore(form) && !restored.has(keyOf(form))) continue;
    if (!load(keyOf(form))) continue;
    any = true;
    restored.add(keyOf(form));
    showNote(form);
  }
  return any;
}

function showNote(form) {
  if (form.dataset.returnsTo || form.querySelector(".draft-note")) return; // a row that is open shows its field
  form.prepend(document.getElementById("draft-note").content.cloneNode(true));
}

function discard(form) {
  forget(keyOf(form));
  restored.delete(keyOf(form));
  form.querySelector(".draft-note")?.remove();
}

// A form in a row is not there until it is opened, so the latest draft in a row of this page opens it.
function openRow() {
  const [latest] = keys().map(load).filter((draft) => draft && document.getElementById(draft.opener))
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
  const form = event.target.closest("[data-cancels]")?.closest("form, tr");
  if (form) discard(form.matches("form") ? form : form.querySelector("form[action]"));
  const note = event.target.closest(".draft-note");
  if (!note || !event.target.closest("button")) return;
  const owner = note.closest("form");
  discard(owner);
  owner.reset();
  owner.querySelector("textarea, input:not([type=hidden]), select")?.focus();
});

document.addEventListener("submit", ({ target: form }) => {
  if (form.matches("[data-signs-out]")) keys().forEach(forget);
});

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { form, method } = ctx.request; // a button may send its form elsewhere
  if (method !== "POST" || !ctx.sourceElement.matches("form, button") || !form?.matches(FORM) || !user()) return;
  ctx.draft = keyOf(form);
  const draft = load(ctx.draft);
  if (draft) store(ctx.draft, { ...draft, sentKey: form.elements.request_key?.value });
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.draft && ctx.response.status < 300) {
    forget(ctx.draft);
    restored.delete(ctx.draft);
  }
  if (ctx.draft && ctx.response.status >= 400) forgetSent(ctx.draft);
  if (ctx.request.method === "GET" && ctx.sourceElement.closest(".tabs")) openRow();
  restoreAll();
});

// The server refused it, so nothing was carried out.
function forgetSent(key) {
  const draft = load(key);
  if (draft) store(key, { ...draft, sentKey: undefined });
}

start();
