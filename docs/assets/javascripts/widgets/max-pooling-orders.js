// How often a maximum stays exactly the same when its window moves: all orders are counted.
(() => {
  "use strict";
  const a = globalThis.cnnsymArithmetic;
  globalThis.cnnsymPanel.start("max-pooling-orders", (panel) => {
    const { words } = panel;
    const slider = panel.form.elements.shift;
    return () => {
      const p = panel.value("window");
      slider.max = p; // the browser lowers the value with it: windows further apart share nothing
      const t = panel.value("shift");
      slider.parentElement.querySelector("output").textContent = t;
      const n = p + t;
      const found = a.unchangedOrders(p, t);
      const [orders, unchanged] = [a.factorial(n), a.sum(found)];
      const common = a.divisor(orders, unchanged);
      const inside = (start) => [a.range(n).map((place) => (place >= start && place < start + p ? "■" : "·"))];
      panel.paint("first", inside(0));
      panel.paint("second", inside(t), { caption: words.second.replace("{t}", t) });
      panel.paint("same", [found.map((one) => (one ? "✓" : "✗"))], { marks: (_, place) => (found[place] ? "" : "differs") });
      panel.line("count", words.count, { n, orders, unchanged });
      const [numerator, denominator] = [unchanged / common, orders / common];
      panel.say(words.result, { unchanged, orders, numerator, denominator, top: p - t, bottom: p + t });
    };
  });
})();
