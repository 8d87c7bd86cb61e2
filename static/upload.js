// The form for a file of tracking codes: a file may be dropped on it, and one that is too large is told before it is sent.
// A module, so that its names stay its own.

const form = (element) => element.closest?.("#upload-form");
const zone = (element) => element.closest?.("[data-drop-zone]");

function check(input) {
  const isTooLarge = input.files[0]?.size > input.form.dataset.maxBytes - 4096; // which the other fields need
  const reason = document.getElementById("upload-too-large");
  reason.hidden = !isTooLarge;
  input.toggleAttribute("aria-invalid", isTooLarge);
  input.setAttribute("aria-describedby", isTooLarge ? "upload-too-large" : "upload-hint");
  return !isTooLarge;
}

addEventListener("change", ({ target }) => {
  if (target.type === "file" && form(target)) check(target);
});

// Before htmx and the browser, for whom it is no longer sent.
addEventListener("submit", (event) => {
  const input = form(event.target)?.querySelector("[type=file]");
  if (!input || check(input)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  input.focus();
}, true);

addEventListener("dragover", (event) => {
  const over = zone(event.target);
  if (!over || !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  over.dataset.over = "";
});

addEventListener("dragleave", (event) => {
  const over = zone(event.target);
  if (over && !over.contains(event.relatedTarget)) delete over.dataset.over;
});

addEventListener("drop", (event) => {
  const over = zone(event.target);
  if (!over || !event.dataTransfer.files.length) return;
  event.preventDefault();
  delete over.dataset.over;
  const input = over.querySelector("[type=file]");
  const chosen = new DataTransfer();
  chosen.items.add(event.dataTransfer.files[0]);
  input.files = chosen.files;
  check(input);
  input.focus();
});
