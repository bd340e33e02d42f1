// Where the gradient of an output goes, for three layers.
(() => {
  "use strict";
  const a = globalThis.cnnsymArithmetic;
  const { start, number } = globalThis.cnnsymPanel;
  start("gradient-routing", (panel) => {
    const { words, data } = panel;
    const n = data.image.length;
    const part = panel.root.querySelector('[data-part="convolution"]');
    let [u, v] = [0, 0];
    const draw = () => {
      const [layer, s, show] = ["layer", "stride", "show"].map((name) => panel.value(name));
      const k = layer === "convolution" ? data.kernel.length : 2;
      const P = a.count(n, k, s, 0, 1);
      [u, v] = [Math.min(u, P - 1), Math.min(v, P - 1)];
      const g = data.gradient.slice(0, P).map((row) => row.slice(0, P));
      const route = (o, q) => a.routes[layer](data.image, layer === "convolution" ? data.kernel : k, s, g, o, q);
      const own = route(u, v);
      const every = a.table(P, P, route).flat(2);
      const all = show === "all";
      const result = a.gather(data.image, all ? every : own);
      const inside = (i, j) => i >= s * u && i < s * u + k && j >= s * v && j < s * v + k;
      panel.paint("output", g, { marks: (i, j) => (i === u && j === v ? "chosen" : "") });
      panel.choose("output", u, v);
      panel.paint("input", data.image, { marks: (i, j) => (inside(i, j) ? "read" : "") });
      panel.paint("gradient", result, { marks: (i, j) => (result[i][j] === 0 ? "none" : inside(i, j) ? "read" : "") });
      part.hidden = layer !== "convolution";
      const wide = a.spread(g, s);
      panel.paint("spread", wide, { marks: (i, j) => (i % s || j % s ? "padding" : "") });
      panel.line("spread_note", words.spread_note, { zeros: s - 1, around: k - 1, rest: (n - k) % s });
      const values = { u, v, g: number(g[u][v]), part: number(own[0][2]), i: own[0][0], j: own[0][1] };
      if (all) {
        const line = a.visits(n, k, s, 0, 1);
        const unread = a.total(a.table(n, n, (i, j) => (line[i] * line[j] ? 0 : 1)));
        panel.say(words.said_all, { unread });
      } else if (layer === "maximum") {
        const ties = a.largest(data.image, k, s, u, v).length;
        panel.say(ties > 1 ? words.said_tie : words.said_maximum, { ...values, ties });
      } else panel.say(words[`said_${layer}`], values);
    };
    panel.roam("output", (i, j) => {
      [u, v] = [i, j];
      draw();
    });
    return draw;
  });
})();
