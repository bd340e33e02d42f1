// Compiles archives of Python sources with the very Pyodide that will run them: JSON on standard input,
//
//   {"script": "compiled.py", "archives": [{"source": "a.zip", "target": "b.zip", "kept": "project/"}, ...]}
//
// Bytecode depends on the version of Python, and Pyodide's is not the one that builds the site.

import { readFile, writeFile } from "node:fs/promises";
import { loadPyodide } from "pyodide";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { script, archives } = JSON.parse(Buffer.concat(chunks).toString("utf8"));

try {
  const pyodide = await loadPyodide();
  pyodide.runPython(await readFile(script, "utf8"));
  const pack = pyodide.globals.get("pack");
  for (const [k, { source, target, kept }] of archives.entries()) {
    pyodide.unpackArchive(new Uint8Array(await readFile(source)), "zip", { extractDir: `/in${k}` });
    pack(`/in${k}`, `/out${k}.zip`, kept);
    await writeFile(target, pyodide.FS.readFile(`/out${k}.zip`));
  }
} catch (error) {
  // Pyodide's own code is one line of a megabyte, which Node would print.
  console.error(String(error?.message ?? error).slice(-2000));
  process.exit(1);
}
