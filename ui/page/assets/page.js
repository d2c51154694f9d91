// The page: what the client tells goes to the parts of the screen, what the
// user does goes to the client.
import { Client } from "./client.js";
import { element, setText } from "./element.js";
import { Journal } from "./journal.js";
import { Messages } from "./messages.js";
import { Nodes } from "./nodes.js";
import { People } from "./people.js";
import { check, load, next, save } from "./settings.js";

const byId = (id) => document.getElementById(id);

const nodes = new Nodes(JSON.parse(document.body.dataset.nodes));
const messages = new Messages(nodes, byId("messages"), byId("list"), byId("newer"));
const people = new People(nodes, byId("people"), byId("people-count"));
const journal = new Journal(byId("journal"), byId("journal-count"));

const noEcho = "no echo before the connection ended";

let settings = load();
let client;
let home = ""; // the node of this page
let reconnects = 0;

const on = {
  state(state, attempt) {
    const place = byId("state");
    place.dataset.state = state;
    setText(place, state);
    setText(byId("attempt"), attempt > 0 ? `, attempt ${attempt}` : "");
    setText(byId("toggle"), state === "disconnected" ? "Connect" : "Disconnect");
    if (state === "connected") setText(byId("alert"), "");
  },
  transport(name, from) {
    setText(byId("transport"), from ? `${from} → ${name}` : name || "none");
    if (name) journal.add("note", from ? `upgraded from ${from} to ${name}` : `connected over ${name}`);
  },
  node(node, again) {
    const was = home;
    home = node;
    byId("node").replaceChildren(nodes.mark(node), element("span", "name", node));
    people.home(settings.name, node);
    if (again) setText(byId("reconnects"), String(++reconnects));
    const moved = again && was !== node ? [", before on ", nodes.mark(was), ` ${was}`] : [];
    messages.event("up", again ? "back on " : "connected to ", nodes.mark(node), ` ${node}`, ...moved);
    journal.add("note", `${again ? "back on" : "welcomed by"} ${node}`);
    document.title = `${nodes.letter(node)} ${node} · stickylab chat`;
  },
  said(message) {
    people.heard(message);
    if (client.isOwn(message)) messages.echo(message, home);
    else messages.said(message, home);
  },
  sent(id) {
    messages.sent(id);
  },
  broken(reason, ids) {
    ids.forEach((id) => messages.lost(id, noEcho));
    messages.event("down", "disconnected: ", element("code", "", reason));
    journal.add("error", `disconnected: ${reason}`);
    away();
  },
  error(text) {
    setText(byId("alert"), text);
    journal.add("error", text);
  },
  note(text) {
    journal.add("note", text);
  },
};

// away says that we are on no node now.
function away() {
  if (home) byId("node").replaceChildren(element("small", "", "was"), nodes.mark(home), element("span", "name", home));
  people.home(settings.name, "");
  document.title = "stickylab chat";
}

function open() {
  setText(byId("room-name"), settings.room);
  byId("name").value = settings.name;
  byId("room").value = settings.room;
  byId("transports").value = settings.transports.join(",");
  const { name } = settings;
  away();
  client = new Client(settings, () => next(name), on);
}

byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("text");
  const text = field.value.trim();
  if (text !== "") {
    const id = client.newId();
    messages.own(id, settings.name, text);
    client.say(id, text);
  }
  field.value = "";
  field.focus();
});

byId("settings").addEventListener("submit", (event) => {
  event.preventDefault();
  const { room } = settings;
  settings = check(Object.fromEntries(new FormData(event.target)));
  save(settings);
  history.replaceState(null, "", location.pathname); // they replace those in the address
  const { unsent, unheard } = client.close();
  unsent.forEach((id) => messages.lost(id, "not sent"));
  unheard.forEach((id) => messages.lost(id, noEcho));
  if (settings.room !== room) people.forget();
  messages.event("note", `settings: ${settings.name} in ${settings.room} over ${settings.transports.join(", then ")}`);
  on.transport("");
  open();
});

byId("toggle").addEventListener("click", () => {
  if (byId("state").dataset.state === "disconnected") client.connect();
  else client.disconnect();
});

// Next to the chat the panels are open together; above it, on a phone, one at a
// time. The Tab key goes as the eye does.
const wide = matchMedia("(min-width: 52rem)");
function arrange() {
  const [aside, main] = [document.querySelector("aside"), document.querySelector("main")];
  if (wide.matches) main.after(aside);
  else main.before(aside);
  for (const panel of document.querySelectorAll("aside details")) {
    if (wide.matches) panel.removeAttribute("name");
    else panel.setAttribute("name", "panel");
    panel.open = wide.matches;
  }
}
wide.addEventListener("change", arrange);
arrange();
save(settings);
open();
