// Puts the order desk into an element of your page: docs/embedding.md.
window.WebshopOrders = (() => {
  "use strict";
  const base = new URL("..", document.currentScript.src);

  function embed(place, options) {
    const frame = document.createElement("iframe");
    frame.title = options.title ?? "Orders";
    frame.style.cssText = "display:block;width:100%;border:0;min-height:20rem";
    let shown = null;

    const tell = (message) => frame.contentWindow?.postMessage({ webshopOrders: 1, ...message }, base.origin);
    const open = (path) => tell({ type: "open", path });
    const appearance = (looks) => tell({ type: "appearance", ...looks });
    const tellViewport = () => {
      const { top, height } = frame.getBoundingClientRect();
      const from = Math.max(0, -top);
      tell({ type: "viewport", top: from, height: Math.min(height, innerHeight - top) - from });
    };

    // Another order is a step for Back to go back from; another tab of it is not.
    const follow = ({ order, path }) => {
      const hash = `#${path}`;
      if (!options.follow || location.hash === hash) return;
      const step = shown === null || shown === order ? "replaceState" : "pushState";
      history[step](history.state, "", hash);
    };

    const heard = {
      ready: () => { tellViewport(); options.onReady?.(); },
      height: ({ height }) => { frame.style.height = `${height}px`; tellViewport(); },
      order: (message) => { follow(message); shown = message.order ?? ""; options.onOrder?.(message); },
      changed: (message) => options.onChange?.(message),
      "token-needed": async () => tell({ type: "token", token: await options.token() }),
    };
    const hear = ({ origin, source, data }) => {
      if (origin !== base.origin || source !== frame.contentWindow || data?.webshopOrders !== 1) return;
      if (Object.hasOwn(heard, data.type)) heard[data.type](data);
    };
    const goBack = () => open(location.hash.slice(1) || "/orders");

    const listeners = [["message", hear], ["scroll", tellViewport], ["resize", tellViewport]];
    if (options.follow) listeners.push(["popstate", goBack]);
    for (const [name, listener] of listeners) addEventListener(name, listener);

    Promise.resolve(options.token()).then((token) => {
      const address = new URL("embed", base);
      const next = options.follow ? location.hash.slice(1) : "";
      address.search = new URLSearchParams({ token, origin: location.origin, ...(next && { next }) });
      frame.src = address;
      (place.nodeType ? place : document.querySelector(place)).append(frame);
    });

    const close = () => {
      for (const [name, listener] of listeners) removeEventListener(name, listener);
      frame.remove();
    };
    return { open, appearance, close };
  }

  return { embed };
})();
