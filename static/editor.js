// The editor of mail templates: variables are inserted by a click, and the mail is previewed while it is typed.
// A module, so that it runs once in a document, however often the editor is swapped into it.

const DELAY = 400; // milliseconds after the last keystroke
const SOURCES = ["template-subject", "template-html", "template-text"];
const PREVIEWED = ["subject", "html", "text", "order", "shipment"];
let lastField = null;
let timer;
let previewCount = 0;
let openDetails = new Map();
const lastPreviewed = new WeakMap(); // the values that were previewed last, by the element that contains the frames

// What was typed while this module was still loading is previewed now that it has.
if (SOURCES.some((id) => document.getElementById(id)?.value !== document.getElementById(id)?.defaultValue)) {
  refreshSoon(document.getElementById("template-form"));
}

document.addEventListener("focusin", (event) => {
  if (SOURCES.includes(event.target.id)) lastField = event.target;
});

document.addEventListener("click", (event) => {
  const insertButton = event.target.closest("[data-inserts]");
  if (insertButton) {
    event.preventDefault();
    event.stopPropagation();
    insert(insertButton.dataset.inserts, document.getElementById(insertButton.dataset.into));
  }
  const lineButton = event.target.closest("[data-goes-to]");
  if (lineButton) showLine(document.getElementById(lineButton.dataset.goesTo), Number(lineButton.dataset.line));
  const previewButton = event.target.closest("#template-preview");
  if (previewButton) {
    event.preventDefault();
    refresh(previewButton.form);
  }
}, true);

// Enter in a field presses the button beside it, and not the form's first button.
document.addEventListener("keydown", (event) => {
  const button = event.key === "Enter" && !event.isComposing && event.target.dataset?.enterPresses;
  if (!button) return;
  event.preventDefault();
  document.getElementById(button).click();
});

document.addEventListener("input", (event) => refreshSoon(event.target.form));
document.addEventListener("change", (event) => refreshSoon(event.target.form));

// <details> stay as the user opened or closed them when a swap renders them again.
document.addEventListener("htmx:before:swap", () => {
  openDetails = new Map([...templateDetails()].map((details) => [details.id, details.open]));
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  for (const details of templateDetails()) details.open = openDetails.get(details.id) ?? details.open;
  const form = document.getElementById("template-form");
  if (!form) return;
  if (ctx.sourceElement.id === "template-findings") return applyFindings();
  // The response to the form shows what is saved now, so typed values that a morph kept are reset.
  if (ctx.request.form === form && ctx.response.status < 300) form.reset();
  refreshSoon(form);
});

function templateDetails() {
  return document.querySelectorAll("details[id^=template-]");
}

// Inserts at the caret; or, for a warning about a part, on a line of its own at the end of that part.
function insert(snippet, into) {
  const lastUsed = lastField?.isConnected ? lastField : null;
  const field = into ?? lastUsed ?? document.getElementById("template-html");
  field.focus();
  if (into) {
    field.setSelectionRange(field.value.length, field.value.length);
    if (!field.value.endsWith("\n")) snippet = `\n${snippet}`;
  }
  // execCommand can be undone from the keyboard; setRangeText is for browsers that refuse it.
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

// The error beside a field stays until it is corrected, and no longer.
function applyFindings() {
  for (const id of SOURCES) {
    const sentences = [...document.querySelectorAll(`[data-about=${id}] .sentence`)].map((element) => element.textContent);
    const error = document.getElementById(`${id}-reason`);
    if (!error) continue;
    error.textContent = sentences.join(" ");
    document.getElementById(id).setAttribute("aria-invalid", String(sentences.length > 0));
  }
  const shipment = document.getElementById("template-shipment");
  if (!shipment || shipment === document.activeElement) return;
  for (const option of shipment.options) option.selected = option.defaultSelected;
}

function refreshSoon(form) {
  if (form?.id !== "template-form") return;
  clearTimeout(timer);
  timer = setTimeout(() => refresh(form), DELAY);
}

function refresh(form) {
  clearTimeout(timer);
  const frames = document.getElementById("template-frames");
  const data = new FormData(form);
  const values = JSON.stringify(PREVIEWED.map((name) => data.get(name)));
  if (!form.isConnected || values === lastPreviewed.get(frames)) return;
  lastPreviewed.set(frames, values);
  document.getElementById("template-findings").dispatchEvent(new Event("refresh"));
  preview(form, frames);
}

// The mail is posted into a new frame, which covers the old one once it has loaded: nothing flickers, and the browser's
// history gets no entry. For a template with faults the server answers 204, and the old frame stays.
function preview(form, frames) {
  frames.querySelectorAll(".coming").forEach((frame) => frame.remove());
  const current = frames.querySelector("iframe");
  const next = current.cloneNode();
  next.removeAttribute("src");
  next.name = `template-mail-${previewCount += 1}`;
  next.classList.add("coming");
  frames.append(next);
  const { action, target } = form;
  [form.action, form.target] = [form.dataset.previewUrl, next.name];
  form.submit();
  [form.action, form.target] = [action, target];
  next.addEventListener("load", () => {
    next.classList.remove("coming");
    current.remove();
  });
}
