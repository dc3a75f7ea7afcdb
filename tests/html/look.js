// What browser.sh asks of each page, in a real browser, without touching it: each stands in a frame
// of a width of its own, and this script outside of it.  A line of TAP for each question.
"use strict";

const lines = [];
let number = 0;

function tell(page, what, wrong) {
  number += 1;
  lines.push((wrong.length ? "not ok " : "ok ") + number + " - " + page + ": " + what);
  wrong.slice(0, 5).forEach((w) => lines.push("# " + w));
}

function outline(e) {
  return e.outerHTML.slice(0, 160).replace(/\s+/g, " ");
}

// ---- what stands in it ----

const allowed = new Set(
  ("a aside b bdi body caption dd details div dl dt em figcaption figure footer h1 h2 h3 h4 head " +
    "header html i li main meta nav ol p rect section span style summary svg table tbody td th " +
    "thead title tr ul").split(" "));

function foreign(doc) {
  const wrong = [];
  for (const e of doc.querySelectorAll("*")) {
    if (!allowed.has(e.localName)) wrong.push("element " + outline(e));
    for (const a of e.attributes) {
      const bad = a.name.startsWith("on") || a.name === "style" || a.name === "src" ||
        a.name === "srcset" || (a.name === "href" && !a.value.startsWith("#"));
      if (bad) wrong.push("attribute " + a.name + " of " + outline(e));
    }
  }
  return wrong;
}

function closed(doc) {
  const policy = doc.querySelector("meta[http-equiv=Content-Security-Policy]");
  const loaded = doc.defaultView.performance.getEntriesByType("resource").map((r) => r.name);
  const strict = policy && policy.content.startsWith("default-src 'none'; ") &&
    !/script-src|https?:|\*/.test(policy.content);
  return strict ? loaded : loaded.concat("no strict policy");
}

function structure(doc) {
  const wrong = [];
  const levels = [...doc.querySelectorAll("h1,h2,h3,h4,h5,h6")].map((h) => Number(h.localName[1]));
  levels.forEach((l, i) => {
    if (l > (i ? levels[i - 1] : 0) + 1) wrong.push("heading " + i + " is h" + l);
  });
  if (levels.filter((l) => l === 1).length !== 1) wrong.push("h1 is not one");
  for (const landmark of ["header", "main", "footer"])
    if (doc.querySelectorAll("body > " + landmark).length !== 1) wrong.push("no one " + landmark);
  for (const t of doc.querySelectorAll("table"))
    if (!t.caption || !t.caption.textContent.trim()) wrong.push("no caption: " + outline(t));
  for (const th of doc.querySelectorAll("th")) if (!th.scope) wrong.push("no scope: " + outline(th));
  for (const f of doc.querySelectorAll("figure"))
    if (!f.getAttribute("aria-label") || !f.querySelector("figcaption").textContent.trim())
      wrong.push("a drawing without words");
  for (const s of doc.querySelectorAll("svg"))
    if (s.getAttribute("aria-hidden") !== "true") wrong.push("a picture that is read: " + outline(s));
  if (doc.documentElement.lang !== "en" || !doc.title.trim()) wrong.push("lang or title is missing");
  return wrong;
}

function links(doc) {
  const wrong = [], ids = new Set();
  for (const e of doc.querySelectorAll("[id]")) {
    if (ids.has(e.id)) wrong.push("id twice: " + e.id);
    ids.add(e.id);
  }
  for (const a of doc.querySelectorAll("a"))
    if (!ids.has(a.getAttribute("href").slice(1))) wrong.push("leads nowhere: " + outline(a));
  for (const e of doc.querySelectorAll("[aria-labelledby]"))
    if (!ids.has(e.getAttribute("aria-labelledby"))) wrong.push("no label: " + outline(e));
  return wrong;
}

// A sign never stands without its word.
function words(doc) {
  return [...doc.querySelectorAll(".tag")]
    .filter((t) => !/[a-z]{3}/.test(t.textContent)).map(outline);
}

// ---- what it looks like ----

function luminance(c) {
  const [r, g, b] = c.map((v) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function numbers(color) {
  return color.match(/[\d.]+/g).map(Number);
}

function behind(view, e) {
  for (; e; e = e.parentElement) {
    const c = numbers(view.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c.slice(0, 3);
    if (c[3] !== 0) throw new Error("a background that is half there: " + outline(e));
  }
  throw new Error("no background");
}

function contrast(doc) {
  const wrong = [], view = doc.defaultView;
  let least = 21;
  for (const e of doc.body.querySelectorAll("*")) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue;
    const one = luminance(numbers(view.getComputedStyle(e).color).slice(0, 3));
    const two = luminance(behind(view, e));
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    least = Math.min(least, ratio);
    if (ratio < 4.5) wrong.push(ratio.toFixed(2) + " " + outline(e));
  }
  lines.push("# least contrast " + least.toFixed(2) + ":1");
  return wrong;
}

function width(doc) {
  const root = doc.documentElement, wrong = [];
  if (root.scrollWidth > root.clientWidth)
    wrong.push(root.scrollWidth + " wide in " + root.clientWidth);
  for (const e of doc.body.querySelectorAll("*")) {
    const hidden = doc.defaultView.getComputedStyle(e).position === "absolute" ||
      e.closest("caption,thead");
    if (!hidden && e.getBoundingClientRect().right > root.clientWidth + 1)
      wrong.push("beyond the edge: " + outline(e));
  }
  return wrong;
}

// Now and afterwards: side by side where there is room, else one below the other.
function sides(doc, wide) {
  const wrong = [];
  for (const node of doc.querySelectorAll(".node.changes")) {
    const [now, after] = [...node.querySelectorAll(".side")].map((s) => s.getBoundingClientRect());
    if (wide ? now.top !== after.top : after.top < now.bottom) wrong.push(outline(node));
  }
  return wrong;
}

// ---- names from outside ----

function inert(doc, names) {
  const shown = new Set([...doc.querySelectorAll("bdi")].map((b) => b.textContent));
  const wrong = names.filter((n) => !shown.has(n)).map((n) => "not shown as it is: " + n);
  if (doc.defaultView.pwned !== undefined || window.pwned !== undefined) wrong.push("it ran");
  return wrong;
}

function look(frame) {
  const doc = frame.contentDocument, page = frame.title + " at " + frame.width;
  const wide = Number(frame.width) > 1000;
  tell(page, "nothing but our own markup", foreign(doc));
  if (frame.dataset.names)
    tell(page, "names are text", inert(doc, JSON.parse(frame.dataset.names)));
  else tell(page, "loads nothing, and may not", closed(doc));
  tell(page, "headings, landmarks, captions, scopes", structure(doc));
  tell(page, "links and labels lead somewhere", links(doc));
  tell(page, "every sign has a word", words(doc));
  tell(page, "contrast of 4.5 to 1", contrast(doc));
  tell(page, "no scrolling sideways", width(doc));
  tell(page, "now and afterwards", sides(doc, wide));
}

window.addEventListener("load", () => {
  try {
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    tell("browser", "shows " + document.body.dataset.scheme,
      (dark ? "dark" : "light") === document.body.dataset.scheme ? [] : ["it does not"]);
    document.querySelectorAll("iframe").forEach(look);
  } catch (e) {
    tell("browser", String(e), ["the script broke off"]);
  }
  lines.push("1.." + number);
  const out = document.createElement("pre");
  out.id = "out";
  out.textContent = "\n" + lines.join("\n") + "\n";
  document.body.replaceChildren(out);
});
