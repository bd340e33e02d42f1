// A formula that overflows its block is a scrollable region that the keyboard must reach: that is how the page
// arrives, and it needs no script. Formulas that fit need not be stops on the way of the Tab key, nor landmarks
// for a screen reader, so they are relieved of both here, and given them back when the window becomes narrow.
(() => {
  const update = (box) => {
    const overflows = box.scrollWidth > box.clientWidth + 1;
    if (overflows) {
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "region");
    } else if (document.activeElement !== box) {
      box.removeAttribute("tabindex");
      box.setAttribute("role", "group");
    }
  };
  const watch = new ResizeObserver((entries) => entries.forEach((entry) => update(entry.target)));
  const all = document.querySelectorAll(".cnnsym-formula__scroll");
  all.forEach((box) => watch.observe(box));
  // KaTeX's fonts change the width of formulas after the first layout.
  document.fonts?.ready.then(() => all.forEach(update));
})();
