// The line protocol between a test and a script: the test writes
// {"id":1,"call":"name","args":[]}, the script answers {"id":1,"result":...} or
// {"id":1,"error":"..."}, and tells of what happens meanwhile: {"tell":[...]}.
// Bytes travel as {"base64":"..."}.
import { createInterface } from "node:readline";

function pack(v) {
  if (v instanceof ArrayBuffer) v = Buffer.from(v);
  if (ArrayBuffer.isView(v)) return { base64: Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString("base64") };
  if (Array.isArray(v)) return v.map(pack);
  if (v instanceof Set) return [...v].map(pack);
  if (v && typeof v === "object" && !v.toJSON) {
    return Object.fromEntries(Object.entries(v).map(([key, value]) => [key, pack(value)]));
  }
  return v;
}

function unpack(_, v) {
  return v && typeof v.base64 === "string" ? Buffer.from(v.base64, "base64") : v;
}

function write(line) {
  process.stdout.write(JSON.stringify(line) + "\n");
}

// tell reports an event. The first value says of whom.
export function tell(...event) {
  write({ tell: pack(event) });
}

// serve answers calls until the test closes stdin.
export function serve(methods) {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const { id, call, args } = JSON.parse(line, unpack);
    try {
      write({ id, result: pack(await methods[call](...args)) ?? null });
    } catch (e) {
      write({ id, error: e.message });
    }
  });
  lines.on("close", () => process.exit(0));
  tell("script", "ready");
}
