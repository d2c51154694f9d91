// element returns a new element with a class and children: nodes, or texts that
// are never read as HTML.
export function element(tag, className, ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children);
  return e;
}

// clock returns a time of the day as an element.
export function clock(date = new Date()) {
  const time = element("time", "", date.toLocaleTimeString([], { hour12: false }));
  time.dateTime = date.toISOString();
  return time;
}

// setText writes a text only when it changes: a live region would say it again.
export function setText(e, text) {
  if (e.textContent !== text) e.textContent = text;
}
