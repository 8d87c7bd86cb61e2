// How many orders each pinned view has: asked after the page, so that the list never waits for it, and again when one
// comes back to it. Not by htmx, since nothing that follows a click of the user follows this.
// A module, so that its names stay its own.

const PERIOD = 30000; // milliseconds
const send = (url) => (window.fetchInSession ?? fetch)(url, {}); // in a frame, with its session
let askedAt = -PERIOD;

const places = () => [...document.querySelectorAll("[data-counts] [data-view]")];

async function ask() {
  const url = document.querySelector("[data-counts]")?.dataset.counts;
  if (!url || document.hidden) return;
  askedAt = performance.now();
  try {
    const response = await send(url);
    if (response.status === 200) show(await response.json());
  } catch {
    // The next time.
  }
}

function show(counts) {
  for (const place of places()) place.textContent = counts[place.dataset.view] ?? "";
}

function askIfOld() {
  if (performance.now() - askedAt > PERIOD) ask();
}

// A view was pinned, or the list is shown anew.
document.addEventListener("htmx:after:swap", () => {
  if (places().some((place) => !place.textContent)) ask();
  else askIfOld();
});
document.addEventListener("visibilitychange", askIfOld);
ask();
