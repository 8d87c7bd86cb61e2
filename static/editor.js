// The editor of mail templates: variables are put in by a click, and the mail is shown beside while it is typed.
"use strict";

const PREVIEW_PAUSE = 400;
let lastField = null;
let previewTimer;
let lastShown = "";
let previews = 0;

document.addEventListener("focusin", (event) => {
  if (event.target.matches("#template-subject, #template-html, #template-text")) lastField = event.target;
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
}, true);

document.addEventListener("input", previewSoon);
document.addEventListener("change", previewSoon);
document.addEventListener("htmx:after:swap", () => previewSoon());

// Where the caret was last, or on a line of its own at the end of the part that a warning is about.
function insert(snippet, into) {
  const remembered = lastField?.isConnected ? lastField : null;
  const field = into ?? remembered ?? document.getElementById("template-html");
  if (into) {
    field.setSelectionRange(field.value.length, field.value.length);
    if (!field.value.endsWith("\n")) snippet = `\n${snippet}`;
  }
  field.focus();
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

function previewSoon(event) {
  const form = document.getElementById("template-form");
  if (!form || (event && event.target.form !== form)) return;
  clearTimeout(previewTimer);
  previewTimer = setTimeout(() => preview(form), PREVIEW_PAUSE);
}

// The mail is posted into a fresh frame, laid over the old one until it has come: so nothing flickers, and no step is
// added to those that Back goes back. For a template with faults nothing comes, and the old one stays.
function preview(form) {
  const words = new URLSearchParams(new FormData(form)).toString();
  if (!form.isConnected || words === lastShown) return;
  lastShown = words;
  const frames = document.getElementById("template-frames");
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
