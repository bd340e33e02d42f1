// Shift then convolve, or convolve then shift: where both agree.
(() => {
  "use strict";
  const a = globalThis.cnnsymArithmetic;
  const { start, number } = globalThis.cnnsymPanel;
  start("commuting-shifts", (panel) => {
    const { words, data } = panel;
    const x = data.signal;
    return () => {
      const [s, t] = [panel.value("stride"), panel.value("shift")];
      const circle = panel.value("border") === "circle";
      const kernel = data.kernels[panel.value("kernel")];
      const y = a.correlateLine(x, kernel, s, circle);
      const tx = a.shift(x, t, circle);
      const moved = a.correlateLine(tx, kernel, s, circle);
      const tau = a.companion(x, kernel, s, circle, t);
      const after = a.shift(y, tau, circle);
      const P = y.length;
      const p = (kernel.length - 1) / 2;
      const differs = a.differing(moved, after);
      const safe = a.range(P).map((n) => a.promised(n, x.length, P, p, s, t, circle));
      const values = { t: number(t), s, tau: number(tau), P, differ: a.sum(differs), safe: a.sum(safe) };
      const caption = (template) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
      panel.paint("x", [x]);
      panel.paint("tx", [tx]);
      panel.paint("y", [y], { span: s });
      panel.paint("moved", [moved], { span: s, caption: caption(words.moved) });
      panel.paint("after", [after], { span: s, caption: caption(words.after) });
      panel.paint("marks", [differs.map((differ) => (differ ? "≠" : "="))], {
        span: s,
        marks: (_, n) => [differs[n] ? "differs" : "", safe[n] ? "" : "edge"].filter(Boolean).join(" "),
      });
      const multiple = t % s === 0;
      if (!multiple) panel.say(values.differ ? words.between : words.between_equal, values);
      else if (values.safe === P && !values.differ) panel.say(words.all, values);
      else panel.say(values.differ ? words.border_differs : words.border_equal, values);
    };
  });
})();
