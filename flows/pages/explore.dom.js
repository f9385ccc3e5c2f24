// Elements, words and questions. Text becomes text here and nothing else: no markup is ever parsed.

const SVG = "http://www.w3.org/2000/svg";

// An element with attributes and children; strings become text.
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// A link to another view of this page.
export function inside(view, parameters, ...children) {
  return el("a", { href: hash(view, parameters) }, ...children);
}

export function hash(view, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value);
  return `#/${view}${given.length ? "?" : ""}${new URLSearchParams(given)}`;
}

// The address of a page, as a link where it can only be one of the web.
export function address(row, ...more) {
  const shown = el("bdi", { class: "url" }, row.url || "(no address)");
  let safe = false;
  try {
    safe = row.link && ["http:", "https:"].includes(new URL(row.url).protocol);
  } catch { /* no address at all */ }
  if (!safe) return el("span", {}, shown, ...more);
  return el("a", { href: row.url, rel: "noreferrer noopener", target: "_blank" }, shown, ...more);
}

export const number = (value) => (value ?? 0).toLocaleString("en");
export const counted = (value, one, many) => `${number(value)} ${value === 1 ? one : many || `${one}s`}`;
export const brief = (of) => {
  const [stage, key = ""] = of.split("@");
  const [digits, second] = key.split("~");
  return `${stage}@${digits.slice(0, 12)}${second ? `~${second}` : ""}`;
};

export function amount(value) {
  if (value === null || value === undefined) return "";
  if (Number.isInteger(value)) return number(value);
  return String(Number(value.toPrecision(4)));
}

export function bytes(value) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  while (value >= 1000 && step < units.length - 1) [value, step] = [value / 1000, step + 1];
  return `${step && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

export function seconds(value) {
  if (value < 60) return `${value < 1 ? value.toFixed(2) : value.toFixed(1)} s`;
  const minutes = Math.floor(value / 60);
  return minutes < 60 ? `${minutes} min ${Math.round(value % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export const moment = (value) =>
  (typeof value === "number" ? new Date(value * 1000).toISOString() : value).replace("T", " ").slice(0, 16);

// What the server says; its sentence, where it cannot.
export async function ask(question, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== "");
  const reply = await fetch(`/api/${question}?${new URLSearchParams(given)}`).catch(() => null);
  if (!reply) throw new Error("The explorer does not answer any more: start penstock explore again.");
  const told = await reply.json();
  if (!reply.ok) throw new Error(told.error);
  return told;
}

// Fill a place with what comes of a question; a later one for the same place wins.
const asked = new WeakMap();
export async function fill(place, question) {
  const turn = (asked.get(place) ?? 0) + 1;
  asked.set(place, turn);
  place.setAttribute("aria-busy", "true");
  let children;
  try {
    children = await question();
  } catch (error) {
    children = [el("p", { class: "problem", role: "alert" }, error.message)];
  }
  if (asked.get(place) !== turn) return false;
  place.removeAttribute("aria-busy");
  place.replaceChildren(...[children].flat(3).filter(Boolean));
  return true;
}

export function card(title, ...children) {
  return el("section", { class: "card" }, title ? el("h2", {}, title) : null, ...children);
}

export function tiles(pairs) {
  return el("dl", { class: "tiles" }, pairs.filter((pair) => pair[1] !== "" && pair[1] !== undefined && pair[1] !== null)
    .map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

export function table(headings, rows, kind = "") {
  return el("div", { class: "scroll" }, el("table", { class: kind },
    el("thead", {}, el("tr", {}, headings.map((heading) => el("th", { scope: "col" }, heading)))),
    el("tbody", {}, rows.map((cells) => el("tr", {}, cells.map((cell, n) =>
      n ? el("td", {}, cell) : el("th", { scope: "row" }, cell)))))));
}

// Horizontal bars: [label, stayed, left, told].
export function bars(rows, title) {
  const most = Math.max(1, ...rows.map(([, stayed, left]) => stayed + left));
  return el("ul", { class: "bars", "aria-label": title }, rows.map(([label, stayed, left, told]) => el("li", {},
    el("span", {}, label), el("span", { class: "soft" }, told ?? number(stayed + left)),
    svg("svg", { width: "100%", height: 9, "aria-hidden": "true" },
      svg("rect", { class: "rail", width: "100%", height: 9 }),
      svg("rect", { class: "stayed", width: `${100 * stayed / most}%`, height: 9 }),
      svg("rect", { class: "gone", x: `${100 * stayed / most}%`, width: `${100 * left / most}%`, height: 9 })))));
}
