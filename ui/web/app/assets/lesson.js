// A lesson next to the picture: what it tells, its questions, what came of the answers, and why.

import { byID, clock, el, markdown } from "./dom.js";

// drawLesson draws what a lesson has said so far. answer is called with a choice, resume to continue.
export function drawLesson(lesson, { answer, resume, open }) {
  const panel = byID("lesson");
  panel.hidden = !lesson;
  if (!lesson) return;
  const key = JSON.stringify([lesson.state, lesson.said, lesson.end]);
  if (panel.dataset.key === key) return;
  panel.dataset.key = key;
  const last = lesson.said.length - 1;
  panel.replaceChildren(
    el("p", { class: "place dim" }, lesson.place),
    el("div", { class: "told", "aria-live": "polite" }, lesson.said.map((said, i) => block(said, i === last, lesson.state, { answer, resume })), ending(lesson, open)));
  const now = panel.querySelector(".now");
  panel.scrollTop = now && panel.scrollHeight > panel.clientHeight ? now.offsetTop - panel.offsetTop - 8 : 0;
  if (lesson.state === "asking" || lesson.state === "revealed") {
    now?.querySelector("button")?.focus({ preventScroll: true });
    if (matchMedia("(max-width: 64rem)").matches) now?.scrollIntoView({ block: "end" });
  }
}

function block(said, isLast, state, { answer, resume }) {
  const now = isLast && state !== "over" ? " now" : "";
  const time = el("time", null, clock(said.at, false));
  if (said.ask) {
    const asking = isLast && state === "asking";
    return el("section", { class: `said question${now}` }, time, el("h3", null, said.ask),
      el("ol", { class: "choices" }, said.choices.map((text, i) => el("li", null,
        el("button", { class: i === said.chosen ? "chosen" : "quiet", disabled: !asking, onclick: () => answer(i) }, text)))));
  }
  if (said.outcome) {
    const right = said.chosen >= 0 && said.chosen === said.right;
    return el("section", { class: `said outcome${now} ${right ? "right" : "wrong"}` }, time, said.outcome.slice(1).flatMap(markdown),
      isLast && state === "revealed" ? el("button", { onclick: resume }, "Continue") : "");
  }
  return el("section", { class: `said${now}` }, time, markdown(said.text));
}

function ending(lesson, open) {
  const { end } = lesson;
  if (!end) return "";
  return el("section", { class: "said now end" }, el("h3", null, "Why"), markdown(end.cause),
    end.fixed ? [el("h3", null, "The fix"), markdown(end.fixed)] : "",
    end.code ? el("pre", { class: "scroll", tabindex: 0 }, end.code.trimEnd()) : "",
    el("p", null, el("strong", null, lesson.score)),
    el("div", { class: "next" },
      end.fix ? el("button", { class: "quiet", onclick: () => open(`#${end.name}/${end.fix}`) }, "Watch it with the fix") : "",
      end.next ? el("button", { onclick: () => open(`#lesson/${end.next}`) }, "The next lesson") : ""),
    end.texts?.length ? [el("h3", null, "What people search for"), el("ul", null, end.texts.map((t) => el("li", null, t)))] : "",
    end.docs?.length ? [el("h3", null, "Where it is documented"), el("ul", null, end.docs.map((d) => el("li", null, el("a", { href: d, rel: "noreferrer" }, d))))] : "");
}
