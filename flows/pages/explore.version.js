// The second view: one version, and how it differs from another.

import { address, ask, bars, brief, bytes, card, counted, el, fill, hash, inside, moment, number, seconds, table, tiles } from "./explore.dom.js";

const SHARDS = 50; // shown at once
const promise = { exact: "made again it is equal, digest by digest", tolerance: "made again it is equal within bounds", observed: "whatever the world gave" };

export function version(root, app) {
  const top = el("div");
  const below = el("div");
  const other = el("div");
  root.append(top, other, below);
  return {
    figure: () => top.querySelector("select")?.focus(),
    async update(parameters) {
      const of = parameters.of;
      if (of.startsWith("run:")) {
        await fill(top, async () => choose(await ask("graph", { of })));
        [other, below].forEach((place) => place.replaceChildren());
        return;
      }
      await fill(top, async () => {
        const [told, others] = await Promise.all([ask("version", { of }), ask("others", { of })]);
        below.replaceChildren(...parts(told), shards(told));
        return head(told, others, parameters.with ?? "", app);
      });
      other.replaceChildren();
      if (parameters.with) await compare(other, of, parameters.with);
    },
  };
}

function choose(graph) {
  return card("Which version?", el("p", { class: "note" }, "The run came to these:"), el("ul", { class: "links" },
    graph.nodes.map((node) => el("li", {}, inside("version", { of: `${node.name}@${node.key}` }, brief(`${node.name}@${node.key}`)),
      el("span", { class: "soft" }, ` ${node.size}${node.left ? `, ${node.left}` : ""}`)))));
}

function head(told, others, chosen, app) {
  const named = (each) => (each.names.length ? `${each.names[0]} (${each.of.split("@")[1].slice(0, 12)})` : brief(each.of));
  const options = others.some((each) => each.of === chosen) || !chosen ? others : [{ of: chosen, names: [] }, ...others];
  const select = el("select", { "aria-label": "Compare with an older version",
    change: (event) => app.go("version", { of: told.of, with: event.target.value }) },
  el("option", { value: "" }, others.length ? "compare with …" : "no other version of the stage"),
  options.map((each) => el("option", { value: each.of }, named(each))));
  select.value = chosen;
  select.disabled = !options.length;
  const account = told.account ?? {};
  return [
    el("div", { class: "head" }, el("h1", {}, brief(told.of)), el("p", { class: "chips" }, told.names.map((name) => el("span", {}, name)))),
    tiles([
      ...(told.account ? [["documents entered", number(account.entered)], ["kept", number(account.kept)], ["dropped", number(account.dropped)], ["quarantined", number(account.quarantined)]]
        : Object.entries(told.rows).map(([name, rows]) => [`rows of ${name}`, number(rows)])),
      ["shards", number(told.shards)],
      ["on disk", told.sums ? bytes(told.sums.bytes) : ""],
      ["CPU time", told.sums ? seconds(told.sums.cpu_seconds) : ""],
    ]),
    card("About", el("dl", { class: "facts" },
      fact("key", el("code", {}, told.key)),
      fact("made", told.made ? `${moment(told.made)} UTC; ${promise[told.exactness]}${told.reproducible ? "" : "; a document was stopped by time or memory: elsewhere it may come out otherwise"}` : ""),
      fact("window", told.extra.window ?? ""),
      fact("runs", told.runs.map((run) => inside("versions", { of: run }, run.slice(4).replace("/", " ")))),
      fact("made of", told.inputs.map((input) => el("span", {}, `${input.role}: `, input.there ? inside("version", { of: input.of }, brief(input.of)) : `${brief(input.of)} (gone)`))),
      fact("read by", told.readers.map((reader) => inside("version", { of: reader }, brief(reader))))),
    el("p", { class: "compare" }, select)),
  ];
}

function fact(name, value) {
  const values = Array.isArray(value) ? value : [value];
  if (!values.length || values[0] === "") return null;
  return el("div", {}, el("dt", {}, name), el("dd", {}, values.map((each) => el("span", { class: "each" }, each))));
}

function parts(told) {
  const drops = Object.entries(told.drops);
  const named = (pairs, headings) => table(headings, Object.entries(pairs).map(([name, value]) => [el("code", {}, name), el("code", {}, String(value))]), "names");
  const folded = (title, count, content) => (count ? el("details", { class: "card" }, el("summary", {}, `${title} (${number(count)})`), content) : null);
  const read = Object.entries(told.read).flatMap(([role, groups]) => Object.entries(groups).map(([group, digest]) => [`${role}: ${group}`, digest]));
  const size = (map) => Object.keys(map).length;
  return [
    drops.length ? card("Dropped, by rule", bars(drops.map(([rule, count]) => [rule, 0, count]), "Documents dropped by each rule")) : null,
    card("Configuration, without its defaults", el("pre", { tabindex: 0, "aria-label": "Configuration" }, lines(told.config))),
    folded("Digests: what came out", size(told.digests), named(told.digests, ["table and column group, or file", "digest"])),
    folded("What it read, by digest", read.length, named(Object.fromEntries(read), ["role and column group", "digest"])),
    folded("Packages", size(told.packages), named(told.packages, ["package", "version"])),
    folded("Assets", size(told.assets), named(told.assets, ["asset", "SHA-256"])),
    folded("Code: every definition that decides", size(told.code), named(told.code, ["definition", "digest"])),
  ].filter(Boolean);
}

