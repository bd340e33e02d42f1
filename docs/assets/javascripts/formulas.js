// A formula that overflows its block is a scrollable region that the keyboard must reach: that is how the page
// arrives, and it needs no script. Formulas that fit need not be stops on the way of the Tab key, nor landmarks
// for a screen reader, so they are relieved of both here, and given them back when the window becomes narrow.
(() => {
  // First everything is measured, then changed: in turns, each measurement would make the browser lay out the page anew.
  const update = (boxes) => {
    boxes = boxes.filter((box) => box.checkVisibility());  // in closed details nothing need be laid out
    const overflows = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);
    boxes.forEach((box, k) => {
      if (overflows[k]) {
        box.setAttribute("tabindex", "0");
        box.setAttribute("role", "region");
      } else if (document.activeElement !== box) {
        box.removeAttribute("tabindex");
        box.setAttribute("role", "group");
      }
    });
  };
  const watch = new ResizeObserver((entries) => update(entries.map((entry) => entry.target)));
  const all = [...document.querySelectorAll(".cnnsym-formula__scroll")];
  all.forEach((box) => watch.observe(box));
  // KaTeX's fonts change the width of formulas after the first layout.
  document.fonts?.ready.then(() => update(all));
})();
