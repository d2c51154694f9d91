// The settings of this tab. The address can give them (?name=ann&room=lobby&
// transports=websocket); afterwards they last as long as the tab, over reloads.

const paths = ["polling,websocket", "websocket", "polling"];

// load returns {name, room, transports}.
export function load() {
  const given = new URLSearchParams(location.search);
  const pick = (key) => given.get(key) || read(key);
  return check({
    name: pick("name") || `guest-${Math.random().toString(36).slice(2, 6).padEnd(4, "0")}`,
    room: pick("room") || "lobby",
    transports: pick("transports") || paths[0],
  });
}

// save keeps settings for the next load.
export function save(settings) {
  for (const key of ["name", "room"]) write(key, settings[key]);
  write("transports", settings.transports.join(","));
}

// check makes settings out of what was given.
export function check({ name, room, transports }) {
  return {
    name: name.trim().slice(0, 40) || "guest",
    room: room.trim().slice(0, 40) || "lobby",
    transports: (paths.includes(transports) ? transports : paths[0]).split(","),
  };
}

// next returns the number of the next message of a name, from 1. It continues
// over reloads: an id must not come twice.
export function next(name) {
  const key = `said:${name}`;
  const n = Number(read(key) || 0) + 1;
  write(key, String(n));
  return n;
}

const memory = new Map(); // where storage is switched off

function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

function write(key, value) {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}
