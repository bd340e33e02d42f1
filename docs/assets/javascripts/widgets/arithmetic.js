// The arithmetic of the interactive pieces: pure functions of numbers and arrays, nothing of the page. It is a classic
// script, since browsers load no modules from a folder; Node can run it as well. Positions count from 0.
globalThis.cnnsymArithmetic = (() => {
  "use strict";
  const range = (n) => Array.from({ length: Math.max(0, n) }, (_, i) => i);
  const table = (rows, columns, entry) => range(rows).map((i) => range(columns).map((j) => entry(i, j)));
  const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
  const modulo = (a, n) => ((a % n) + n) % n;
  const at = (x, i, j) => x[i]?.[j] ?? 0;

  // --- windows: k taps, d apart, over n positions with p zeros on each side, in steps of s ---

  const reach = (k, d) => d * (k - 1) + 1;
  /** How many windows there are in one direction; 0 where not even one fits. */
  const count = (n, k, s, p, d) => (n + 2 * p < reach(k, d) ? 0 : Math.floor((n + 2 * p - reach(k, d)) / s) + 1);
  /** What window (u, v) reads of the image x. */
  const patch = (x, k, s, p, d, u, v) => table(k, k, (a, b) => at(x, s * u + d * a - p, s * v + d * b - p));
  const product = (A, B) => A.map((row, i) => row.map((entry, j) => entry * B[i][j]));
  const total = (A) => sum(A.flat());
  const correlate = (x, W, s, p, d) => {
    const [P, Q] = [count(x.length, W.length, s, p, d), count(x[0].length, W.length, s, p, d)];
    return table(P, Q, (u, v) => total(product(W, patch(x, W.length, s, p, d, u, v))));
  };
  /** How many windows read each of the n positions. */
  const visits = (n, k, s, p, d) => {
    const found = range(n).map(() => 0);
    for (const u of range(count(n, k, s, p, d)))
      for (const a of range(k)) if (found[s * u + d * a - p] !== undefined) found[s * u + d * a - p] += 1;
    return found;
  };

  // --- shifts of a line of numbers; on a circle the ends meet, else zeros are moved in ---

  const shift = (x, t, circle) => x.map((_, e) => (circle ? x[modulo(e - t, x.length)] : (x[e - t] ?? 0)));
  /** Correlation with a kernel of 2 p + 1 taps, its middle one at s n. */
  const correlateLine = (x, k, s, circle) => {
    const p = (k.length - 1) / 2;
    const read = (e) => (circle ? x[modulo(e, x.length)] : (x[e] ?? 0));
    return range(count(x.length, k.length, s, p, 1)).map((n) => sum(k.map((tap, a) => tap * read(s * n + a - p))));
  };
  const differing = (y, z) => y.map((entry, n) => entry !== z[n]);
  /** The shift of the output that belongs to t: t / s, or where that is no integer the one with the fewest differences. */
  const companion = (x, k, s, circle, t) => {
    if (modulo(t, s) === 0) return t / s;
    const [moved, y] = [correlateLine(shift(x, t, circle), k, s, circle), correlateLine(x, k, s, circle)];
    const misses = (tau) => differing(moved, shift(y, tau, circle)).filter(Boolean).length;
    const candidates = range(y.length).flatMap((tau) => (tau ? [tau, -tau] : [0]));
    return candidates.reduce((best, tau) => (misses(tau) < misses(best) ? tau : best));
  };
  /** Where the theorem promises that both orders agree: the window lies within x, and the output it came from exists. */
  const promised = (n, width, P, p, s, t, circle) => {
    if (modulo(t, s) !== 0) return false;
    const source = n - t / s;
    return circle || (s * n - p >= 0 && s * n + p < width && source >= 0 && source < P);
  };

  // --- all orders of the p + t values that two windows of p, t apart, read ---

  /** For each position of the largest value: in how many orders both maxima are the same. */
  const unchangedOrders = (p, t) => {
    const n = p + t;
    const found = range(n).map(() => 0);
    const values = range(n);
    const visit = (fixed) => {
      if (fixed === n) {
        const same = Math.max(...values.slice(0, p)) === Math.max(...values.slice(t));
        if (same) found[values.indexOf(n - 1)] += 1;
        return;
      }
      for (let i = fixed; i < n; i += 1) {
        [values[fixed], values[i]] = [values[i], values[fixed]];
        visit(fixed + 1);
        [values[fixed], values[i]] = [values[i], values[fixed]];
      }
    };
    visit(0);
    return found;
  };
  const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));
  const divisor = (a, b) => (b ? divisor(b, a % b) : a);

  // --- gradients: what output (u, v) sends to the pixels of its window, as [i, j, part] ---

  const routes = {
    average: (x, k, s, g, u, v) => table(k, k, (a, b) => [s * u + a, s * v + b, g[u][v] / (k * k)]).flat(),
    maximum: (x, k, s, g, u, v) => {
      const pixels = table(k, k, (a, b) => [s * u + a, s * v + b]).flat();
      const largest = Math.max(...pixels.map(([i, j]) => x[i][j]));
      return [[...pixels.find(([i, j]) => x[i][j] === largest), g[u][v]]];
    },
    convolution: (x, W, s, g, u, v) =>
      table(W.length, W.length, (a, b) => [s * u + a, s * v + b, W[a][b] * g[u][v]]).flat(),
  };
  /** The pixels of window (u, v) that are its largest. */
  const largest = (x, k, s, u, v) => {
    const pixels = table(k, k, (a, b) => [s * u + a, s * v + b]).flat();
    const most = Math.max(...pixels.map(([i, j]) => x[i][j]));
    return pixels.filter(([i, j]) => x[i][j] === most);
  };
  /** Parts added up in an array as large as x. */
  const gather = (x, parts) => {
    const found = x.map((row) => row.map(() => 0));
    for (const [i, j, part] of parts) found[i][j] += part;
    return found;
  };
  /** s - 1 zeros between neighbours. */
  const spread = (g, s) =>
    table(s * (g.length - 1) + 1, s * (g[0].length - 1) + 1, (i, j) => (i % s || j % s ? 0 : g[i / s][j / s]));
  /** The gradient by an n x n image as a convolution with stride 1: the spread gradient, the kernel flipped. */
  const bySpreading = (g, W, s, n) => {
    const [wide, k] = [spread(g, s), W.length];
    const flipped = table(k, k, (a, b) => W[k - 1 - a][k - 1 - b]);
    return table(n, n, (i, j) => total(product(flipped, table(k, k, (a, b) => at(wide, i + a - k + 1, j + b - k + 1)))));
  };

  // --- the cosine transform of n x n images ---

  /** cos(pi u (i + 1/2) / n); the angle is reduced while it is an integer, which saves digits. */
  const cosine = (u, i, n) => Math.cos((Math.PI * ((u * (2 * i + 1)) % (4 * n))) / (2 * n));
  const basis = (h, w, n) => table(n, n, (i, j) => cosine(h, i, n) * cosine(w, j, n));
  const coefficients = (x) => table(x.length, x.length, (h, w) => total(product(x, basis(h, w, x.length))));
  /** Frequencies by rising h + w, to and fro. */
  const zigzag = (n) =>
    table(n, n, (h, w) => [h, w]).flat().sort((a, b) => {
      const [d, e] = [a[0] + a[1], b[0] + b[1]];
      return d - e || (d % 2 ? a[0] - b[0] : b[0] - a[0]);
    });
  /** The image from some frequencies: with the weights c_h c_w / n^2, or with none, as the equation is often printed. */
  const rebuild = (f, kept, printed) => {
    const n = f.length;
    const weight = (h, w) => (printed ? 1 : ((h ? 2 : 1) * (w ? 2 : 1)) / (n * n));
    return table(n, n, (i, j) => sum(kept.map(([h, w]) => weight(h, w) * f[h][w] * cosine(h, i, n) * cosine(w, j, n))));
  };

  return {
    range, table, sum, total, product, reach, count, patch, correlate, visits, shift, correlateLine, differing, companion,
    promised, unchangedOrders, factorial, divisor, routes, largest, gather, spread, bySpreading, basis, coefficients,
    zigzag, rebuild,
  };
})();
