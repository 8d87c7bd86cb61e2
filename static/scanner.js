// A scanner types what it reads, much faster than people do, and ends with Enter. Where no text field has the focus, that
// opens the order of the scanned slip or label; in a field it stays what was typed there.
// A module, so that its names stay its own.

const MAX_MEAN_GAP = 40; // milliseconds between two keys; scanners take 1 to 35, and people hardly less than 60
const MAX_GAP = 250; // now and then one over the air takes longer
const MIN_LENGTH = 4;
const SHORTCUTS = /^[jk/?]*$/; // which may be pressed as fast, and of which no code consists
const GROUP_SEPARATOR = "\x1d"; // FNC1 within a code of GS1, which scanners type as Ctrl+]

const palette = () => document.getElementById("palette-form"); // whoever is signed in has it
let scanned = "";
let firstKeyAt = 0;
let lastKeyAt = 0;

function isTextField(element) {
  return element.matches?.("input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]");
}

function characterOf(event) {
  if (event.ctrlKey && event.key === "]") return GROUP_SEPARATOR;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  return isPlain && event.key.length === 1 ? event.key : "";
}

function isFast(event) {
  return event.timeStamp - firstKeyAt <= MAX_MEAN_GAP * scanned.length;
}

// On the page where one packs, a scan is one of what is packed, wherever the focus is.
function find(code) {
  const form = document.getElementById("scan-form");
  if (form) return void form.dispatchEvent(new CustomEvent("scan", { detail: code, bubbles: true }));
  const url = new URL("find", palette().action); // beside the palette's own address
  url.searchParams.set("code", code);
  htmx.ajax("GET", url.pathname + url.search, { target: "#main", swap: "innerHTML" });
}

// Before all others, for which the keys of a scan are no shortcuts, and its Enter presses no button.
addEventListener("keydown", (event) => {
  if (!palette() || isTextField(event.target)) return void (scanned = "");
  if (event.timeStamp - lastKeyAt > MAX_GAP) scanned = "";
  if (!scanned) firstKeyAt = event.timeStamp;
  const character = characterOf(event);
  if (!character && event.key !== "Enter") return; // Shift, and whatever else is held down for a character
  lastKeyAt = event.timeStamp;
  const isLong = scanned.length >= (character ? MIN_LENGTH - 1 : MIN_LENGTH);
  const isScan = isLong && isFast(event) && !SHORTCUTS.test(scanned);
  if (isScan) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
  if (character) return void (scanned += character);
  if (isScan) find(scanned);
  scanned = "";
}, true);