// JSON in which what is short stands on one line.
function lines(value, indent = "") {
  const short = JSON.stringify(value, null, 1).replace(/\s*\n\s*/g, " ");
  if (short.length + indent.length <= 96 || value === null || typeof value !== "object") return short;
  const deeper = `${indent}  `;
  const inner = Array.isArray(value) ? value.map((each) => lines(each, deeper)) : Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${lines(each, deeper)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${inner.map((each) => deeper + each).join(",\n")}\n${indent}${close}`;
}

function shards(told) {
  const rows = el("tbody");
  const more = el("button", { type: "button", click: () => load() }, "More");
  let start = 0;
  async function load() {
    const found = await ask("shards", { of: told.of, start, count: SHARDS });
    rows.append(...found.rows.flatMap(shard));
    start += found.rows.length;
    more.hidden = start >= found.total;
  }
  const made = el("details", { class: "card" }, el("summary", {}, `Shards and their receipts (${number(told.shards)})`),
    el("div", { class: "scroll" }, el("table", { class: "shards" }, el("thead", {}, el("tr", {},
      ["shard", "began", "seconds", "CPU seconds", "rows", "bytes", "dropped"].map((name) => el("th", { scope: "col" }, name)))), rows)), more);
  made.addEventListener("toggle", () => { if (made.open && !start) load(); });
  return made;
}

function shard(one) {
  if (one.gone) return [el("tr", {}, el("th", { scope: "row" }, one.name), el("td", { colspan: 6 }, "its receipt is gone"))];
  const files = el("details", {}, el("summary", {}, counted(one.files.length, "file")), el("ul", { class: "files" },
    one.files.map((file) => el("li", {}, `${file.name}, ${bytes(file.size)}, SHA-256 `, el("code", {}, file.sha256), el("br"), el("code", {}, file.path)))),
  el("p", { class: "note" }, "key ", el("code", {}, one.key), `, attempt ${one.attempt}`));
  const rows = Object.entries(one.rows).map(([name, count]) => `${number(count)} ${name}`).join(", ");
  const drops = Object.values(one.drops).reduce((sum, count) => sum + count, 0);
  return [el("tr", {}, el("th", { scope: "row" }, el("span", { class: "shard-name" }, one.name), files), el("td", {}, moment(one.started)), el("td", {}, one.wall_seconds.toFixed(2)),
    el("td", {}, one.cpu_seconds.toFixed(2)), el("td", {}, rows), el("td", {}, bytes(one.bytes)), el("td", {}, number(drops)))];
}

async function compare(place, of, before) {
  await fill(place, async () => {
    const told = await ask("difference", { of, before });
    const documents = el("div");
    fill(documents, async () => changes(await ask("changes", { of, before }), of));
    const moved = (rows) => table(["", "before", "now", "change"], rows.map((row) => [row.name, number(row.before), number(row.after), signed(row.after - row.before)]), "numbers");
    return card(`Difference to ${brief(told.before)}`,
      el("h3", {}, "What was asked for"),
      told.asked.length ? el("ul", { class: "asked" }, told.asked.map((each) => el("li", {}, el("span", { class: "kind" }, each.kind), el("code", {}, each.told.startsWith(`${each.kind} `) ? each.told.slice(each.kind.length + 1) : each.told)))) : el("p", {}, "The same was asked for."),
      el("h3", {}, "What came out"),
      el("p", {}, told.equal ? "Equal, digest by digest." : `Other digests: ${told.came_out.join(", ")}.`),
      moved(told.counts),
      told.drops.length ? [el("h3", {}, "Dropped by this version's ledger"), moved(told.drops)] : null,
      documents, el("p", { class: "note" }, el("a", { href: hash("version", { of: told.before }) }, "Look at the older one")));
  });
}

function changes(told, of) {
  if (told.why_not) return el("p", { class: "note" }, told.why_not);
  const named = { added: "+", changed: "~", gone: "−" };
  return [
    el("h3", {}, "Documents"),
    el("p", {}, Object.keys(named).map((change) => `${number(told.changes[change].count)} ${change}, `), `${number(told.unchanged)} unchanged`),
    Object.entries(told.changes).map(([change, { count, rows }]) => (count ? el("details", { open: rows.length <= 20 ? "" : undefined },
      el("summary", {}, `${number(count)} ${change}`),
      el("ul", { class: "changes" }, rows.map((row) => el("li", {}, `${named[change]} `, address(row), " ", row.why ? el("span", { class: "soft" }, `(${row.why}) `) : null,
        inside("documents", { of, words: row.doc, doc: row.doc }, "story"))))) : null)),
    told.drops.length ? [el("h3", {}, "Dropped on the way, living documents"), table(["stage", "rule", "before", "now", "change"],
      told.drops.map((drop) => [drop.stage, drop.rule, number(drop.before), number(drop.after), signed(drop.after - drop.before)]), "numbers")] : null,
  ];
}

const signed = (value) => (value ? (value > 0 ? "+" : "−") + number(Math.abs(value)) : "");
