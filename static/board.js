// The board of a plan: row sums follow while typing, keys walk its cells as in a spreadsheet, and new shipments are added
// without losing what is typed. A module, so that its names stay its own.

const cellOf = (element) => (element.matches?.("#board td > input") ? element : null);
const inputsOf = (row) => [...row.querySelectorAll("td > input")];
const quantity = (text) => (/^\s*([0-9]{0,5})\s*$/.test(text) ? Number(text) : NaN);

function showSum(row) {
  const sum = row.querySelector(".sum");
  const placed = inputsOf(row).reduce((total, { value }) => total + quantity(value), 0);
  sum.firstElementChild.textContent = Number.isNaN(placed) ? "?" : placed;
  sum.toggleAttribute("data-wrong", placed !== Number(sum.dataset.all));
}

// Where tracking codes go is asked once their shipment is left empty.
function showQuestions() {
  const board = document.getElementById("board");
  for (const question of board?.querySelectorAll("[data-empties]") ?? []) {
    const cells = [...board.querySelectorAll(`input[name$="-${question.dataset.empties}"]`)];
    question.hidden = !("asked" in question.dataset) && cells.some(({ value }) => quantity(value) !== 0);
  }
}

// The next cell with an input in a direction, over rows that only say why another was refused.
function neighbour(cell, down, right) {
  const { rows } = cell.closest("table");
  const at = cell.parentElement.cellIndex + right;
  for (let row = cell.closest("tr").rowIndex + down; rows[row]; row += down) {
    const found = rows[row].cells[at]?.querySelector("input");
    if (found || !down) return found;
  }
  return null;
}

const isAllSelected = ({ selectionStart, selectionEnd, value }) => selectionStart === 0 && selectionEnd === value.length;
const directions = {
  ArrowDown: () => [1, 0],
  ArrowUp: () => [-1, 0],
  ArrowLeft: (cell) => (cell.selectionEnd === 0 || isAllSelected(cell)) && [0, -1],
  ArrowRight: (cell) => (cell.selectionStart === cell.value.length || isAllSelected(cell)) && [0, 1],
  Enter: (cell, event) => [event.shiftKey ? -1 : 1, 0],
};

document.addEventListener("keydown", (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    cell.blur(); // its change comes before the board is closed, not when it is swapped away
    return document.querySelector("#board [data-cancels]").click();
  }
  const direction = directions[event.key]?.(cell, event);
  if (!direction) return;
  event.preventDefault();
  const next = neighbour(cell, ...direction);
  if (next) next.focus();
  else if (event.key === "Enter" && !event.shiftKey) document.getElementById("save-board").focus();
});

document.addEventListener("focusin", ({ target }) => cellOf(target)?.select());

document.addEventListener("input", ({ target }) => {
  if (!cellOf(target)) return;
  showSum(target.closest("tr"));
  showQuestions();
});

document.addEventListener("change", ({ target }) => {
  if (!cellOf(target)) return;
  const row = target.closest("tr");
  showSum(row); // where a draft was restored
  document.getElementById("board-said").textContent = `${row.querySelector("[id^=of-]").firstChild.textContent}: ${row.querySelector(".sum").textContent}`;
});

// Copies the last column, which is a new shipment's, under the next number.
function addColumn(link) {
  const board = document.getElementById("board");
  const head = board.querySelector("thead tr");
  const last = head.cells.length - 2;
  const number = Number(/[0-9]+$/.exec(head.cells[last].querySelector("[id^=to-]").id)[0]);
  if (number === 1) setNumber(board, 1);
  for (const row of board.querySelectorAll("table tr")) {
    const cell = row.cells[last];
    if (!cell) continue;
    const copy = cell.cloneNode(true);
    for (const element of copy.querySelectorAll("*")) rename(element, `new${number}`, `new${number + 1}`);
    for (const input of copy.querySelectorAll("input")) input.value = "";
    copy.querySelector("[id^=status-]")?.replaceChildren();
    cell.after(copy);
  }
  for (const select of board.querySelectorAll("[data-empties] select")) select.append(new Option("", `new${number + 1}`));
  setNumber(board, number + 1);
  if (last + 1 >= Number(board.dataset.mostColumns)) link.remove();
  board.querySelector(`tbody input[name$="-new${number + 1}"]`).focus();
}

function rename(element, before, after) {
  for (const name of ["id", "name", "aria-labelledby"]) {
    if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replace(before, after));
  }
  element.removeAttribute("aria-invalid");
}

// Shows the number of a new shipment wherever its column is named.
function setNumber(board, number) {
  const heading = document.getElementById(`to-new${number}`);
  heading.textContent = `${heading.textContent.trim().replace(/ [0-9]+$/, "")} ${number}`;
  for (const input of board.querySelectorAll(`input[name$="-new${number}"]`)) input.parentElement.dataset.to = heading.textContent;
  for (const option of board.querySelectorAll(`option[value=new${number}]`)) option.textContent = heading.textContent;
}

// Before htmx follows the link, which draws the board anew.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#add-column");
  if (!link || !document.querySelector("#board [id^=to-new]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  addColumn(link);
}, true);

document.addEventListener("htmx:after:swap", showQuestions);
showQuestions();
