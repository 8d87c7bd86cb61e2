// JavaScript of the shop admin. Without it, links and forms do the same.
"use strict";

const container = document.getElementById("desk");
const list = document.getElementById("orders");
const desk = container && openDesk();
let isReady = false;

function openDesk() {
  if (typeof WebshopOrders === "undefined") {
    document.getElementById("desk-unavailable").hidden = false;
    return null;
  }
  return WebshopOrders.embed("#desk", {
    token: fetchToken,
    title: container.dataset.title,
    follow: true,
    onReady: () => { isReady = true; },
    onOrder: ({ order }) => markOpen(order),
    onChange: ({ order }) => refreshRow(order),
  });
}

async function fetchToken() {
  const answer = await fetch(`/desk-token?${new URLSearchParams({ order: container.dataset.order })}`, { method: "POST" });
  if (!answer.ok) throw new Error(`no token: ${answer.status}`);
  return answer.text();
}

function accentOf(theme) {
  return JSON.parse(container.dataset.accents)[theme];
}

function rowOf(order) {
  return document.getElementById(`order-${order}`);
}

function markOpen(order) {
  for (const link of list.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
  const link = order && rowOf(order)?.querySelector("a");
  link?.setAttribute("aria-current", "true");
}

// The frame's message says only which order changed; its new state comes from our own server.
async function refreshRow(order) {
  const answer = await fetch(`/orders/${encodeURIComponent(order)}/row`);
  if (!answer.ok) return;
  const row = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("li");
  const previous = rowOf(order);
  row.classList.add("changed");
  if (previous?.querySelector("a[aria-current]")) row.querySelector("a").setAttribute("aria-current", "true");
  if (previous) previous.replaceWith(row);
  else list.prepend(row);
}

// Until the desk is ready, a link loads the page with its order.
list?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-order]");
  if (!isReady || !link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  desk.open(link.dataset.order);
});

// A theme is changed while the desk stays open; another language or user reloads the page.
document.addEventListener("submit", async (event) => {
  const { preference } = event.target.dataset;
  if (!preference) return;
  event.preventDefault();
  const values = new FormData(event.target, event.submitter);
  await fetch(event.target.action, { method: "POST", body: values, redirect: "manual" });
  if (preference === "theme") changeTheme(values.get("theme"), event.target);
  else location.reload();
});

function changeTheme(theme, form) {
  document.documentElement.dataset.theme = theme;
  for (const button of form.elements) button.setAttribute("aria-pressed", String(button.value === theme));
  desk?.appearance({ theme, accent: accentOf(theme) });
}
