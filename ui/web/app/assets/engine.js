// The ways to an engine: a worker in this tab, the program that serves the page, or the frames of a run that the page
// holds itself. Each answers requests one after the other.

class Engine {
  #waiting = [];
  #last = 0;

  // ask resolves to the response, and rejects with its error.
  ask(request) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.send(JSON.stringify({ id: ++this.#last, ...request }));
    });
  }

  answered(text) {
    const response = JSON.parse(text);
    const { resolve, reject } = this.#waiting.shift();
    if (response.error) reject(new Error(response.error));
    else resolve(response);
  }

  failed(message) {
    const all = this.#waiting;
    this.#waiting = [];
    for (const { reject } of all) reject(new Error(message));
    this.send = () => { for (const { reject } of this.#waiting.splice(0)) reject(new Error(message)); };
  }
}

// connect returns an engine when it is ready. progress is called with a text and a share from 0 to 1.
export function connect(progress) {
  return { live, tab: inTab, recording: recorded }[document.documentElement.dataset.engine](progress);
}

// The token is in the link that opens the page. It is kept for this tab, and taken out of the address.
function token() {
  const here = new URL(location.href);
  const given = here.searchParams.get("token");
  if (given) {
    sessionStorage.setItem("token", given);
    here.searchParams.delete("token");
    history.replaceState(null, "", here);
  }
  return given ?? sessionStorage.getItem("token") ?? "";
}

async function live(progress) {
  progress("Connecting to stickylab", 0);
  const url = new URL("engine", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  url.search = new URLSearchParams({ token: token() });
  const engine = new Engine();
  const socket = new WebSocket(url);
  engine.send = (text) => socket.send(text);
  socket.onmessage = ({ data }) => engine.answered(data);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onclose = () => {
      const message = "The connection to stickylab ended. Is the program still running? Its link has a token that this page needs: open the link that it printed.";
      engine.failed(message);
      reject(new Error(message));
    };
  });
  return engine;
}

// download reads the module's bytes and reports how far it is.
async function download(url, progress) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}: ${response.status} ${response.statusText}`);
  const size = Number(response.headers.get("Content-Length")) || 0;
  let done = 0;
  const counted = new TransformStream({
    transform(chunk, to) {
      done += chunk.length;
      progress(`Loading the engine, ${(done / 1e6).toFixed(1)} MB${size >= done ? ` of ${(size / 1e6).toFixed(1)} MB` : ""}`, size >= done ? done / size : 0.5);
      to.enqueue(chunk);
    },
  });
  return response.body.pipeThrough(counted);
}

// plain returns a stream without compression: a host may have taken it away already.
async function plain(stream) {
  const reader = stream.getReader();
  const { value: first } = await reader.read();
  const whole = new ReadableStream({
    start(to) { to.enqueue(first); },
    async pull(to) {
      const { value, done } = await reader.read();
      if (done) to.close(); else to.enqueue(value);
    },
  });
  return first?.[0] === 0x1f && first[1] === 0x8b ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}

// thread starts the worker from a text of this page: such a worker is under the page's Content-Security-Policy, one
// from a file is not.
function thread() {
  const code = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return new Worker(url, { type: "module" });
}

async function inTab(progress) {
  const worker = thread();
  const stream = await plain(await download(new URL("engine.bin", import.meta.url), progress));
  const module = await WebAssembly.compileStreaming(new Response(stream, { headers: { "Content-Type": "application/wasm" } }));
  progress("Starting the engine", 1);
  const engine = new Engine();
  await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.ready ? resolve() : reject(new Error(data.failure)));
    worker.onerror = (event) => reject(new Error(event.message || "the worker did not start"));
    worker.postMessage(module);
  });
  engine.send = (text) => worker.postMessage(text);
  worker.onmessage = ({ data }) => (data.failure ? engine.failed(`The engine failed: ${data.failure}`) : engine.answered(data.answer));
  return engine;
}

// recorded answers from the recording in the page. Nothing can be done to it.
async function recorded(progress) {
  progress("Opening the recording", 0);
  const bytes = Uint8Array.from(atob(document.getElementById("recording").textContent), (c) => c.charCodeAt(0));
  const text = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  const [opened, ...frames] = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const frame of frames) frame.head = opened.end;
  const answers = {
    open: () => ({ opened, frame: frames[0] }),
    show: ({ at }) => ({ frame: frames.find((f) => f.at >= at - 0.001) ?? frames.at(-1) }),
    complete: () => ({ complete: [] }),
  };
  return {
    async ask(request) {
      const answer = answers[request.verb];
      if (!answer) throw new Error("This is a recording: it can be watched, not changed, and holds no closer look.");
      return answer(request);
    },
  };
}
