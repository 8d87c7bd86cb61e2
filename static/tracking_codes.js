// The field of tracking codes: what is typed is read, and what a scanner types, which ends with Enter and may come before
// the answer to the last label, is saved by itself. A module, so that its names stay its own.

const FIELD = ".ship-row [data-takes-lines]";
const READING_DELAY = 400; // milliseconds after the last key
const KEY_GAP = 50; // milliseconds between two keys of a scanner, but for a few that come late
const MAX_GAP = 400;
const MIN_LENGTH = 4;

const sending = new WeakSet(); // the forms whose next request is a scan
let count = 0;
let fast = 0;
let lastAt = 0;
let before = ""; // what was in the field before the scan
let timer = 0;

const isFast = () => count > 1 && fast >= (count - 1) * 0.75;

function together(...codes) {
  return codes.map((code) => code.trim().replace(/[,;]$/, "")).filter(Boolean).join(", ");
}

function save(field) {
  const { form } = field;
  if (field.value.startsWith(before)) field.value = together(before, field.value.slice(before.length));
  const button = form.querySelector("button[id$=-send]");
  (button.matches("[hx-post]") ? button : form).setAttribute("hx-sync", "closest form:queue all");
  sending.add(form);
  button.click();
}

addEventListener("keydown", (event) => {
  if (!event.target.matches?.(FIELD)) return;
  if (event.key === "Enter") {
    if (count >= MIN_LENGTH && isFast() && event.timeStamp - lastAt <= MAX_GAP) {
      event.preventDefault();
      event.stopImmediatePropagation();
      save(event.target);
    }
    count = 0;
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    const gap = event.timeStamp - lastAt;
    if (!count || (gap > MAX_GAP && !isFast())) {
      count = fast = 0;
      before = event.target.value;
    } else if (gap <= KEY_GAP) fast += 1;
    count += 1;
    lastAt = event.timeStamp;
  }
}, true);

// The request has its values and now waits; after that, in htmx:before:request, letters of the next label would be lost.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { form, body } = ctx.request;
  if (!form || !sending.delete(form)) return;
  ctx.scanned = body.get("code");
  form.elements.code.value = "";
  form.elements.request_key.value = [...crypto.getRandomValues(new Uint8Array(12))].join("-");
});

// What did not arrive, or came too late, is typed still; of what was refused, the reason names the code.
for (const type of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(type, ({ detail: { ctx } }) => {
    const status = ctx?.response?.status ?? 500;
    const field = ctx?.scanned && ctx.request.form?.elements.code;
    if (field && (status === 409 || status >= 500)) field.value = together(ctx.scanned, field.value);
  });
}

async function read(form) {
  const place = form.querySelector(".understood");
  const { code, carrier } = form.elements;
  const url = `${form.dataset.draft ?? form.getAttribute("action")}/understood`;
  const typed = new URLSearchParams({ code: code.value, carrier: carrier.value });
  if (code.value.trim()) await htmx.ajax("GET", `${url}?${typed}`, { source: place, target: place, swap: "innerHTML" });
  if (!code.value.trim()) place.replaceChildren();
}

for (const type of ["input", "change"]) {
  document.addEventListener(type, ({ target }) => {
    const form = target.matches?.(`${FIELD}, .ship-row > select`) ? target.form : null;
    const place = form?.querySelector(".understood");
    if (!place) return;
    place.ariaLive = "polite"; // before there is something to say
    clearTimeout(timer);
    timer = setTimeout(() => { if (form.isConnected) read(form); }, READING_DELAY);
  });
}
