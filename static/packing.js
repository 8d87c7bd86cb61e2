// Pack mode: scans are sent one after the other, in their sequence, and none is lost however fast they come or how bad
// the connection is. What was said of each is heard, too. A module, so that its names stay its own.

const STORE = `packing scans ${document.documentElement.dataset.user}`; // which nobody else's session sends
const MAX_AGE = 12 * 3600 * 1000; // milliseconds; older packing is forgotten
const MUTED = "packing is silent";
const SHOWN_AFTER = 600; // milliseconds that a scan may be under way before it is shown as waiting
const RETRIES = [1000, 2000, 4000, 8000, 15000]; // milliseconds
const CAMERA_INTERVAL = 200; // milliseconds
const SAME_CODE = 2500; // milliseconds in which the camera's same code is the same scan
// The tones of what was said: frequency in hertz, length in milliseconds, and the shape of the wave.
const TONES = {
  right: [[880, 70, "sine"]],
  wrong: [[200, 260, "square"], [150, 380, "square"]],
  done: [[660, 110, "sine"], [880, 110, "sine"], [1320, 180, "sine"]],
  asks: [[520, 150, "triangle"], [520, 150, "triangle"]],
  note: [[520, 70, "triangle"]],
};

const form = () => document.getElementById("scan-form");
const field = () => document.getElementById("scan");
const region = () => document.getElementById("packing");
let queue = load();
let failures = 0;
let isSending = false;
let timer = null;
let request = null; // htmx's context of the scan that is under way
let sound = null;
let camera = null;

// A frame may be allowed no storage: then scans wait as long as the page is open.
function load() {
  try {
    const scans = JSON.parse(sessionStorage.getItem(STORE)) ?? [];
    return scans.filter(({ at }) => Date.now() - at < MAX_AGE);
  } catch {
    return [];
  }
}

function store(name, value, storage = "sessionStorage") {
  try {
    window[storage].setItem(name, value);
  } catch { /* not kept */ }
}

// Not randomUUID, which browsers have for https alone.
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function take(code) {
  if (!code.trim()) return;
  queue.push({ code, key: newKey(), at: Date.now(), url: region().dataset.scansUrl });
  store(STORE, JSON.stringify(queue));
  setTimeout(show, SHOWN_AFTER + 10);
  send();
}

// To what is packed now; on the page where one begins, to what was packed when it was scanned.
function addressOf(scan) {
  const present = region().dataset.scansUrl;
  return present.endsWith("/scans") ? present : scan.url;
}

// The next scan is sent once the last one was answered, since what it means depends on that.
async function send() {
  if (isSending || !queue.length || !region() || document.getElementById("arrival")) return;
  if (!navigator.onLine) return show();
  clearTimeout(timer);
  isSending = true;
  const [scan] = queue;
  const { code, key } = scan;
  request = null;
  // Its source is an element in the form: the form itself would be reset by the answer, with what was typed meanwhile.
  await htmx.ajax("POST", addressOf(scan), {
    source: document.getElementById("scan-sender"),
    target: "#packing",
    swap: "outerMorph",
    values: { code, request_key: key, ...(region().dataset.batch ? { batch: region().dataset.batch } : {}) },
  }).catch(() => {});
  isSending = false;
  const status = request?.response?.status;
  const wasTaken = status && status < 500 && status !== 401;
  if (wasTaken) {
    queue.shift();
    store(STORE, JSON.stringify(queue));
    failures = 0;
  }
  show();
  if (wasTaken) send();
  else timer = setTimeout(send, RETRIES[Math.min(failures++, RETRIES.length - 1)]);
}

// Scans that wait for contact, so that the packer sees that they are not lost.
function show() {
  const waiting = document.getElementById("scan-queue");
  if (!waiting) return;
  const late = queue.filter(({ at }) => failures || !navigator.onLine || Date.now() - at > SHOWN_AFTER);
  waiting.hidden = !late.length;
  document.getElementById("scan-waiting").replaceChildren(...late.map(({ code }) => {
    const item = document.createElement("li");
    item.textContent = code;
    return item;
  }));
}

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const code = field().value;
  field().value = "";
  take(code);
}, true);

// A scanner that sends FNC1 as Ctrl+] would not get it into a field.
document.addEventListener("keydown", (event) => {
  if (event.target !== field() || !event.ctrlKey || event.key !== "]") return;
  event.preventDefault();
  field().setRangeText("\u241d", field().selectionStart, field().selectionEnd, "end");
});

