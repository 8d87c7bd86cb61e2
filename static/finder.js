// The product finder: an editable combobox with a list of products, as in the ARIA Authoring Practices
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Without this file it is a field, and the server asks which.
// A module, so that its names stay its own.

const COMBOBOX = "[data-finder] [role=combobox]";

const popup = () => document.getElementById("found");
const options = () => [...popup().querySelectorAll("[role=option]")];
const active = () => options().find((option) => option.getAttribute("aria-selected") === "true");
const isOpen = (input) => input.getAttribute("aria-expanded") === "true";

function open(input) {
  popup().hidden = false;
  const hasOptions = options().length > 0;
  input.setAttribute("aria-expanded", String(hasOptions));
  if (hasOptions) input.setAttribute("aria-controls", "found-list");
}

function close(input) {
  activate(input, null);
  popup().hidden = true;
  input.setAttribute("aria-expanded", "false");
}

// The active option is the one that Enter takes. None is active until the user moves to it.
function activate(input, option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

function move(input, step) {
  const all = options();
  if (!all.length) return;
  const index = isOpen(input) ? all.indexOf(active()) : -1;
  open(input);
  activate(input, all.at(index < 0 && step < 0 ? -1 : (index + step) % all.length));
}

function choose(input, option) {
  const chosen = input.form.querySelector("input[type=hidden][name=product]") ?? document.createElement("input");
  Object.assign(chosen, { type: "hidden", name: "product", value: option.dataset.product });
  input.closest("[data-finder]").append(chosen);
  input.value = option.dataset.words;
  input.dispatchEvent(new CustomEvent("draft:change", { bubbles: true }));
  close(input);
  announce("");
}

function chooseAndGoOn(input, option) {
  choose(input, option);
  input.form.elements.quantity.select();
}

function announce(words) {
  document.getElementById("found-status").textContent = words;
}

const keys = {
  ArrowDown(event, input) {
    event.preventDefault();
    move(input, 1);
  },
  ArrowUp(event, input) {
    event.preventDefault();
    if (event.altKey) close(input);
    else move(input, -1);
  },
  Enter(event, input) {
    const option = isOpen(input) && active();
    if (!option) return; // the form is sent, and the server adds only what the words alone mean
    event.preventDefault();
    chooseAndGoOn(input, option);
  },
  Tab(event, input) {
    const option = isOpen(input) && active();
    if (option) choose(input, option);
  },
  Escape(event, input) {
    event.preventDefault();
    if (isOpen(input)) return close(input);
    input.value = "";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    close(input);
  },
};

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.(COMBOBOX) && !event.isComposing && Object.hasOwn(keys, event.key)) keys[event.key](event, event.target);
});

// Other words: what was chosen for the former ones is chosen no longer.
document.addEventListener("input", ({ target: input }) => {
  if (!input.matches?.(COMBOBOX)) return;
  input.form.querySelector("input[type=hidden][name=product]")?.remove();
  activate(input, null);
  if (!input.value.trim()) close(input);
});

// A click keeps the focus in the field, as it is where the keys go.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-finder] [role=option]")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const input = document.querySelector(COMBOBOX);
  if (!input) return;
  const option = event.target.closest("[data-finder] [role=option]");
  if (option) chooseAndGoOn(input, option);
  else if (!event.target.closest("[data-finder]")) close(input);
});

document.addEventListener("focusout", ({ target: input, relatedTarget }) => {
  if (input.matches?.(COMBOBOX) && relatedTarget && !relatedTarget.closest("[data-finder]")) close(input);
});

// An answer to words that are no longer there is dropped.
document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement: input, request } = event.detail.ctx;
  if (!input.matches?.(COMBOBOX)) return;
  const words = new URL(request.action, location.href).searchParams.get("q") ?? "";
  if (words.trim() !== input.value.trim()) event.preventDefault();
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const input = document.querySelector(COMBOBOX);
  if (!input) return;
  if (ctx.sourceElement === input) {
    announce(popup().querySelector("[data-announces]")?.textContent.trim() ?? "");
    if (document.activeElement === input && input.value.trim()) return open(input);
    return close(input);
  }
  if (ctx.request.method !== "POST" || ctx.sourceElement.matches("[data-receipt]")) return;
  if (ctx.response.status < 300) popup().replaceChildren();
  if (input.getAttribute("aria-invalid") && options().length) return open(input);
  close(input);
});
