// Which orders of the list are selected: the checkboxes of its rows, and those of other pages and searches, which this
// remembers for as long as the tab is open. Without it, the form has the checkboxes of the page alone.
// A module, so that its names stay its own.

const STORED = "selection";
let selected = read();
let anchor = null; // the number that Shift selects a range from
let listed = ""; // the query of the list that "all that match" was ticked for

// Storage may be missing in a frame: then the selection lasts as long as the page.
function read() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(STORED)) ?? []);
  } catch {
    return new Set();
  }
}

function keep() {
  try {
    sessionStorage.setItem(STORED, JSON.stringify([...selected]));
  } catch {
    // Not kept for the next page.
  }
}

const bar = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll("input[name=order][form=selection]")];
const all = () => document.getElementById("selects-all");

function select(chosen, isSelected) {
  for (const box of chosen) {
    if (isSelected) selected.add(box.value);
    else selected.delete(box.value);
  }
  keep();
  show();
}

function clear() {
  selected = new Set();
  anchor = null;
  if (all()) all().checked = false;
  keep();
  show();
}

// The form also sends the orders of other pages, one on each line, since a number may have any other character in it.
function show() {
  document.documentElement.classList.toggle("has-selection", Boolean(bar()) && (selected.size > 0 || all().checked));
  if (!bar()) return;
  const here = boxes();
  for (const box of here) box.checked = all().checked || selected.has(box.value);
  const onPage = new Set(here.map(({ value }) => value));
  const elsewhere = [...selected].filter((number) => !onPage.has(number));
  const others = bar().querySelector("[data-others]");
  others.value = elsewhere.join("\n");
  others.disabled = !elsewhere.length;
  for (const box of document.querySelectorAll("[data-selects-page]")) {
    box.checked = here.length > 0 && here.every(({ checked }) => checked);
    box.indeterminate = !box.checked && here.some(({ checked }) => checked);
    box.disabled = all().checked || !here.length;
  }
  const words = sentence(selected.size, elsewhere.length);
  const count = document.getElementById("selection-count");
  if (count.textContent !== words) count.textContent = words; // announced only where it says something else
}

function sentence(count, others) {
  const { one, many, elsewhere, all: everything } = bar().dataset;
  if (all().checked) return everything;
  if (others) return elsewhere.replace("##", others).replace("#", count);
  return count === 1 ? one : many.replace("#", count);
}

// From the row that was clicked last to this one.
function range(box) {
  const here = boxes();
  const from = here.findIndex(({ value }) => value === anchor);
  const to = here.indexOf(box);
  return from < 0 ? [box] : here.slice(Math.min(from, to), Math.max(from, to) + 1);
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches?.("input[name=order][form=selection]")) {
    if (all().checked) untickAll();
    select(event.shiftKey ? range(target) : [target], target.checked);
    anchor = target.value;
  }
  if (target.closest?.("[data-clears-selection]")) {
    clear();
    document.querySelector("[data-opens] input")?.focus({ preventScroll: true });
  }
  if (target.closest?.("[data-exports]")) exportSelected(event);
});

// Of all, the rows of the page stay selected, so that one of them can be left out.
function untickAll() {
  all().checked = false;
  for (const box of boxes()) if (box.checked) selected.add(box.value);
}

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-selects-page]")) select(boxes(), target.checked);
  if (target === all()) show();
});

// As a form of the browser, which saves the answer as a file.
function exportSelected(event) {
  const form = bar();
  event.preventDefault();
  form.action = event.target.closest("button").getAttribute("formaction");
  form.submit();
  form.action = form.getAttribute("hx-post");
  document.getElementById("more-actions").open = false;
}

// Those that a batch was made of are selected no longer: the batch has them.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement === bar() && bar() && ctx.response.status < 300) clear();
});

// The bar stays where the list is swapped: its form is about the list that the page has come to.
function follow() {
  if (!bar()) return show();
  if (matchingQuery() !== listed) all().checked = false; // what matches is something else
  listed = matchingQuery();
  const url = withQuery(bar().getAttribute("action"));
  for (const name of ["action", "hx-post"]) bar().setAttribute(name, url);
  const exporting = bar().querySelector("[data-exports]");
  exporting?.setAttribute("formaction", withQuery(exporting.getAttribute("formaction")));
  const { matching } = document.getElementById("orders").dataset;
  document.getElementById("matching-count").textContent = matching ? `(${matching})` : "";
  show();
}

// The list's query, of whichever of its pages.
function matchingQuery() {
  const query = new URLSearchParams(location.search);
  for (const name of ["after", "before"]) query.delete(name);
  return String(query);
}

// An address with the list's query, and whatever it says of the frame that it is in.
function withQuery(address) {
  const url = new URL(address, location.href);
  const within = url.searchParams.get("within");
  url.search = location.search;
  if (within) url.searchParams.set("within", within);
  return url.pathname + url.search;
}

document.addEventListener("htmx:after:swap", follow);
// The address of a search is replaced after its result is there.
document.addEventListener("htmx:after:history:update", follow);
addEventListener("pageshow", show);

listed = matchingQuery();
// Ticked before this module was there: by the server, where the form was refused, or by a quick hand.
const ticked = boxes().filter(({ checked }) => checked);
if (ticked.length) select(ticked, true);
else show();
