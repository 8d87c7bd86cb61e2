// The order desk in your page: docs/embedding.md.
window.WebshopOrders = (() => {
  "use strict";
  const base = new URL("..", document.currentScript.src);

  function embed(place, options) {
    const frame = document.createElement("iframe");
    frame.title = options.title ?? "Orders";
    frame.style.cssText = "display:block;width:100%;border:0";
    let shown = null;
    let waiting = [];
    let opened = 0;

    const tell = (message) => {
      if (waiting) waiting.push(message);
      else frame.contentWindow?.postMessage({ webshopOrders: 1, ...message }, base.origin);
    };
    const open = (path) => tell({ type: "open", path, count: ++opened });
    const appearance = ({ theme, accent, lang }) => tell({ type: "appearance", theme, accent, lang });
    const tellView = () => {
      if (waiting) return;
      const { top, height } = frame.getBoundingClientRect();
      const from = Math.max(0, -top);
      tell({ type: "viewport", top: from, height: Math.min(height, innerHeight - top) - from });
    };

    // Another order is a step for Back; another tab is not.
    const follow = ({ order, path, count }) => {
      if (!options.follow || count !== opened || location.hash === `#${path}`) return;
      const step = (shown ?? order) === order ? "replaceState" : "pushState";
      history[step](history.state, "", `#${path}`);
    };

    const heard = {
      ready: () => {
        if (!waiting) opened = 0;
        const early = waiting;
        waiting = null;
        early?.forEach(tell);
        tellView();
        options.onReady?.();
      },
      height: ({ height }) => { frame.style.height = `${height}px`; tellView(); },
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
    listen("scroll", tellView);
    listen("resize", tellView);
    if (options.follow) listen("popstate", () => open(location.hash.slice(1) || "/orders"));

    appearance(options);
    Promise.resolve(options.token()).then((token) => {
      const address = new URL("embed", base);
      const next = options.follow ? location.hash.slice(1) : "";
      address.search = new URLSearchParams({ token, origin: location.origin, ...(next && { next }) });
      frame.src = address;
      (place.append ? place : document.querySelector(place)).append(frame);
    });

    return { open, appearance, close() { closing.abort(); frame.remove(); } };
  }

  return { embed };
})();
