// The editor of mail templates: variables are put in by a click, and the mail is shown beside while it is typed.
"use strict";

const PAUSE = 400;
const SOURCES = ["template-subject", "template-html", "template-text"];
const SHOWN = ["subject", "html", "text", "order", "shipment"];
let lastField = null;
let timer;
let previews = 0;
let unfolded = new Map();
const lastShown = new WeakMap(); // what the frames show, by the element that holds them

document.addEventListener("focusin", (event) => {
  if (SOURCES.includes(event.target.id)) lastField = event.target;
});

document.addEventListener("click", (event) => {
  const inserts = event.target.closest("[data-inserts]");
  if (inserts) {
    event.preventDefault();
    event.stopPropagation();
    insert(inserts.dataset.inserts, document.getElementById(inserts.dataset.into));
  }
  const goes = event.target.closest("[data-goes-to]");
  if (goes) showLine(document.getElementById(goes.dataset.goesTo), Number(goes.dataset.line));
  const shows = event.target.closest("#template-preview");
  if (shows) {
    event.preventDefault();
    refresh(shows.form);
  }
}, true);

// Enter in a field presses what stands beside it, and not the form's first button.
document.addEventListener("keydown", (event) => {
  const presses = event.key === "Enter" && !event.isComposing && event.target.dataset?.enterPresses;
  if (!presses) return;
  event.preventDefault();
  document.getElementById(presses).click();
});

document.addEventListener("input", (event) => refreshSoon(event.target.form));
document.addEventListener("change", (event) => refreshSoon(event.target.form));

// What people opened or closed stays so when it is drawn anew.
document.addEventListener("htmx:before:swap", () => {
  unfolded = new Map([...document.querySelectorAll("details[id^=template-]")].map((one) => [one.id, one.open]));
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const one of document.querySelectorAll("details[id^=template-]")) one.open = unfolded.get(one.id) ?? one.open;
  const form = document.getElementById("template-form");
  if (!form) return;
  if (ctx.sourceElement.id === "template-findings") return showAsFound();
  // The form was answered: what is drawn is how things stand now, whatever was typed before.
  if (ctx.request.form === form && ctx.response.status < 300) form.reset();
  refreshSoon(form);
});

// Where the caret was last, or on a line of its own at the end of the part that a warning is about.
function insert(snippet, into) {
  const remembered = lastField?.isConnected ? lastField : null;
  const field = into ?? remembered ?? document.getElementById("template-html");
  field.focus();
  if (into) {
    field.setSelectionRange(field.value.length, field.value.length);
    if (!field.value.endsWith("\n")) snippet = `\n${snippet}`;
  }
  // What is put in this way can be undone from the keyboard; where a browser will not, it is put in all the same.
  if (document.execCommand("insertText", false, snippet)) return;
  field.setRangeText(snippet, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function showLine(field, line) {
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  field.scrollTop = (line - 4) * (field.scrollHeight / lines.length);
}

// What was refused beside a field stays beside it until it is mended, and no longer.
function showAsFound() {
  for (const id of SOURCES) {
    const told = [...document.querySelectorAll(`[data-about=${id}] .told`)].map((one) => one.textContent);
    const reason = document.getElementById(`${id}-reason`);
    if (!reason) continue;
    reason.textContent = told.join(" ");
    document.getElementById(id).setAttribute("aria-invalid", String(told.length > 0));
  }
  const shipment = document.getElementById("template-shipment");
  if (!shipment || shipment === document.activeElement) return;
  for (const option of shipment.options) option.selected = option.defaultSelected;
}

function refreshSoon(form) {
  if (form?.id !== "template-form") return;
  clearTimeout(timer);
  timer = setTimeout(() => refresh(form), PAUSE);
}

function refresh(form) {
  clearTimeout(timer);
  const frames = document.getElementById("template-frames");
  const typed = new FormData(form);
  const words = JSON.stringify(SHOWN.map((name) => typed.get(name)));
  if (!form.isConnected || words === lastShown.get(frames)) return;
  lastShown.set(frames, words);
  document.getElementById("template-findings").dispatchEvent(new Event("refresh"));
  preview(form, frames);
}

// The mail is posted into a fresh frame, laid over the old one until it has come: so nothing flickers, and no step is
// added to those that Back goes back. For a template with faults nothing comes, and the old one stays.
function preview(form, frames) {
  frames.querySelectorAll(".coming").forEach((frame) => frame.remove());
  const shown = frames.querySelector("iframe");
  const fresh = shown.cloneNode();
  fresh.removeAttribute("src");
  fresh.name = `template-mail-${previews += 1}`;
  fresh.classList.add("coming");
  frames.append(fresh);
  const { action, target } = form;
  [form.action, form.target] = [form.dataset.previews, fresh.name];
  form.submit();
  [form.action, form.target] = [action, target];
  fresh.addEventListener("load", () => {
    fresh.classList.remove("coming");
    shown.remove();
  });
}
