// Who else has this order open, or which of the orders of the list: asked every 15 seconds while the page is seen.
// Not by htmx, since nothing that follows a click of the user follows this. A module, so that its names stay its own.

const PERIOD = 15000; // milliseconds
const PREFIX = "here-"; // of the ids of the cells of a list, before that of their order
const send = (url, request) => (window.fetchInSession ?? fetch)(url, request); // in a frame, with its session
let typedIn = null; // the form that was last typed into, until one is sent
let shown = "";
let isAsking = false;
let asked = ""; // the address that was asked last

document.addEventListener("input", ({ target }) => { typedIn = target.closest?.("form[data-edits]") ?? typedIn; });

// What of the order is being edited: the row that is open, or else the form that was typed into.
function place() {
  const open = document.querySelector("form[data-edits^=line]");
  return (open ?? (typedIn?.isConnected ? typedIn : null))?.dataset.edits ?? "";
}

const cells = () => [...document.querySelectorAll(`.here[id^=${PREFIX}]`)];

async function ask() {
  const form = document.querySelector("[data-presence]");
  if (!form || document.hidden || isAsking) return;
  isAsking = true;
  try {
    const isOrder = Boolean(form.elements.version);
    const values = new URLSearchParams(new FormData(form));
    values.set("shown", shown);
    if (isOrder) values.set("place", place());
    else values.set("orders", cells().map((cell) => cell.id.slice(PREFIX.length)).join("-"));
    const url = asked = form.dataset.presence;
    const response = await (isOrder ? send(url, { method: "PUT", body: values }) : send(`${url}?${values}`, {}));
    const isStillThere = form.isConnected && form.dataset.presence === url;
    if (response.status === 200 && isStillThere) show(await response.text(), response.headers.get("X-Shown"));
  } catch {
    // The next time.
  } finally {
    isAsking = false;
  }
}

function show(html, digest) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const here = document.getElementById("here");
  if (here) {
    here.replaceChildren(...answer.querySelector("[data-here]").children);
    htmx.process(here);
    const words = answer.querySelector("[data-here-words]").textContent.trim();
    const region = document.getElementById("here-words");
    if (region.textContent !== words) region.textContent = words; // announced only where it says something else
  }
  for (const cell of cells()) {
    cell.replaceChildren(...(answer.querySelector(`[data-order="${cell.id.slice(PREFIX.length)}"]`)?.children ?? []));
  }
  shown = digest;
}

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.request.method === "POST" && ctx.response.status < 300) typedIn = null;
  const form = document.querySelector("[data-presence]");
  const isAnother = form && form.dataset.presence !== asked;
  if (isAnother) document.getElementById("here")?.replaceChildren();
  if (isAnother || !document.getElementById("here")) shown = ""; // a list may have rows that it did not have
  // Another page, or another version of the order, of which what is shown may be wrong.
  if (isAnother || document.querySelector("#here:not(:empty)")) ask();
});
document.addEventListener("visibilitychange", ask);
setInterval(ask, PERIOD);
document.addEventListener("DOMContentLoaded", ask); // once frame.js is there, too
