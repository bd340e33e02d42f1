// What the interactive pieces share: finding a piece, reading its controls, painting its tables, moving in them by keys.
// The page arrives with everything drawn once; without this script it stays as it is, without controls.
globalThis.cnnsymPanel = (() => {
  "use strict";
  /** An integer with a true minus sign; halves round up. */
  const number = (value) => String(Math.floor(value + 0.5)).replace("-", "−");
  const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  class Panel {
    constructor(root) {
      this.root = root;
      this.form = root.querySelector("form");
      Object.assign(this, JSON.parse(root.querySelector('script[type="application/json"]').textContent));
    }

    table(name) {
      return this.root.querySelector(`[data-cells="${name}"]`);
    }

    /** The value of a control, a number if it looks like one. */
    value(name) {
      const { value } = this.form.elements[name];
      return /^-?\d+$/.test(value) ? Number(value) : value;
    }

    /** Fills a table cell by cell, so that the focus stays where it is. `marks` and `shade` are functions of (i, j). */
    paint(name, rows, { marks, shade, span, caption } = {}) {
      const table = this.table(name);
      const body = table.tBodies[0];
      while (body.rows.length > rows.length) body.deleteRow(-1);
      rows.forEach((row, i) => {
        const line = body.rows[i] ?? body.insertRow();
        while (line.cells.length > row.length) line.deleteCell(-1);
        row.forEach((entry, j) => {
          const cell = line.cells[j] ?? line.insertCell();
          cell.textContent = typeof entry === "number" ? number(entry) : entry;
          cell.className = marks?.(i, j).trim() ?? "";
          if (shade) cell.style.setProperty("--v", shade(i, j).toFixed(2));
        });
      });
      if (span) table.style.setProperty("--span", span);
      const figure = table.closest("figure");
      if (caption) figure.querySelector("figcaption").textContent = caption;
      figure.hidden = rows.length === 0;
    }

    line(name, template, values = {}) {
      this.root.querySelector(`[data-line="${name}"]`).textContent = fill(template, values);
    }

    /** The sentence that a screen reader hears; what has not changed is not said again. */
    say(template, values = {}) {
      const result = this.root.querySelector(".cnnsym-widget__result");
      const text = fill(template, values);
      if (result.textContent !== text) result.textContent = text;
    }

    /** One cell of a table is chosen, by arrow keys, Home, End, or a press; `choose(i, j)` hears of it. */
    roam(name, choose) {
      const table = this.table(name);
      table.setAttribute("role", "grid");
      table.setAttribute("aria-label", table.closest("figure").querySelector("figcaption").textContent);
      table.closest("figure").classList.add("cnnsym-cells--roam");
      const go = (i, j) => {
        const rows = table.tBodies[0].rows;
        if (!rows.length) return;
        const row = rows[Math.min(Math.max(i, 0), rows.length - 1)];
        const cell = row.cells[Math.min(Math.max(j, 0), row.cells.length - 1)];
        choose(row.sectionRowIndex, cell.cellIndex);
        cell.focus();
      };
      table.addEventListener("click", ({ target }) => {
        const cell = target.closest("td");
        if (cell) go(cell.parentElement.sectionRowIndex, cell.cellIndex);
      });
      table.addEventListener("keydown", (event) => {
        const cell = event.target.closest("td");
        const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99] };
        const step = steps[event.key];
        if (!cell || !step || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        go(cell.parentElement.sectionRowIndex + step[0], cell.cellIndex + step[1]);
      });
    }

    /** The chosen cell of a table is the one stop of the Tab key. */
    choose(name, i, j) {
      [...this.table(name).tBodies[0].rows].forEach((row, u) =>
        [...row.cells].forEach((cell, v) => {
          cell.tabIndex = u === i && v === j ? 0 : -1;
          cell.setAttribute("aria-selected", u === i && v === j);
        }),
      );
    }
  }

  /** Starts every piece of that name: `set(panel)` returns the function that draws it anew. */
  const start = (name, set) => {
    for (const root of document.querySelectorAll(`[data-widget="${name}"]`)) {
      const panel = new Panel(root);
      const draw = set(panel);
      const update = () => {
        for (const slider of panel.form.querySelectorAll('input[type="range"]'))
          slider.parentElement.querySelector("output").textContent = number(slider.valueAsNumber);
        draw();
      };
      panel.form.addEventListener("input", update);
      panel.form.addEventListener("submit", (event) => event.preventDefault());
      panel.form.reset(); // a browser that comes back to a page may have kept what was chosen
      panel.form.hidden = false;
      update();
    }
  };

  return { start, number };
})();
