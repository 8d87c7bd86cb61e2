// Keys: / for the search, j and k for the next and the previous order, x to select a row, ? for the list
// of them. Whoever dictates or types with difficulty can switch them off (WCAG 2.2, 2.1.4). Ctrl+Z takes a change back,
// and Ctrl+Shift+Z carries it out again. A module, so that its names stay its own.

const STORED = "shortcuts";

// Storage may be missing in a frame: then the choice holds for the page.
let areOn = (() => {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return true;
  }
})();

const dialog = () => document.getElementById("shortcuts");

function isTyping(element) {
  return element.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");
}

function goToSearch() {
  const search = document.querySelector("#search, #add-q");
  search?.focus();
  search?.select();
  return Boolean(search);
}

// Among orders to the neighbour; in the list to the link of the row.
function go(step) {
  const link = document.getElementById(step > 0 ? "next-order" : "previous-order");
  if (link) return Boolean(link.click()) || true;
  const links = [...document.querySelectorAll("[data-opens] td:first-child a")];
  const current = links.indexOf(document.activeElement.closest("[data-opens]")?.querySelector("a"));
  const next = links[current < 0 ? (step > 0 ? 0 : links.length - 1) : current + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return links.length > 0;
}

// Selects the row of the list that j and k have come to, or no longer.
function selectRow() {
  const box = document.activeElement.closest("[data-opens]")?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

// The list is read when it is asked for the first time.
function openDialog() {
  if (!dialog()) return false;
  if (dialog().childElementCount) showDialog();
  else htmx.ajax("GET", dialog().dataset.list, { target: dialog(), swap: "innerHTML" });
  return true;
}

function showDialog() {
  dialog().querySelector("input").checked = areOn;
  dialog().showModal();
}

// With Ctrl, or Cmd on a Mac, where no field takes them: there they undo what was typed.
function undoOrRedo(event) {
  const isRedo = event.shiftKey ? "z" : "y";
  const button = { [isRedo]: "redo", ...(!event.shiftKey && { z: "undo" }) }[event.key.toLowerCase()];
  if (!button || event.altKey || event.repeat || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const found = document.getElementById(button);
  if (found) event.preventDefault();
  found?.click();
}

const keys = { "/": goToSearch, j: () => go(1), k: () => go(-1), x: selectRow, "?": openDialog };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey) return undoOrRedo(event);
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;
  const isElsewhere = isTyping(event.target) || document.querySelector("dialog[open]");
  if (!isPlain || isElsewhere || !Object.hasOwn(keys, event.key)) return;
  if (areOn && keys[event.key]()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shows-shortcuts]")) openDialog();
  if (event.target.closest("[data-closes]") || event.target === dialog()) dialog().close();
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => { if (ctx.target === dialog()) showDialog(); });

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-switches-shortcuts]")) return;
  areOn = event.target.checked;
  try {
    localStorage.setItem(STORED, areOn ? "on" : "off");
  } catch {
    // Not kept for the next page.
  }
});
