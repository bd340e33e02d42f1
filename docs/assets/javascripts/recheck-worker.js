// The worker that checks formulas: starts Pyodide, then answers one request after another.
//
//   in   {"id": 1, "claims": [{"id", "file", "latex"}], "lang": "en", "latex": null | "what the reader wrote"}
//   out  {"stage": "download", "done": 1234}          bytes so far
//        {"stage": "start"}, {"stage": "load"}, {"stage": "ready"}
//        {"id": 1, "finding": {...}}, {"id": 1, "end": true, "milliseconds": 12}
//        {"fault": "..."}                              nothing works: the page must start another worker
//
// Everything comes from the folder that the page names; no other address is ever asked.

const home = new URL("../recheck/", import.meta.url);
const fetched = self.fetch.bind(self);
let done = 0;

// Counts what arrives, and unpacks what is served compressed, so that its size does not depend on the host.
async function counted(url, compressed) {
  const reply = await fetched(url);
  if (!reply.ok) throw new Error(`${new URL(url).pathname}: ${reply.status}`);
  const count = new TransformStream({
    transform(chunk, control) {
      done += chunk.byteLength;
      self.postMessage({ stage: "download", done });
      control.enqueue(chunk);
    },
  });
  let body = reply.body.pipeThrough(count);
  if (compressed) body = body.pipeThrough(new DecompressionStream("gzip"));
  return new Response(body, { headers: { "Content-Type": compressed ? "application/wasm" : "application/octet-stream" } });
}

self.fetch = (resource, options) => {
  const url = new URL(typeof resource === "string" ? resource : (resource.url ?? resource), import.meta.url);
  if (!url.href.startsWith(home.href)) return fetched(resource, options);
  const name = url.pathname.split("/").pop();
  return name === "pyodide.asm.wasm" ? counted(`${url.href}.packed`, true) : counted(url.href, false);
};

const archive = async (name) => new Uint8Array(await (await self.fetch(new URL(name, home).href)).arrayBuffer());

async function start() {
  // All at once: the archives arrive while Pyodide starts.
  const archives = ["z3.zip", "libraries.zip", "project.zip"].map(archive);
  archives.forEach((one) => one.catch(() => {})); // the one that is awaited below tells
  const { loadPyodide } = await import(new URL("pyodide.mjs", home).href);
  const pyodide = await loadPyodide({ indexURL: home.href });
  self.postMessage({ stage: "start" });
  const [z3, libraries, project] = await Promise.all(archives);
  self.postMessage({ stage: "load" });
  const place = pyodide.runPython("import site; site.getsitepackages()[0]");
  pyodide.unpackArchive(libraries, "zip", { extractDir: place });
  pyodide.unpackArchive(z3, "zip", { extractDir: place });
  pyodide.unpackArchive(project, "zip", { extractDir: "/" });
  pyodide.runPython("import sys; sys.path.insert(0, '/'); import start");
  self.postMessage({ stage: "ready" });
  return pyodide.runPython("start.answer");
}

const short = (error) => String(error?.message ?? error).trim().split("\n").pop().slice(0, 400);
const started = start();
started.catch((error) => self.postMessage({ fault: short(error) }));

self.onmessage = async ({ data }) => {
  let answer;
  try {
    answer = await started;
  } catch {
    return; // told already
  }
  const begun = performance.now();
  try {
    answer(JSON.stringify(data), (finding) => self.postMessage({ id: data.id, finding: JSON.parse(finding) }));
    self.postMessage({ id: data.id, end: true, milliseconds: performance.now() - begun });
  } catch (error) {
    self.postMessage({ fault: short(error) });
  }
};
