// "Check it yourself": below each judged formula, a button that judges it again in the reader's own browser, and then any
// formula that the reader writes in its place. Nothing is fetched before the first click; all blocks share one worker.
(() => {
  const bytes = Number(document.querySelector('meta[name="cnnsym-recheck"]')?.content);
  if (!bytes) return;
  const home = new URL(".", document.currentScript.src);
  const lang = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const SECONDS = 60; // for one question, once everything is loaded
  const megabytes = (n) => (n / 1e6).toFixed(n < 1e7 ? 1 : 0);

  const words = {
    en: {
      first: `Check in your browser (downloads about ${megabytes(bytes)} MB once)`,
      again: "Check in your browser",
      panel: "Check in your browser",
      download: (n) => `Downloading: ${megabytes(n)} of ${megabytes(bytes)} MB`,
      start: "Starting Python",
      load: "Loading the checker",
      ready: "Checking",
      running: (n) => `Checking: ${n} done`,
      cancel: "Cancel",
      cancelled: "Cancelled.",
      slow: `No answer within ${SECONDS} seconds: stopped.`,
      fault: (text) => `The check could not be run: ${text}`,
      file: "A page opened from a folder cannot start the check. Serve the folder instead, for instance with: python -m http.server",
      agrees: (n, s) => `Done in ${s} s: your browser finds the same as the page, in all ${n} checks.`,
      differs: (k, n, s) => `Done in ${s} s: in ${k} of ${n} checks your browser does not find what the page says.`,
      undecided: (k, n, s) => `Done in ${s} s: ${k} of ${n} checks were not decided within the limits of time here; the others agree with the page.`,
      judged: (s) => `Done in ${s} s.`,
      verdicts: { proved: "Proved", refuted: "Refuted", unknown: "Not decided", error: "Not understood" },
      why: (f) => `for ${f.scope}, by ${f.method}`,
      against: "counterexample:",
      assumed: "assumed:",
      expected: "as the page says",
      page: (id) => `${id}: the formula on the page is the derived one`,
      step: (good, all) => `Steps of the derivation: ${good} of ${all} proved`,
      miss: (good, all) => `Near misses: ${good} of ${all} refuted`,
      edit: "Change the formula (LaTeX) and see what becomes of it",
      check: "Check this formula",
      restore: "Restore",
      numeric: "Numeric comparisons are not repeated here.",
      reader: "",
      chapter: "Definitions from",
      claim: "Statement",
      declared: "What the symbols are",
    },
    zh: {
      first: `在你的浏览器里检验（首次下载约 ${megabytes(bytes)} MB）`,
      again: "在你的浏览器里检验",
      panel: "在浏览器里检验",
      download: (n) => `正在下载：${megabytes(n)} / ${megabytes(bytes)} MB`,
      start: "正在启动 Python",
      load: "正在载入检验程序",
      ready: "正在检验",
      running: (n) => `正在检验：已完成 ${n} 项`,
      cancel: "取消",
      cancelled: "已取消。",
      slow: `${SECONDS} 秒内没有结果，已停止。`,
      fault: (text) => `检验无法进行：${text}`,
      file: "从文件夹直接打开的网页不能启动检验。请用网页服务器打开这个文件夹，例如：python -m http.server",
      agrees: (n, s) => `用时 ${s} 秒：全部 ${n} 项检验，你的浏览器与本页结论一致。`,
      differs: (k, n, s) => `用时 ${s} 秒：${n} 项检验中有 ${k} 项与本页所说不一致。`,
      undecided: (k, n, s) => `用时 ${s} 秒：${n} 项检验中有 ${k} 项在此处的时限内没有结果，其余与本页一致。`,
      judged: (s) => `用时 ${s} 秒。`,
      verdicts: { proved: "已证明", refuted: "已否证", unknown: "未判定", error: "无法读懂" },
      why: (f) => `适用于${f.scope}，方法：${f.method}`,
      against: "反例：",
      assumed: "假设：",
      expected: "与本页所说一致",
      page: (id) => `${id}：页面上的公式就是推导出的公式`,
      step: (good, all) => `推导步骤：${all} 步中已证明 ${good} 步`,
      miss: (good, all) => `近似的错误命题：${all} 个中已否证 ${good} 个`,
      edit: "改动公式（LaTeX），看看结论会怎样",
      check: "检验这个公式",
      restore: "恢复原样",
      numeric: "数值比较不在这里重做。",
      reader: "（以下提示由读公式的程序给出，为英文）",
      chapter: "采用哪一节的定义",
      claim: "命题",
      declared: "各符号的含义",
    },
  }[lang];

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // ---- the worker ----

  let worker = null;
  let ready = false;
  let asked = 0;
  const waiting = new Map(); // what each open question wants to hear
  const stop = (message) => {
    worker?.terminate();
    worker = null;
    ready = false;
    const all = [...waiting.values()];
    waiting.clear();
    for (const one of all) one.stopped(message);
  };
  const begin = () => {
    worker = new Worker(new URL("recheck-worker.js", home), { type: "module" });
    worker.onerror = (event) => stop(words.fault(event.message || "worker"));
    worker.onmessage = ({ data }) => {
      if (data.fault) return stop(words.fault(data.fault));
      if (data.stage) {
        ready ||= data.stage === "ready";
        for (const one of waiting.values()) one.stage(data);
        return;
      }
      const one = waiting.get(data.id);
      if (data.finding) one?.finding(data.finding);
      if (data.end) {
        waiting.delete(data.id);
        one?.end(data.milliseconds);
      }
    };
  };
  const ask = (request, listener) => {
    if (!worker) begin();
    waiting.set(++asked, listener);
    worker.postMessage({ ...request, id: asked, lang });
    if (ready) listener.stage({ stage: "ready" });
  };

  let contents;
  const claims = () =>
    (contents ??= fetch(new URL("../recheck/claims.json", home)).then((reply) => {
      if (!reply.ok) throw new Error(`claims.json: ${reply.status}`);
      return reply.json();
    }));

  // ---- one panel: what is being done, what was found, the formula to change ----

  function panel() {
    const status = make("p", { class: "cnnsym-recheck__status", role: "status", "aria-live": "polite" });
    const bar = make("progress", { class: "cnnsym-recheck__bar", "aria-label": words.panel, hidden: "" });
    const cancel = make("button", { type: "button", class: "cnnsym-recheck__button", hidden: "" }, words.cancel);
    const found = make("div", { class: "cnnsym-recheck__found" });
    const box = make("section", { class: "cnnsym-recheck", "aria-label": words.panel }, make("div", { class: "cnnsym-recheck__head" }, status, cancel), bar, found);
    const say = (text) => {
      if (status.textContent !== text) status.textContent = text;
    };
    const busy = (is) => {
      bar.hidden = cancel.hidden = !is;
      box.setAttribute("aria-busy", String(is));
    };
    cancel.addEventListener("click", () => stop(words.cancelled));

    // Resolves with true where an answer came.
    const run = (request) =>
      new Promise((resolve) => {
        const findings = [];
        let clock;
        let shown = 0;
        const close = (message, answered) => {
          clearTimeout(clock);
          busy(false);
          say(message);
          resolve(answered);
        };
        found.replaceChildren();
        busy(true);
        bar.removeAttribute("value");
        if (location.protocol === "file:") return close(words.file, false);
        ask(request, {
          stage({ stage, done }) {
            if (stage === "download") {
              // A screen reader need not hear every packet.
              if (done - shown < bytes / 10 && done < bytes) return;
              shown = done;
              bar.max = bytes;
              bar.value = Math.min(done, bytes);
              say(words.download(Math.min(done, bytes)));
              return;
            }
            bar.removeAttribute("value");
            say(words[stage]);
            if (stage === "ready") clock ??= setTimeout(() => stop(words.slow), 1000 * SECONDS);
          },
          finding(one) {
            findings.push(one);
            say(words.running(findings.length));
            found.replaceChildren(...shownAs(findings, request.latex !== null));
          },
          end(milliseconds) {
            const seconds = (milliseconds / 1000).toFixed(milliseconds < 9950 ? 2 : 0);
            const others = findings.filter((one) => !one.ok);
            const wrong = others.filter((one) => one.verdict !== "unknown").length;
            const all = findings.length;
            if (request.latex !== null) close(words.judged(seconds), true);
            else if (wrong) close(words.differs(wrong, all, seconds), true);
            else if (others.length) close(words.undecided(others.length, all, seconds), true);
            else close(words.agrees(all, seconds), true);
          },
          stopped: (message) => close(message, false),
        });
      });
    return { box, run, say, busy };
  }

  function shownAs(findings, changed) {
    const links = findings.filter((one) => one.part === "link");
    const parts = [make("ul", { class: "cnnsym-recheck__list" }, ...links.map((one) => shownLink(one, changed)))];
    for (const one of findings.filter((f) => f.part === "page")) {
      parts.push(make("p", {}, badge(one.verdict), ` ${words.page(one.id)}`, ...(one.ok ? [] : [`: ${one.text}`])));
    }
    for (const [part, title] of [["step", words.step], ["near miss", words.miss]]) {
      const all = findings.filter((one) => one.part === part);
      if (!all.length) continue;
      const summary = make("summary", {}, title(all.filter((one) => one.ok).length, all.length));
      const items = all.map((one) => make("li", {}, badge(one.verdict), ` ${one.name}`, ...(one.text ? [make("br"), make("code", {}, one.text)] : [])));
      parts.push(make("details", { class: "cnnsym-recheck__part", ...(all.every((one) => one.ok) ? {} : { open: "" }) }, summary, make("ol", {}, ...items)));
    }
    if (!changed) parts.push(make("p", { class: "cnnsym-recheck__note" }, words.numeric));
    return parts;
  }

  const badge = (verdict) => {
    const look = verdict === "error" ? "unknown" : verdict;
    return make("span", { class: `cnnsym-badge cnnsym-badge--${look}` }, words.verdicts[verdict]);
  };

  function shownLink(one, changed) {
    const item = make("li", {}, badge(one.verdict), " ");
    if (!changed) item.append(make("code", {}, one.id), " ");
    if (one.verdict === "proved") item.append(words.why(one));
    if (one.verdict === "error") {
      if (words.reader) item.append(words.reader);
      item.append(make("pre", { tabindex: "0" }, one.text));
    } else if (one.text) {
      item.append(one.verdict === "refuted" ? `${words.against} ` : "", make("code", {}, one.text));
    }
    if (!changed && one.ok && one.verdict === "refuted") item.append(` (${words.expected})`);
    if (one.assumed?.length) item.append(make("div", { class: "cnnsym-recheck__note" }, `${words.assumed} ${one.assumed.join("; ")}`));
    return item;
  }

  // A formula with one label needs none; with several, each relation is judged by the claim of its label.
  const editable = (latex) => {
    const labels = latex.match(/\\label\{[^{}]*\}/g) ?? [];
    return labels.length > 1 ? latex : latex.replace(/\s*\\label\{[^{}]*\}/g, "").trim();
  };

  let editors = 0;
  function editor(view, original, about) {
    const id = `cnnsym-recheck-${++editors}`;
    const area = make("textarea", { id, rows: "4", spellcheck: "false", autocapitalize: "off", autocomplete: "off", maxlength: "4000", dir: "ltr" });
    const submit = make("button", { type: "submit", class: "cnnsym-recheck__button" }, words.check);
    const restore = make("button", { type: "button", class: "cnnsym-recheck__button" }, words.restore);
    const form = make("form", { class: "cnnsym-recheck__form" }, make("label", { for: id }, words.edit), area, make("div", { class: "cnnsym-recheck__row" }, submit, restore));
    const reset = () => {
      area.value = original();
      area.rows = Math.min(12, Math.max(3, area.value.split("\n").length + 1));
    };
    reset();
    restore.addEventListener("click", reset);
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      await view.run({ claims: about(), latex: area.value });
      submit.disabled = false;
      for (const each of offers) each.textContent = ready ? words.again : words.first;
    });
    return { form, reset };
  }

  // ---- below each formula ----

  const offers = [];
  function offer(tools, ids) {
    const button = make("button", { type: "button", class: "cnnsym-recheck__button cnnsym-recheck__offer", "aria-expanded": "false" }, words.first);
    offers.push(button);
    tools.append(button);
    let view;
    let wanted;
    button.addEventListener("click", async () => {
      button.disabled = true;
      if (!view) {
        view = panel();
        tools.after(view.box);
        button.setAttribute("aria-expanded", "true");
      }
      try {
        if (location.protocol !== "file:") {
          const listed = (await claims()).claims;
          const known = ids.filter((id) => listed[id]);
          if (!known.length) throw new Error(ids.join(", "));
          wanted ??= known.map((id) => ({ id, file: listed[id].file, latex: listed[id].latex }));
        }
        const answered = await view.run({ claims: wanted ?? [], latex: null });
        if (answered && !view.box.querySelector("form")) {
          const short = wanted.map(({ id, file }) => ({ id, file }));
          view.box.append(editor(view, () => editable(wanted[0].latex), () => short).form);
        }
      } catch (error) {
        view.busy(false);
        view.say(words.fault(error.message));
      }
      button.disabled = false;
      for (const each of offers) each.textContent = ready ? words.again : words.first;
    });
  }
  document.querySelectorAll("[data-claims]").forEach((block) => {
    const tools = block.querySelectorAll(".cnnsym-tools[data-claim]");
    tools.forEach((each) => offer(each, [each.dataset.claim]));
    const ids = block.dataset.claims.split(/\s+/).filter(Boolean);
    if (!tools.length && ids.length) offer(block.appendChild(make("div", { class: "cnnsym-tools" })), ids);
  });

  // ---- the page for formulas of one's own ----

  async function playground(place) {
    const button = make("button", { type: "button", class: "cnnsym-recheck__button cnnsym-recheck__offer" }, words.first);
    const view = panel();
    place.replaceChildren(button, view.box);
    button.addEventListener("click", async () => {
      if (location.protocol === "file:") return view.say(words.file);
      button.disabled = true;
      let known;
      try {
        known = await claims();
      } catch (error) {
        button.disabled = false;
        return view.say(words.fault(error.message));
      }
      const files = Object.keys(known.derivations).filter((file) => Object.values(known.claims).some((claim) => claim.file === file));
      const chapter = make("select", { id: "cnnsym-recheck-chapter" }, ...files.map((file) => make("option", { value: file }, known.derivations[file].title[lang])));
      const claim = make("select", { id: "cnnsym-recheck-claim" });
      const declared = make("pre", { tabindex: "0" });
      const chosen = () => known.claims[claim.value];
      const writing = editor(view, () => editable(chosen()?.latex ?? ""), () => [{ id: claim.value, file: chapter.value }]);
      const fill = () => {
        const listed = Object.entries(known.claims).filter(([, one]) => one.file === chapter.value);
        claim.replaceChildren(...listed.map(([id, one]) => make("option", { value: id }, `${id}　${one.title[lang]}`)));
        declared.textContent = known.derivations[chapter.value].context;
        writing.reset();
      };
      chapter.addEventListener("change", fill);
      claim.addEventListener("change", writing.reset);
      fill();
      const choice = make(
        "div",
        { class: "cnnsym-recheck__choice" },
        make("label", { for: chapter.id }, words.chapter), chapter,
        make("label", { for: claim.id }, words.claim), claim,
        make("details", { class: "cnnsym-recheck__part" }, make("summary", {}, words.declared), declared),
      );
      button.remove();
      place.replaceChildren(choice, writing.form, view.box);
      chapter.focus();
      writing.form.requestSubmit();
    });
  }
  document.querySelectorAll('[data-recheck="playground"]').forEach(playground);
})();