document.addEventListener("scan", ({ detail }) => take(detail));
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement.id === "scan-sender") request = ctx;
});
addEventListener("online", () => { failures = 0; send(); });
addEventListener("offline", show);

// The field has the focus unless the user is in another one, or on a control that they went to.
function focusField() {
  const active = document.activeElement;
  const isFree = !active || active === document.body || active.id === "main" || (region()?.contains(active) && active.matches("button, [type=checkbox]"));
  if (field() && isFree && !document.querySelector("dialog[open]")) field().focus({ preventScroll: true });
}

// What is typed beside every field is for this one, from its first key on, however slowly a scanner types.
addEventListener("keydown", (event) => {
  const isCharacter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  const isElsewhere = event.target.closest?.("dialog, select, textarea, input:not([type=checkbox])");
  if (isCharacter && !isElsewhere) field()?.focus({ preventScroll: true });
}, true);

document.addEventListener("focusout", ({ relatedTarget }) => {
  if (field() && !relatedTarget) setTimeout(() => { if (document.hasFocus()) focusField(); }, 50);
});
addEventListener("pageshow", focusField);

document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!region()) return stopCamera();
  if (ctx.target?.id === "packing" || !ctx.target?.isConnected) said();
  showTools();
  focusField();
  send();
});

// The same sentence again is a new one: it is read out, and flashes, as the first time.
function said() {
  const place = document.getElementById("packing-said");
  place.replaceChildren(...[...place.childNodes].map((node) => node.cloneNode(true)));
  play(region().dataset.tone);
}

function isMuted() {
  try {
    return localStorage.getItem(MUTED) === "1";
  } catch {
    return document.getElementById("pack-sound")?.getAttribute("aria-pressed") === "false";
  }
}

function play(tone) {
  if (!TONES[tone] || isMuted() || !window.AudioContext) return;
  if (!navigator.userActivation?.hasBeenActive) return; // browsers let nothing be heard before a key or a click
  sound ??= new AudioContext();
  sound.resume?.();
  let at = sound.currentTime;
  for (const [frequency, milliseconds, type] of TONES[tone]) {
    const oscillator = new OscillatorNode(sound, { frequency, type });
    const volume = new GainNode(sound, { gain: 0.25 });
    oscillator.connect(volume).connect(sound.destination);
    oscillator.start(at);
    at += milliseconds / 1000;
    oscillator.stop(at);
  }
}

function showTools() {
  const button = document.getElementById("pack-sound");
  if (!button) return;
  button.hidden = !window.AudioContext;
  button.setAttribute("aria-pressed", String(!isMuted()));
  document.getElementById("pack-camera").hidden = !(window.BarcodeDetector && navigator.mediaDevices?.getUserMedia);
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("#pack-sound, #pack-camera");
  if (button?.id === "pack-sound") {
    const muted = !isMuted();
    button.setAttribute("aria-pressed", String(!muted));
    store(MUTED, muted ? "1" : "0", "localStorage");
    if (!muted) play("right");
  } else if (button) toggleCamera();
  if (button) field().focus();
});

async function toggleCamera() {
  if (camera) return stopCamera();
  const video = document.getElementById("camera");
  try {
    camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return; // not allowed, or there is none: one types
  }
  video.srcObject = camera;
  video.hidden = false;
  document.getElementById("pack-camera").setAttribute("aria-pressed", "true");
  await video.play();
  look(new BarcodeDetector(), video);
}

async function look(detector, video) {
  let last = "";
  let lastAt = 0;
  while (camera && video.isConnected) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found && (found.rawValue !== last || Date.now() - lastAt > SAME_CODE)) take(found.rawValue);
    if (found) [last, lastAt] = [found.rawValue, Date.now()];
    await new Promise((resolve) => { setTimeout(resolve, CAMERA_INTERVAL); });
  }
  stopCamera();
}

function stopCamera() {
  for (const track of camera?.getTracks() ?? []) track.stop();
  camera = null;
  const video = document.getElementById("camera");
  if (!video) return;
  video.hidden = true;
  document.getElementById("pack-camera").setAttribute("aria-pressed", "false");
}

if (region()) {
  showTools();
  show();
  send();
}
