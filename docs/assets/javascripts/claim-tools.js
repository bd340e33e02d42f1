// Buttons that copy a formula: as LaTeX, as SymPy, as NumPy. The texts stand on the page anyway, under the buttons; where the
// browser gives no clipboard (a page opened from a folder), a selection that the browser itself copies takes its place.
(() => {
  const WORDS = {
    zh: { copy: "复制 {}", done: "{} 已复制", failed: "没能复制，请在下面“代码形式”中选取" },
    en: { copy: "Copy {}", done: "{} copied", failed: "Not copied; select the text under “As code” below" },
  };
  const words = WORDS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"];

  const bySelection = (text) => {
    const area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "cnnsym-tools__area";
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    return done;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return bySelection(text);
    }
  };

  document.querySelectorAll(".cnnsym-tools").forEach((tools) => {
    const said = document.createElement("span");
    said.className = "cnnsym-tools__said";
    said.setAttribute("role", "status");
    const texts = tools.nextElementSibling?.querySelectorAll(".cnnsym-copy") ?? [];
    texts.forEach((figure) => {
      const { form } = figure.dataset;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cnnsym-tools__button";
      button.textContent = words.copy.replace("{}", form);
      button.addEventListener("click", async () => {
        const done = await copy(figure.querySelector("pre").textContent);
        said.textContent = "";
        setTimeout(() => { said.textContent = (done ? words.done : words.failed).replace("{}", form); }, 50);
      });
      tools.append(button);
    });
    tools.append(said);
  });
})();
