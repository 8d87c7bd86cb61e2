// ruleid: html-from-string
toast.innerHTML = sentence;
// ruleid: html-from-string
toast.innerHTML += sentence;
// ruleid: html-from-string
toast.outerHTML = `<p>${sentence}</p>`;
// ruleid: html-from-string
toast.insertAdjacentHTML("beforeend", sentence);
// ruleid: html-from-string
document.write(sentence);
// ok: html-from-string
toast.textContent = sentence;

// ruleid: script-from-string
eval(sentence);
// ruleid: script-from-string
new Function("return " + sentence)();
// ruleid: script-from-string
setTimeout("draw()", 100);
// ok: script-from-string
setTimeout(draw, 100);
