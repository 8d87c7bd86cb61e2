// While a request is under way, the control that started it is busy, and a bar moves at the top of the page.
// A module, so that its names stay its own.

const BAR_DELAY = 150; // milliseconds; most answers are faster, and a bar that flashes would only distract
const WORDS_DELAY = 1000;
const DOWNLOAD_MILLISECONDS = 4000; // a file that the browser saves replaces no page, so nothing says when it has come
const DOWNLOAD = /\.(csv|xlsx)$/;
const pending = new Map(); // the busy elements of each request, by its htmx context or the event that began it
let timers = [];

function begin(key, elements) {
  const busy = [...new Set(elements)].filter((element) => element instanceof Element);
  for (const element of busy) element.setAttribute("aria-busy", "true");
  if (!pending.size) timers = [setTimeout(showBar, BAR_DELAY), setTimeout(showWords, WORDS_DELAY), setInterval(settle, 100)];
  pending.set(key, busy);
}

function end(key) {
  const busy = pending.get(key);
  if (!busy) return;
  pending.delete(key);
  const stillBusy = new Set([...pending.values()].flat());
  for (const element of busy) if (!stillBusy.has(element)) element.removeAttribute("aria-busy");
  if (pending.size) return;
  for (const timer of timers) clearTimeout(timer);
  document.getElementById("waiting-bar").hidden = true;
  document.getElementById("waiting-words").textContent = "";
}

// An element that a swap removes gets no further events, so requests that are over are also looked for.
function settle() {
  for (const [key] of pending) if (key.request && key.status !== "issuing") end(key);
}

function showBar() {
  document.getElementById("waiting-bar").hidden = false;
}

function showWords() {
  const words = document.getElementById("waiting-words");
  words.textContent = words.dataset.words;
}

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { sourceElement, sourceEvent, request } = ctx;
  if (sourceElement.matches("[data-polls]")) return; // nobody waits for what is asked again and again
  const control = request.submitter ?? (sourceElement.matches("form") && sourceEvent?.target?.closest?.("input, select")) ?? null;
  begin(ctx, [control || sourceElement]);
});
// A response that loads another page keeps the bar until that page is there.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => { if (!ctx.keepIndicators) end(ctx); });
document.addEventListener("htmx:after:swap", settle);

// Links and forms that the browser follows itself.
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const url = new URL(link.href, location.href);
  const leavesPage = url.origin === location.origin && url.href.split("#")[0] !== location.href.split("#")[0];
  if (!leavesPage || (link.target && link.target !== "_self")) return;
  begin(event, [link]);
  if (DOWNLOAD.test(url.pathname)) setTimeout(end, DOWNLOAD_MILLISECONDS, event);
});
addEventListener("submit", (event) => {
  if (!event.defaultPrevented && !event.target.target && event.target.method !== "dialog") begin(event, [event.submitter ?? event.target]);
});
// A page that Back brings from the browser's memory is as it was left.
addEventListener("pageshow", (event) => { if (event.persisted) for (const [key] of pending) end(key); });
