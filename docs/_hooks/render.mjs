// Renders a batch of formulas with KaTeX: JSON on standard input, JSON on standard output.
//
//   in   {"formulas": [{"tex": "...", "display": true}, ...]}
//   out  {"version": "0.19.1", "results": [{"html": "...", "warnings": [...]} | {"error": "...", "position": 7}, ...]}
//
// One process renders all formulas of a build: starting Node costs more than rendering a page.

import katex from "katex";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { formulas } = JSON.parse(Buffer.concat(chunks).toString("utf8"));

function render({ tex, display }) {
  const warnings = [];
  // KaTeX reports characters that it has no metrics for on the console only. They are set in
  // some other font at some other width, so the author should hear of them.
  console.warn = (...words) => warnings.push(words.join(" "));
  try {
    const html = katex.renderToString(tex, {
      displayMode: display,
      output: "htmlAndMathml",
      throwOnError: true,
      // KaTeX accepts some input that LaTeX rejects; the same source should work in both.
      strict: (code, message) => {
        if (code === "htmlExtension") return "ignore"; // \htmlId below; `trust` has the say there
        warnings.push(`${message} [${code}]`);
        return "ignore";
      },
      // \htmlId carries the anchors of labelled rows. Links, images, styles and classes stay forbidden.
      trust: ({ command }) => command === "\\htmlId",
      maxExpand: 1000,
    });
    return { html, warnings };
  } catch (error) {
    if (!(error instanceof katex.ParseError)) throw error;
    return { error: error.rawMessage ?? error.message, position: error.position ?? null };
  }
}

process.stdout.write(JSON.stringify({ version: katex.version, results: formulas.map(render) }));
