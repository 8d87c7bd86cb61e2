// What HTML and htmx leave to us. Every action works without this file, and no page has script of its own.
"use strict";

const TOAST_MILLISECONDS = 7000;

document.documentElement.classList.add("with-js");

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) {
    const search = document.querySelector("#search, #add-q");
    if (search) { event.preventDefault(); search.focus(); search.select?.(); }
  }
  if (event.key === "Escape") cancel(event.target);
});

// A row of the list opens its order, unless the click was meant for a link in it or selects text.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-opens]");
  if (row && !event.target.closest("a, button, input") && !String(getSelection())) row.querySelector("a").click();
  if (event.target.closest("[data-prints]")) print();
  if (!event.target.closest("[data-finder]")) closeFinder();
  closeMenus(event.target);
  const found = event.detail && event.target.closest("[data-finder] label:has([type=radio])");
  if (found) pick(found);
});

// The second click of a double click is not a second change: by then another button may have come under the mouse.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("button")) event.preventDefault();
}, true);

// What was found belongs to what was typed before, so until the next answer none of it is picked.
document.addEventListener("input", (event) => {
  if (event.target.type !== "search") return;
  for (const radio of event.target.closest("[data-finder]")?.querySelectorAll("[type=radio]") ?? []) radio.checked = false;
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-finder] [type=radio]")) showPicked(event.target.closest("label"));
  event.target.closest("form[data-sends-on-change]")?.requestSubmit();
});

// A form that was opened in its row is gone after the swap, so where it was opened from is noted before.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  ctx.returnsTo = ctx.sourceElement.closest("[data-returns-to]")?.dataset.returnsTo;
});

// A menu stays open while what is set in it is carried out; its links, and forms that were sent, close it.
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const isSearch = ctx.request.method === "GET" && ctx.sourceElement instanceof HTMLFormElement;
  ctx.openMenu = isSearch ? document.querySelector(".menu[open]")?.id : null;
});

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  const menu = ctx.openMenu && document.getElementById(ctx.openMenu);
  if (menu) menu.open = true;
  const form = ctx.sourceElement;
  const sent = ctx.request.method === "POST";
  if (sent && ctx.response.status < 300) {
    if (form instanceof HTMLFormElement && form.isConnected) form.reset();
    document.getElementById("found")?.replaceChildren();
  }
  if (form.matches("[data-finder] [type=search]")) document.getElementById("found").hidden = false;
  if (sent || ctx.returnsTo) giveFocus(ctx);
  fadeToasts();
});

// The request never reached the order desk: nothing was swapped, and what was typed still stands.
document.addEventListener("htmx:error", ({ detail: { ctx } }) => { if (ctx && !ctx.response) noContact(); });
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status >= 500 && !ctx.hx?.reswap) noContact();
});

function isTyping(element) {
  return element.matches("input, textarea, select, [contenteditable]");
}

function cancel(element) {
  if (element.closest("[data-finder]")) {
    closeFinder();
    document.querySelector("[data-finder] [type=search]").focus();
  }
  if (element.closest(".menu")) {
    element.closest(".menu").querySelector("summary").focus();
    closeMenus(null);
  }
  const scope = element.closest("form, tr");
  scope?.querySelector("[data-cancels]")?.click();
}

// All but the one that an element is in.
function closeMenus(element) {
  for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(element)) menu.open = false;
}

// The product picked in it is still sent along.
function closeFinder() {
  const found = document.querySelector("[data-finder] #found");
  if (found) found.hidden = true;
}

// A product picked with the mouse: how many of it comes next.
function pick(label) {
  label.control.checked = true;
  showPicked(label);
  closeFinder();
  document.getElementById("add-quantity").select();
}

function showPicked(label) {
  const name = label.querySelector(".name").textContent.trim().replace(/\s+/g, " ");
  label.closest("[data-finder]").querySelector("[type=search]").value = name;
}

// After a change, focus goes to what was refused, or back to where the form was opened from.
function giveFocus(ctx) {
  const refused = ctx.response.status >= 400;
  const invalid = refused && document.querySelector("[aria-invalid=true]");
  if (invalid) return invalid.focus();
  if (refused) return document.querySelector("[data-takes-focus]")?.focus();
  if (document.activeElement && document.activeElement !== document.body) return;
  (document.getElementById(ctx.returnsTo) ?? document.getElementById("main")).focus({ preventScroll: true });
}

function noContact() {
  document.getElementById("toasts").replaceChildren(document.getElementById("no-contact").content.cloneNode(true));
  fadeToasts();
}

function fadeToasts() {
  for (const toast of document.querySelectorAll(".toast-line:not([data-fading])")) {
    toast.dataset.fading = "";
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) return setTimeout(leave, 1000);
      toast.classList.add("leaving");
      setTimeout(() => toast.remove(), 400);
    };
    setTimeout(leave, TOAST_MILLISECONDS);
  }
}

fadeToasts();
