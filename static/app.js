// The behaviour that HTML and htmx do not provide. Every action works without this file, and pages have no other script.
"use strict";

const TOAST_MILLISECONDS = 7000;
const TOAST_WITH_ACTIONS_MILLISECONDS = 20000; // time to read it, decide and get there

document.documentElement.classList.add("with-js");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") cancel(event.target);
});

// A click on a row of the list opens its order, unless it hits a link or selects text.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-opens]");
  if (row && !event.target.closest("a, button, input, label") && !String(getSelection())) row.querySelector("a").click();
  if (event.target.closest("[data-prints]")) printPage();
  closeMenus(event.target);
});

// Ignore the second click of a double click: after the first one, another button may be under the mouse.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
}, true);

// What was typed while the scripts were still loading or starting is searched for, previewed or reckoned once they have.
document.addEventListener("htmx:after:process", (event) => {
  const field = document.activeElement;
  if (event.target !== document.body || !field.matches("input, textarea") || field.value === field.defaultValue) return;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// A field of one line would run the codes of several lines together.
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text") ?? "";
  if (!event.target.matches?.("[data-takes-lines]") || !/[\r\n\t]/.test(text.trim())) return;
  event.preventDefault();
  const { selectionStart, selectionEnd } = event.target;
  event.target.setRangeText(text.trim().split(/[\r\n\t]+/).join(", "), selectionStart, selectionEnd, "end");
});

// The quantity of a row that is opened is there to be typed over.
document.addEventListener("focusin", ({ target }) => { if (target.matches(".quantity")) target.select(); });

// A form that was opened in a row is gone after the swap, so the element that opened it is stored before.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  ctx.returnsTo = ctx.sourceElement.closest("[data-returns-to]")?.dataset.returnsTo;
  ctx.goesTo = ctx.sourceElement.closest("[data-goes-to-after]")?.dataset.goesToAfter;
  ctx.goesOn = ctx.sourceElement.matches("a[data-goes-to-after]");
  ctx.prints = ctx.sourceElement.matches("[data-prints-after]");
});

// A receipt never becomes lower while one types, so that nothing below it jumps, until its form is drawn anew. A style
// attribute would do the same, but where the page is copied, the policy refuses it.
const reservedHeight = new CSSStyleSheet();
document.adoptedStyleSheets.push(reservedHeight);
document.addEventListener("htmx:before:swap", ({ detail: { ctx: { sourceElement, target } } }) => {
  if (sourceElement.matches("[data-receipt]")) {
    reservedHeight.replaceSync(`#${sourceElement.id} { min-height: ${sourceElement.offsetHeight}px; }`);
  } else if (target.querySelector("[data-receipt]")) reservedHeight.replaceSync("");
});

// A menu stays open while its fields filter the list or its views are pinned; its links and other forms close it.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const isSearch = ctx.request.method === "GET" && ctx.sourceElement instanceof HTMLFormElement;
  ctx.openMenu = isSearch || ctx.sourceElement.closest("[data-keeps-menu]") ? document.querySelector(".menu[open]")?.id : null;
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const menu = ctx.openMenu && document.getElementById(ctx.openMenu);
  if (menu) menu.open = true;
  if (ctx.sourceElement.matches("[data-receipt]")) return; // it follows what is typed, and changes nothing
  const form = ctx.sourceElement.closest(".ship-row") ?? ctx.sourceElement; // of which a button can have its own address
  const isPost = ctx.request.method === "POST";
  // The field of scans is emptied when one is sent, and may have the next one by now.
  const isDone = isPost && ctx.response.status < 300 && !ctx.scanned;
  if (isDone && form instanceof HTMLFormElement && form.isConnected) form.reset();
  if (isPost || ctx.goesOn || ctx.returnsTo || ctx.response.status >= 400) setFocus(ctx);
  if (ctx.prints && ctx.response.status < 300) printPage();
  fadeToasts();
});

// What is asked again and again is not asked for a page that nobody sees.
document.addEventListener("htmx:before:request", (event) => {
  if (document.hidden && event.detail.ctx.sourceElement.matches("[data-polls]")) event.preventDefault();
});

// The request did not reach the order desk: nothing was swapped, and typed text is still in its fields.
document.addEventListener("htmx:error", ({ detail: { ctx } }) => { if (ctx && !ctx.response) showNoContact(); });
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status >= 500 && !ctx.hx?.reswap) showNoContact();
});

function cancel(element) {
  if (element.closest(".menu")) {
    element.closest(".menu").querySelector("summary").focus();
    closeMenus(null);
  }
  const scope = element.closest("form, tr:has([data-cancels])");
  scope?.querySelector("[data-cancels]")?.click();
}

// Where the page around a frame does not let it open dialogs, print() does nothing and says nothing.
function printPage() {
  let hasBegun = false;
  addEventListener("beforeprint", () => { hasBegun = true; }, { once: true });
  print();
  if (!hasBegun) document.getElementById("print-elsewhere")?.focus();
}

// Closes all menus but the one that contains an element.
function closeMenus(element) {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(element)) menu.open = false;
}

// After a change, the focus goes to the invalid field, or back to the element that opened the form.
function setFocus(ctx) {
  const isRejected = ctx.response.status >= 400;
  const invalid = isRejected && document.querySelector("[aria-invalid=true]");
  if (invalid) return invalid.focus();
  if (isRejected) return document.querySelector("[data-takes-focus]")?.focus();
  if (ctx.goesTo) return document.getElementById(ctx.goesTo)?.focus();
  if (document.activeElement && document.activeElement !== document.body) return;
  const isNextOffered = ctx.request.method === "POST" && document.querySelector("#toasts [data-action=next-order]");
  if (isNextOffered) return document.getElementById("next-order").focus({ preventScroll: true }); // Enter goes on to it
  (document.getElementById(ctx.returnsTo) ?? document.getElementById("main")).focus({ preventScroll: true });
}

function showNoContact() {
  document.getElementById("toasts").replaceChildren(document.getElementById("no-contact").content.cloneNode(true));
  fadeToasts();
}

function fadeToasts() {
  for (const toast of document.querySelectorAll(".toast-line:not([data-fading])")) {
    toast.dataset.fading = "";
    const fade = () => {
      if (toast.matches(":hover, :focus-within")) return setTimeout(fade, 1000);
      toast.classList.add("leaving");
      setTimeout(() => toast.remove(), 400);
    };
    setTimeout(fade, toast.querySelector("a, button") ? TOAST_WITH_ACTIONS_MILLISECONDS : TOAST_MILLISECONDS);
  }
}

fadeToasts();
