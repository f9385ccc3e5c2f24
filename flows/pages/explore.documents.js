// The third view: documents that were found, and the story of one.

import { address, amount, ask, brief, card, el, fill, inside, number, table } from "./explore.dom.js";
import { List } from "./explore.list.js";

export function documents(root, app) {
  let now = {};
  let listed;
  const list = new List({
    label: "Documents",
    rows: async () => {
      const found = await ask("documents", { of: now.of, words: now.words });
      if (found.rows.length === 1 && !now.doc) queueMicrotask(() => open(found.rows[0]));
      how.textContent = found.more ? "The first 200 are shown." : found.how;
      return { total: found.rows.length, rows: found.rows };
    },
    draw: (row) => [el("bdi", { class: "url one" }, row.url), el("span", { class: "soft wide" }, `${row.doc.slice(0, 12)}, window ${row.window}`)],
    open,
    is: (row) => row.doc === now.doc && (!now.shard || row.shard === now.shard),
    empty: "No document of these versions is called so. Try a part of the address.",
  });
  const how = el("p", { class: "note how" });
  const right = el("div", { class: "right" });
  const left = el("aside", { class: "card left", "aria-label": "Found" }, list.box, how);
  root.append(el("div", { class: "panes" }, left, right));
  function open(row) {
    app.go("documents", { of: now.of, words: now.words, doc: row.doc, shard: row.shard });
  }
  return {
    list,
    figure: () => right.querySelector("a")?.focus(),
    async update(parameters) {
      now = parameters;
      const wanted = JSON.stringify([now.of, now.words]);
      left.hidden = !now.words;
      if (now.words && wanted !== listed) list.refresh();
      else list.mark();
      listed = wanted;
      await fill(right, async () => (now.doc ? told(await ask("story", { of: now.of, doc: now.doc, shard: now.shard }), now) : invite(now)));
    },
  };
}

function invite(now) {
  return card("Find a document", el("p", {}, now.words ? "Choose one on the left to read its story." : "Write a URL, a domain, a part of an address, or the beginning of a doc_id into the field above (press /)."),
    el("p", { class: "note" }, "Its story goes from the fetch through every stage to the verdict, with the rule, its value and its threshold, or the document that was kept in its place, and to the models that learnt from it."));
}

function told(story, now) {
  return [
    el("div", { class: "head story" },
      el("p", { class: `ending ${story.kept ? "kept" : "lost"}` }, story.ending),
      el("h1", {}, el("bdi", {}, story.title || "(no title)")),
      el("p", { class: "where" }, address(story)),
      el("p", { class: "soft" }, "doc_id ", el("code", {}, story.doc), `, window ${story.window || "unknown"}`,
        story.records.length > 1 ? `; ${story.records.length} records of it` : "")),
    card("Its story", el("ol", { class: "story-line" }, story.chapters.map((chapter) => one(chapter, now)), models(story))),
    story.rules.length ? card("What every rule says of it", table(["rule", "says", "value", "threshold"],
      story.rules.map((rule) => [rule.rule, el("span", { class: rule.drops ? "left-out" : "soft" }, rule.drops ? "drop" : "stay"), amount(rule.value), amount(rule.threshold)]), "numbers")) : null,
  ];
}

function one(chapter, now) {
  const left = chapter.left.map((each) => el("p", { class: "left-out" }, each.told,
    each.kept ? [" ", inside("documents", { of: now.of, words: now.words, doc: each.kept }, "story of the one that was kept")] : null));
  const facts = chapter.facts.filter(([name]) => name !== "url" && name !== "title");
  return el("li", { class: chapter.left.length ? "lost" : "" },
    el("h3", {}, chapter.stage, " ", chapter.of ? inside("version", { of: chapter.of }, el("code", {}, brief(chapter.of).split("@")[1])) : null),
    left,
    el("dl", { class: "values" }, facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, el("bdi", {}, value))))),
    el("p", { class: "place" }, chapter.place));
}

function models(story) {
  if (!story.models.length) return story.kept ? el("li", { class: "last" }, el("h3", {}, "model"), el("p", { class: "soft" }, "none has been trained on it")) : null;
  return story.models.map((model) => el("li", { class: "last" }, el("h3", {}, "model ", inside("version", { of: model.of }, el("code", {}, brief(model.of).split("@")[1]))),
    el("p", {}, `learnt from ${number(model.rows)} of its ${number(model.of_rows)} rows${model.steps ? `, ${model.steps}` : ""}`)));
}
