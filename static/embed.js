// The order desk in your page: docs/embedding.md.
"use strict";
{
  const base = new URL("..", document.currentScript.src);

  function embed(target, options) {
    const frame = document.createElement("iframe");
    frame.title = options.title ?? "Orders";
    frame.style.cssText = "display:block;width:100%;border:0";
    let lastOrder = null;
    let unsent = [];
    let opens = 0;

    const send = (message) => {
      if (unsent) unsent.push(message);
      else frame.contentWindow?.postMessage({ webshopOrders: 1, ...message }, base.origin);
    };
    const open = (path) => send({ type: "open", path, count: ++opens });
    const appearance = ({ theme, accent, lang }) => send({ type: "appearance", theme, accent, lang });
    const sendView = () => {
      if (unsent) return;
      const { top, height } = frame.getBoundingClientRect();
      const from = Math.max(0, -top);
      send({ type: "viewport", top: from, height: Math.min(height, innerHeight - top) - from });
    };

    // Another order is a step in the history; a tab is not.
    const follow = ({ order, path, count }) => {
      if (!options.follow || count !== opens || location.hash === `#${path}`) return;
      const step = (lastOrder ?? order) === order ? "replace" : "push";
      history[`${step}State`](history.state, "", `#${path}`);
    };

    const handlers = {
      ready: () => {
        const early = unsent;
        unsent = null;
        if (early) early.forEach(send);
        else opens = 0;
        sendView();
        options.onReady?.();
      },
      height: ({ height }) => { frame.style.height = `${height}px`; sendView(); },
      order: (message) => { follow(message); lastOrder = message.order ?? ""; options.onOrder?.(message); },
      changed: options.onChange,
      "token-needed": async () => send({ type: "token", token: await options.token() }),
    };

    const closing = new AbortController();
    const listen = (name, listener) => addEventListener(name, listener, { signal: closing.signal });
    listen("message", ({ origin, source, data }) => {
      if (origin !== base.origin || source !== frame.contentWindow || data?.webshopOrders !== 1) return;
      if (Object.hasOwn(handlers, data.type)) handlers[data.type]?.(data);
    });
    listen("scroll", sendView);
    listen("resize", sendView);
    if (options.follow) listen("popstate", () => open(location.hash.slice(1) || "/orders"));

    appearance(options);
    Promise.resolve().then(() => options.token()).then((token) => {
      if (closing.signal.aborted) return;
      const url = new URL("embed", base);
      const next = options.follow ? location.hash.slice(1) : "";
      url.search = new URLSearchParams({ token, origin: location.origin, next });
      frame.src = url;
      (target.append ? target : document.querySelector(target)).append(frame);
    }).catch(options.onError);

    return { open, appearance, close() { closing.abort(); frame.remove(); } };
  }

  window.WebshopOrders = { embed };
}
