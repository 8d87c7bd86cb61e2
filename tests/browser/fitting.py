"""What of a page does not fit a width, measured in a frame that holds a copy of the page and takes each width."""

from collections.abc import Iterable

from playwright.sync_api import Page

# From a small phone to a wide screen.
WIDTHS = tuple(range(320, 1921, 32))
# A host's page gives its frame such widths beside its own menu.
FRAME_WIDTHS = tuple(range(700, 901, 32))
MIN_CHARACTERS = 12
# Words up to this length are not broken in a cell, unlike SKUs, addresses and what has no blank for a whole line.
MAX_WORD = 15

MEASURE = """async ([widths, framedWidths, minCharacters, longestWord]) => {
  const frame = document.createElement("iframe");
  frame.style.cssText = "position: absolute; left: 0; top: 0; height: 900px; border: 0; max-width: none";
  document.documentElement.append(frame);
  const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll("script").forEach((element) => element.remove());
  copy.querySelectorAll("iframe").forEach((element) => element.removeAttribute("src"));
  copy.lastElementChild.remove();
  const inside = frame.contentDocument;
  inside.open();
  const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  inside.write("<!doctype html>" + copy.outerHTML);
  inside.close();
  await loaded;

  const root = inside.documentElement;
  const view = frame.contentWindow;
  const context = inside.createElement("canvas").getContext("2d");
  const letters = "abcdefghijklmnopqrstuvwxyzåäö";
  const letterWidths = new Map();
  const widthOf = (text, style) => {
    context.font = `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    return context.measureText(text).width;
  };
  const letterWidth = (style) => {
    const font = style.fontWeight + style.fontSize + style.fontFamily;
    if (!letterWidths.has(font)) letterWidths.set(font, widthOf(letters, style) / letters.length);
    return letterWidths.get(font);
  };
  const start = (text) => text.trim().replace(/\\s+/g, " ").slice(0, 40);
  const nameOf = (element) => `${element.tagName.toLowerCase()}.${element.className} «${start(element.textContent)}»`;
  const isClipped = (head) => head && view.getComputedStyle(head).clipPath !== "none";
  const isHidden = (element) =>
    element.closest(".visually-hidden, .skip, option, svg, template, noscript") || isClipped(element.closest("thead"));
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const blockOf = (element) => {
    let block = element;
    while (["inline", "contents"].includes(view.getComputedStyle(block).display)) block = block.parentElement;
    return block;
  };

  const brokenWords = (cell) => {
    const broken = [];
    const texts = inside.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    const range = inside.createRange();
    while (texts.nextNode()) {
      if (isHidden(texts.currentNode.parentElement)) continue;
      for (const word of texts.currentNode.data.matchAll(/(?<![^\\s])\\p{L}{4,}(?![^\\s,.])/gu)) {
        if (word[0].length > longestWord) continue;
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        const tops = new Set([...range.getClientRects()].map((line) => Math.round(line.top)));
        if (tops.size > 1) broken.push(`broken word: ${word[0]} in ${nameOf(cell)}`);
      }
    }
    return broken;
  };

  let mainWidth = 0;
  const measure = () => {
    const bad = [];
    const excess = root.scrollWidth - frame.clientWidth;
    if (excess > 0) bad.push(`page scrolls sideways by ${excess} px`);
    const blocks = new Set();
    const main = inside.querySelector("main");
    const isAsBefore = main && main.clientWidth === mainWidth;
    mainWidth = main?.clientWidth;
    for (const element of inside.body.querySelectorAll(isAsBefore ? "body > :not(main), .masthead *" : "*")) {
      if (isHidden(element) || !element.checkVisibility()) continue;
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const style = view.getComputedStyle(element);
      const card = element.closest(".card");
      const isAbove = element.closest(".found, .panel");
      if (card && !isAbove && box.width > 1 && box.right > card.getBoundingClientRect().right + 1) {
        bad.push(`outside its card: ${nameOf(element)}`);
      }
      const isNavigation = element.closest(".masthead nav"); // which is one line, and scrolls on a phone
      if (box.right > 1 && box.left < -1 && !isNavigation) bad.push(`beyond the left edge: ${nameOf(element)}`);
      const isWider = element.scrollWidth > element.clientWidth + 1;
      const scrolls = ["auto", "scroll"].includes(style.overflowX) && !["TEXTAREA", "IFRAME"].includes(element.tagName);
      if (scrolls && isWider && !isNavigation) bad.push(`scrolls sideways: ${nameOf(element)}`);
      const isTaller = element.scrollHeight > element.clientHeight + 1;
      const cuts = ["hidden", "clip"].includes(style.overflowX) && style.clipPath === "none";
      const isWord = element.tagName !== "INPUT" && element.textContent.trim();
      if (cuts && isWord && (isWider || isTaller)) bad.push(`cut: ${nameOf(element)}`);
      if (element.placeholder && !element.value && !element.title) {
        const inner = element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
        const isSeen = view.getComputedStyle(element, "::placeholder").color !== "rgba(0, 0, 0, 0)";
        const isCut = isSeen && widthOf(element.placeholder, style) > inner + 1;
        if (isCut) bad.push(`placeholder cut: ${element.placeholder}`);
      }
      if (hasText(element)) blocks.add(blockOf(element));
    }
    for (const block of blocks) {
      const style = view.getComputedStyle(block);
      const width = block.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      if (block.tagName === "TD" && width < longestWord * letterWidth(style)) bad.push(...brokenWords(block));
      if (block.tagName === "TEXTAREA" || width >= minCharacters * letterWidth(style)) continue;
      const range = inside.createRange();
      const tops = new Set();
      for (const node of block.childNodes) {
        const isText = node.nodeType === 3 && node.data.trim();
        const isInline = node.nodeType === 1 && !isHidden(node) && view.getComputedStyle(node).display === "inline";
        if (!isText && !isInline) continue;
        range.selectNodeContents(node);
        for (const line of range.getClientRects()) if (line.width > 1) tops.add(Math.round(line.bottom / 8));
      }
      if (tops.size > 1) bad.push(`narrow, ${Math.round(width)} px: ${nameOf(block)}`);
    }
    return bad;
  };

  const found = {};
  const sweep = (widths, name) => {
    for (const width of widths) {
      frame.style.width = `${width}px`;
      for (const complaint of new Set(measure())) (found[`${complaint}${name}`] ??= []).push(width);
    }
  };
  try {
    sweep(widths, "");
    root.classList.add("framed");
    inside.querySelector(".masthead")?.remove();
    sweep(framedWidths, ", framed");
  } finally {
    frame.remove();
  }
  return found;
}"""


def what_does_not_fit(
    page: Page, widths: Iterable[int] = WIDTHS, framed_widths: Iterable[int] = FRAME_WIDTHS
) -> list[str]:
    """Whatever scrolls sideways, leaves its card, is cut off or squeezed, each with the first and last width in px."""
    found = page.evaluate(MEASURE, [list(widths), list(framed_widths), MIN_CHARACTERS, MAX_WORD])
    return [f"{complaint} at {at[0]}-{at[-1]} px" for complaint, at in found.items()]
