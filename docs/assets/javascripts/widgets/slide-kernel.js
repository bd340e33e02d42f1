// A kernel slides over an image: stride, padding and dilation are chosen, the output cell is moved by keys.
(() => {
  "use strict";
  const a = globalThis.cnnsymArithmetic;
  const { start, number } = globalThis.cnnsymPanel;
  start("slide-kernel", (panel) => {
    const { words, data } = panel;
    const [m, k] = [data.image.length, data.kernel.length];
    let [u, v] = [0, 0];
    const draw = () => {
      const [s, p, d] = ["stride", "padding", "dilation"].map((name) => panel.value(name));
      const P = a.count(m, k, s, p, d);
      const fits = P > 0;
      [u, v] = [Math.min(u, Math.max(P - 1, 0)), Math.min(v, Math.max(P - 1, 0))];
      const inside = (i) => i >= p && i < m + p;
      const tap = (i, first) => i >= s * first && i <= s * first + d * (k - 1) && (i - s * first) % d === 0;
      panel.paint("input", a.table(m + 2 * p, m + 2 * p, (i, j) => data.image[i - p]?.[j - p] ?? 0), {
        marks: (i, j) => (inside(i) && inside(j) ? "" : "padding ") + (fits && tap(i, u) && tap(j, v) ? "read" : ""),
      });
      const output = a.correlate(data.image, data.kernel, s, p, d);
      panel.paint("output", output, { marks: (i, j) => (i === u && j === v ? "chosen" : "") });
      panel.choose("output", u, v);
      const products = fits ? a.product(data.kernel, a.patch(data.image, k, s, p, d, u, v)) : [];
      panel.paint("products", products);
      const read = a.visits(m, k, s, p, d);
      panel.paint("visits", a.table(m, m, (i, j) => read[i] * read[j]), { shade: (i, j) => (read[i] * read[j]) / k ** 2 });
      if (!fits) {
        panel.line("size", words.none_size);
        panel.say(words.none, { reach: a.reach(k, d), padded: m + 2 * p });
        return;
      }
      const places = (first) => a.range(k).map((i) => number(s * first + d * i - p)).join(", ");
      panel.line("size", words.size, { m, p, d, s, P });
      panel.say(words.result, { u, v, rows: places(u), columns: places(v), y: number(output[u][v]) });
    };
    panel.roam("output", (i, j) => {
      [u, v] = [i, j];
      draw();
    });
    return draw;
  });
})();
