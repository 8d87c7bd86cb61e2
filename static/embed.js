// Puts the order desk into an element of your page: docs/embedding.md.
window.WebshopOrders = (() => {
  "use strict";
  const base = new URL("..", document.currentScript.src);

  function embed(place, options) {
    const frame = document.createElement("iframe");
    frame.title = options.title ?? "Orders";
    frame.style.cssText = "display:block;width:100%;border:0";
    let shown = null;
    let waiting = [];

    const tell = (message) => {
      if (waiting) waiting.push(message);
      else frame.contentWindow?.postMessage({ webshopOrders: 1, ...message }, base.origin);
    };
    const open = (path) => tell({ type: "open", path });
    const appearance = ({ theme, accent, lang }) => tell({ type: "appearance", theme, accent, lang });
    const tellViewport = () => {
      if (waiting) return;
      const { top, height } = frame.getBoundingClientRect();
      const from = Math.max(0, -top);
      tell({ type: "viewport", top: from, height: Math.min(height, innerHeight - top) - from });
    };

    // Another order is a step for Back; another tab is not.
    const follow = ({ order, path }) => {
      if (!options.follow || location.hash === `#${path}`) return;
      const step = shown === null || shown === order ? "replaceState" : "pushState";
      history[step](history.state, "", `#${path}`);
    };

    const heard = {
      ready: () => {
        const early = waiting;
        waiting = null;
        early?.forEach(tell);
        tellViewport();
        options.onReady?.();
      },
      height: ({ height }) => { frame.style.height = `${height}px`; tellViewport(); },
      order: (message) => { follow(message); shown = message.order ?? ""; options.onOrder?.(message); },
      changed: (message) => options.onChange?.(message),
      "token-needed": async () => tell({ type: "token", token: await options.token() }),
    };
    const hear = ({ origin, source, data }) => {
      if (origin !== base.origin || source !== frame.contentWindow || data?.webshopOrders !== 1) return;
      if (Object.hasOwn(heard, data.type)) heard[data.type](data);
    };

    const closing = new AbortController();
    const listen = (name, listener) => addEventListener(name, listener, { signal: closing.signal });
    listen("message", hear);
    listen("scroll", tellViewport);
    listen("resize", tellViewport);
    if (options.follow) listen("popstate", () => open(location.hash.slice(1) || "/orders"));

    appearance(options);
    Promise.resolve(options.token()).then((token) => {
      const address = new URL("embed", base);
      const next = options.follow ? location.hash.slice(1) : "";
      address.search = new URLSearchParams({ token, origin: location.origin, ...(next && { next }) });
      frame.src = address;
      (place.append ? place : document.querySelector(place)).append(frame);
    });

    const close = () => { closing.abort(); frame.remove(); };
    return { open, appearance, close };
  }

  return { embed };
})();
