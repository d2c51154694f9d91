// The part of WASI preview 1 that the engine calls: clock, randomness, standard output. It has no files and no
// network. Everything else answers ENOSYS.

const ok = 0, badf = 8, nosys = 52;

// imports returns the functions that a module asks for. print gets the lines of its standard output and error.
export function imports(module, print) {
  let memory;
  const view = () => new DataView(memory.buffer);
  const line = { 1: "", 2: "" };
  const decoder = new TextDecoder();
  const pause = typeof SharedArrayBuffer === "function" ? new Int32Array(new SharedArrayBuffer(4)) : null;

  const nanoseconds = (realtime) => (realtime ? performance.timeOrigin : 0) + performance.now();
  const putTime = (at, ms) => {
    const whole = Math.floor(ms), v = view();
    const ns = BigInt(whole) * 1000000n + BigInt(Math.floor((ms - whole) * 1e6));
    v.setBigUint64(at, ns, true);
  };

  const known = {
    clock_time_get(id, precision, at) {
      putTime(at, nanoseconds(id === 0));
      return ok;
    },
    random_get(at, n) {
      for (let done = 0; done < n; done += 65536) {
        crypto.getRandomValues(new Uint8Array(memory.buffer, at + done, Math.min(65536, n - done)));
      }
      return ok;
    },
    fd_write(fd, list, count, written) {
      if (fd !== 1 && fd !== 2) return badf;
      const v = view();
      let n = 0;
      for (let i = 0; i < count; i++) {
        const at = v.getUint32(list + 8 * i, true), length = v.getUint32(list + 8 * i + 4, true);
        line[fd] += decoder.decode(new Uint8Array(memory.buffer, at, length));
        n += length;
      }
      const lines = line[fd].split("\n");
      line[fd] = lines.pop();
      for (const text of lines) print(text);
      v.setUint32(written, n, true);
      return ok;
    },
    // Only clocks are waited for. Where a thread may not wait it returns at once, and is called again.
    poll_oneoff(subscriptions, events, count, happened) {
      const v = view();
      let least = Infinity;
      for (let i = 0; i < count; i++) {
        const at = subscriptions + 48 * i;
        if (v.getUint8(at + 8) !== 0) continue;
        let ms = Number(v.getBigUint64(at + 24, true)) / 1e6;
        if (v.getUint16(at + 40, true) & 1) ms -= nanoseconds(v.getUint32(at + 16, true) === 0);
        least = Math.min(least, ms);
      }
      if (pause && least > 0 && least < Infinity) Atomics.wait(pause, 0, 0, least);
      for (let i = 0; i < count; i++) {
        const from = subscriptions + 48 * i, to = events + 32 * i;
        v.setBigUint64(to, v.getBigUint64(from, true), true);
        v.setUint16(to + 8, ok, true);
        v.setUint8(to + 10, v.getUint8(from + 8));
      }
      v.setUint32(happened, count, true);
      return ok;
    },
    fd_fdstat_get(fd, at) {
      if (fd > 2) return badf;
      new Uint8Array(memory.buffer, at, 24).fill(0);
      view().setUint8(at, 2); // a character device
      return ok;
    },
    fd_fdstat_set_flags: () => ok,
    fd_prestat_get: () => badf,
    sched_yield: () => ok,
    proc_exit(code) { throw new Error(`the engine ended with code ${code}`); },
  };
  for (const name of ["args", "environ"]) {
    known[`${name}_sizes_get`] = (count, size) => {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return ok;
    };
    known[`${name}_get`] = () => ok;
  }

  const out = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    out[from] ??= {};
    out[from][name] = known[name] ?? (() => nosys);
  }
  return { functions: out, use: (m) => { memory = m; } };
}

// start starts an engine and returns a function that answers a request, both as JSON.
export async function start(module, print) {
  const wasi = imports(module, print);
  const { exports } = await WebAssembly.instantiate(module, wasi.functions);
  wasi.use(exports.memory);
  exports._initialize();
  const encoder = new TextEncoder(), decoder = new TextDecoder();
  return (request) => {
    const bytes = encoder.encode(request);
    const at = exports.room(bytes.length) >>> 0;
    new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
    const answer = BigInt.asUintN(64, exports.ask(bytes.length));
    return decoder.decode(new Uint8Array(exports.memory.buffer, Number(answer & 0xffffffffn), Number(answer >> 32n)));
  };
}
