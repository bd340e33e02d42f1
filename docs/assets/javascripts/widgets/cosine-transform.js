// The cosine transform of a small image: a basis image, and the image from some of its coefficients.
(() => {
  "use strict";
  const a = globalThis.cnnsymArithmetic;
  const { start, number } = globalThis.cnnsymPanel;
  /** One decimal, a true minus sign, and no minus before zero. */
  const tenth = (value) => {
    const tenths = Math.floor(value * 10 + 0.5);
    return `${tenths < 0 ? "−" : ""}${Math.floor(Math.abs(tenths) / 10)}.${Math.abs(tenths) % 10}`;
  };
  start("cosine-transform", (panel) => {
    const { words, data } = panel;
    const x = data.image;
    const n = x.length;
    const f = a.coefficients(x);
    const order = a.zigzag(n);
    const highest = Math.max(...x.flat());
    let [h, w] = data.frequency;
    panel.paint("image", x, { shade: (i, j) => x[i][j] / highest });
    const draw = () => {
      const [K, printed] = [panel.value("kept"), panel.value("inverse") === "printed"];
      const kept = order.slice(0, K);
      const used = new Set(kept.map(([i, j]) => i * n + j));
      panel.paint("coefficients", f, {
        marks: (i, j) => [used.has(i * n + j) ? "read" : "", i === h && j === w ? "chosen" : ""].join(" "),
      });
      panel.choose("coefficients", h, w);
      const basis = a.basis(h, w, n);
      panel.paint("basis", basis.map((row) => row.map(tenth)), {
        marks: (i, j) => (basis[i][j] < 0 ? "negative" : ""),
        shade: (i, j) => Math.abs(basis[i][j]),
        caption: words.basis.replace("{h}", h).replace("{w}", w),
      });
      panel.line("frequency", words.frequency, { h, w, f: number(f[h][w]) });
      const rebuilt = a.rebuild(f, kept, printed);
      panel.paint("rebuilt", rebuilt, {
        shade: (i, j) => Math.min(Math.max(rebuilt[i][j] / highest, 0), 1),
        caption: words.rebuilt.replace("{K}", K),
      });
      const error = Math.max(...rebuilt.flatMap((row, i) => row.map((value, j) => Math.abs(value - x[i][j]))));
      if (printed) panel.say(words.wrong, { K, error: tenth(error) });
      else if (K < n * n) panel.say(words.some, { K, error: tenth(error) });
      else panel.say(words.every, { K, error: error.toExponential(0) });
    };
    panel.roam("coefficients", (i, j) => {
      [h, w] = [i, j];
      draw();
    });
    return draw;
  });
})();
