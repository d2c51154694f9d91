// node traces.mjs WASI ENGINE SCENARIO...: prints the SHA-256 of each scenario's trace, as the engine makes it, with
// the page's own part of WASI.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [wasi, engine, ...scenarios] = process.argv.slice(2);
const { start } = await import(pathToFileURL(wasi));
const answer = await start(await WebAssembly.compile(readFileSync(engine)), (line) => console.error(line));

function ask(request) {
  const response = JSON.parse(answer(JSON.stringify(request)));
  if (response.error) throw new Error(`${JSON.stringify(request)}: ${response.error}`);
  return response;
}

for (const scenario of scenarios) {
  const { end } = ask({ verb: "open", scenario }).opened;
  while (ask({ verb: "show", at: end }).frame.head < end);
  const hash = createHash("sha256");
  for (let next = 1; next > 0;) {
    const { trace } = ask({ verb: "trace", from: next });
    hash.update(trace.lines);
    next = trace.next;
  }
  console.log(scenario, hash.digest("hex"));
}
process.exit(0); // the engine's goroutines do not end
