// The engine in a separate thread: the first message is its module, each one after it a request.

import { start } from "./wasi.js";

let ask, lines = [];

self.onmessage = async ({ data }) => {
  try {
    if (data instanceof WebAssembly.Module) {
      ask = await start(data, (line) => { lines = [...lines.slice(-40), line]; });
      self.postMessage({ ready: true });
      return;
    }
    self.postMessage({ answer: ask(data) });
  } catch (err) {
    self.postMessage({ failure: [String(err?.message ?? err), ...lines].join("\n") });
  }
};
