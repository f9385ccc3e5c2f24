// The page: which view is shown, by the address; and the keys that hold everywhere.

import { ask, el, fill, hash, brief } from "./explore.dom.js";
import { clusters } from "./explore.clusters.js";
import { documents } from "./explore.documents.js";
import { signals } from "./explore.signals.js";
import { version } from "./explore.version.js";
import { versions } from "./explore.versions.js";

const VIEWS = { versions, version, documents, signals, clusters };
const TITLES = { versions: "Versions", version: "One version", documents: "Documents", signals: "Signals", clusters: "Clusters" };
const main = document.getElementById("main");
const words = document.getElementById("words");
const keys = document.getElementById("keys");
const nav = document.getElementById("views");
const page = { overview: null, now: null, open: null, deep: 0 };

function place() {
  const [name, query] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  return { name: name in VIEWS ? name : "versions", parameters: Object.fromEntries(new URLSearchParams(query ?? "")) };
}

// What the views are given: where to go, and what there is.
const app = {
  get overview() { return page.overview; },
  go(view, parameters) {
    const next = hash(view, parameters);
    if (next === location.hash) return show();
    location.hash = next;
  },
  tell(text) { document.getElementById("told").textContent = text; },
};

async function show() {
  const { name, parameters } = place();
  parameters.of ||= page.overview.newest;
  if (page.now !== name || !page.open) {
    main.replaceChildren();
    page.now = name;
    main.className = `view-${name}`;
    page.open = parameters.of ? VIEWS[name](main, app) : null;
  }
  document.title = `${TITLES[name]}: Penstock explorer`;
  draw(name, parameters);
  if (!page.open) {
    main.replaceChildren(el("p", { class: "problem" }, "This store holds no versions yet: penstock run makes them."));
    return;
  }
  await page.open.update(parameters);
  if (!main.contains(document.activeElement) && document.activeElement !== words) page.open.list?.box.focus({ preventScroll: true });
  app.tell(document.title);
}

function draw(name, parameters) {
  const of = parameters.of;
  nav.replaceChildren(...Object.entries(TITLES).map(([view, title]) => el("a", {
    href: hash(view, { of: view === "version" && of.startsWith("run:") ? (parameters.from ?? "") || of : of }),
    "aria-current": view === name ? "page" : undefined,
  }, title)));
  document.getElementById("about").replaceChildren("Looking at ", el("b", {}, of.startsWith("run:") ? of.slice(4).replace("/", ", run ") : brief(of)));
  if (document.activeElement !== words) words.value = name === "documents" ? parameters.words ?? "" : "";
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = words.value.trim();
  if (!given) return;
  words.blur();
  app.go("documents", { of: place().parameters.of ?? page.overview.newest, words: given });
});

document.getElementById("help").addEventListener("click", () => keys.showModal());

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || keys.open) return;
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "Escape") {
    if (typing) event.target.blur();
    else if (page.deep > 0) history.back();
    page.open?.list?.box.focus();
  } else if (typing) return;
  else if (event.key === "/") words.select();
  else if (event.key === "?") keys.showModal();
  else if (event.key === "g") page.open?.figure?.();
  else if ("12345".includes(event.key)) nav.children[Number(event.key) - 1].click();
  else if (!event.target.closest("a, button, summary, [data-keys]") || "jk".includes(event.key)) {
    page.open?.list?.key(event);
    return;
  } else return;
  event.preventDefault();
});

// How many steps back stay on this page: each entry of the history knows its own number.
function count() {
  page.deep = history.state?.deep ?? page.deep + 1;
  history.replaceState({ deep: page.deep }, "");
}

addEventListener("hashchange", () => { count(); show(); });
history.replaceState({ deep: history.state?.deep ?? 0 }, "");
page.deep = history.state.deep;

const begun = await fill(main, async () => {
  page.overview = await ask("overview");
  document.getElementById("store").textContent = page.overview.store;
  return [];
});
if (begun && page.overview) await show();
