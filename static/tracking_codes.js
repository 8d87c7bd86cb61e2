// The field of tracking codes of a shipment. What is typed is read as one types. What a scanner types, which ends with
// Enter and may come before the answer to the last label, is saved by itself: no code is lost, none is joined with the
// next. A person's Enter presses the filled button. A module, so that its names stay its own.

const FIELD = ".ship-row [data-takes-lines]";
const READING_DELAY = 400; // milliseconds after the last key
const MAX_MEAN_GAP = 40; // milliseconds between two keys, as in scanner.js
const MAX_GAP = 250;
const MIN_LENGTH = 4;

const sending = new WeakSet(); // the forms whose next request is a scan
let count = 0;
let firstAt = 0;
let lastAt = 0;
let before = ""; // what was in the field before the scan
let timer = 0;

function isScan(event) {
  return count >= MIN_LENGTH && event.timeStamp - lastAt <= MAX_GAP && lastAt - firstAt <= MAX_MEAN_GAP * (count - 1);
}

// Several codes in the field are apart by a comma, which a scanner does not type.
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
    if (isScan(event)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      save(event.target);
    }
    count = 0;
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
    if (!count || event.timeStamp - lastAt > MAX_GAP) {
      count = 0;
      firstAt = event.timeStamp;
      before = event.target.value;
    }
    count += 1;
    lastAt = event.timeStamp;
  }
}, true);

// The request has its values now, and waits for the one before it. In htmx:before:request, after the wait, letters of
// the next label would be lost. The next scan is a change of its own.
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
  // Requests for one place wait for each other, so that no late answer is shown.
  if (code.value.trim()) await htmx.ajax("GET", `${url}?${typed}`, { source: place, target: place, swap: "innerHTML" });
  if (!code.value.trim()) place.replaceChildren(); // it may have been saved meanwhile
}

for (const type of ["input", "change"]) {
  document.addEventListener(type, ({ target }) => {
    const form = target.matches?.(`${FIELD}, .ship-row > select`) ? target.form : null;
    const place = form?.querySelector(".understood");
    if (!place) return;
    place.role = "status"; // before there is something to say
    clearTimeout(timer);
    timer = setTimeout(() => { if (form.isConnected) read(form); }, READING_DELAY);
  });
}
