// The palette: Ctrl+K opens one field that finds orders, products and pages, and what can be done to the order of this
// page. A combobox as in the ARIA Authoring Practices (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/).
// A module, so that its names stay its own.

const dialog = () => document.getElementById("palette");
const field = () => document.getElementById("palette-q");
const found = () => document.getElementById("palette-found");
const options = () => [...found().querySelectorAll("[role=option]")];
const active = () => options().find((option) => option.getAttribute("aria-selected") === "true");
let goesTo = location.hash.slice(1); // the id of the element that is to have the focus when its page is there

function open() {
  if (!dialog() || dialog().open) return;
  const { form } = field();
  form.elements.order.value = document.getElementById("order")?.dataset.number ?? "";
  form.elements.tab.value = document.querySelector(".tabs [aria-current]")?.id.replace("tab-", "") ?? "";
  field().value = "";
  found().replaceChildren();
  activate(null);
  dialog().showModal();
  field().focus();
  form.dispatchEvent(new Event("palette:open"));
}

// The active option is the one that Enter takes.
function activate(option) {
  const hasOptions = options().length > 0;
  field().setAttribute("aria-expanded", String(hasOptions));
  field().setAttribute("aria-controls", hasOptions ? "palette-list" : "palette-found");
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) field().setAttribute("aria-activedescendant", option.id);
  else field().removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = options();
  if (!all.length) return;
  const index = all.indexOf(active());
  activate(all.at(index < 0 && step < 0 ? -1 : (index + step) % all.length));
}

// What is shown is of other words than those in the field while a search is under way.
function isUpToDate() {
  return found().querySelector("[data-words]")?.dataset.words === field().value.trim();
}

const keys = {
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  Enter() {
    const option = isUpToDate() && active();
    if (!option) return false; // the form is sent: the server opens the order that has just this number or code
    option.click();
  },
};

document.addEventListener("keydown", (event) => {
  const isControl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (isControl && event.key.toLowerCase() === "k" && dialog()) {
    event.preventDefault();
    return dialog().open ? dialog().close() : open();
  }
  if (event.target !== field() || event.isComposing || isControl || !Object.hasOwn(keys, event.key)) return;
  if (keys[event.key]() !== false) event.preventDefault();
});

// Opened while htmx had not begun yet, it asks once htmx has.
document.addEventListener("htmx:after:process", ({ target }) => {
  if (target === document.body && dialog()?.open) field().form.dispatchEvent(new Event("palette:open"));
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens-palette]")) return open();
  if (event.target === dialog() || event.target.closest("[data-closes-palette]")) return dialog().close();
  const option = event.target.closest("#palette [role=option]");
  if (!option) return;
  dialog().close();
  if (option.hash) follow(event, option);
});

// A click keeps the focus in the field, as it is where the keys go.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest("#palette [role=option]")) event.preventDefault();
});

// Goes to an element of this page, or of another one, which a link alone does not load again for the page's own address.
function follow(event, { hash, pathname }) {
  goesTo = hash.slice(1);
  if (pathname !== location.pathname || event.defaultPrevented) return;
  if (focusOn(goesTo)) return event.preventDefault();
  location.hash = hash;
  location.reload();
}

function focusOn(id) {
  const target = document.getElementById(id);
  if (!target) return false;
  if (target.matches("details")) target.open = true;
  const control = target.matches("details") ? target.querySelector("summary") : target;
  control.scrollIntoView({ block: "center" });
  control.focus();
  goesTo = "";
  return true;
}

// An answer to words that are no longer there is dropped.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement: form, request } = event.detail.ctx;
  if (form.id !== "palette-form") return;
  const words = new URL(request.action, location.href).searchParams.get("q") ?? "";
  if (words.trim() !== field().value.trim()) event.preventDefault();
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id !== "palette-form") {
    if (ctx.target.id === "main") dialog()?.close(); // the order was opened in a frame, whose page stays
    if (goesTo) focusOn(goesTo);
    return;
  }
  activate(field().value.trim() ? options()[0] : null);
  document.getElementById("palette-status").textContent = found().querySelector("[data-announces]")?.textContent.trim() ?? "";
});

// Where the keys are those of a Mac, they are named so.
function nameKeys() {
  if (!navigator.platform.startsWith("Mac")) return;
  for (const key of document.querySelectorAll("kbd")) key.textContent = key.textContent.replace("Ctrl+", "⌘");
}

nameKeys();
document.addEventListener("htmx:after:swap", nameKeys);
if (goesTo) focusOn(goesTo);
