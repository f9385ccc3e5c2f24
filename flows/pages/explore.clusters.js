// The fifth view: the largest clusters, and who is in one.

import { address, amount, ask, card, counted, el, fill, inside, number, table } from "./explore.dom.js";
import { List } from "./explore.list.js";

export function clusters(root, app) {
  let now = {};
  let about = { rows: [], sizes: [] };
  let listed;
  const list = new List({
    label: "Largest clusters",
    rows: async (start, count) => ({ total: about.rows.length, rows: about.rows.slice(start, start + count) }),
    draw: (row) => [el("b", {}, counted(row.size, "document")), el("span", { class: "soft" }, row.cluster.slice(0, 12)), el("bdi", { class: "url one wide soft" }, row.url)],
    open: (row) => app.go("clusters", { of: now.of, cluster: row.cluster }),
    is: (row) => row.cluster === now.cluster,
    empty: "No two documents say the same.",
  });
  const note = el("p", { class: "note" });
  const right = el("div", { class: "right" });
  root.append(el("div", { class: "panes" }, el("aside", { class: "card left", "aria-label": "Clusters" }, note, list.box), right));
  return {
    list,
    figure: () => right.querySelector("a")?.focus(),
    async update(parameters) {
      now = parameters;
      await fill(right, async () => {
        if (listed !== now.of) {
          about = await ask("clusters", { of: now.of });
          listed = now.of;
          const many = about.sizes.reduce((sum, [, count]) => sum + count, 0);
          note.textContent = many ? `${counted(many, "cluster")} of two documents or more${many > about.rows.length ? `; the largest ${number(about.rows.length)}` : ""}` : "";
          await list.refresh();
        }
        now.cluster ||= about.rows[0]?.cluster;
        list.mark();
        if (!now.cluster) return card("Clusters", el("p", {}, "No two documents of this corpus say the same."));
        return drawn(await ask("cluster", { of: now.of, cluster: now.cluster }), now);
      });
    },
  };
}

function drawn(told, now) {
  const why = { exact: "the same text", near: "nearly the same text", superseded: "a newer record took its place", removed: "gone" };
  return [
    el("div", { class: "head" }, el("h1", {}, `Cluster of ${number(told.size)}`), el("p", { class: "soft" }, "named by its smallest doc_id, ", el("code", {}, told.cluster))),
    card("Members", table(["document", "", "similarity", ""], told.rows.map((row) => [
      address(row),
      el("span", { class: row.kept ? "kept" : "left-out" }, row.kept ? "kept" : why[row.reason] ?? row.reason ?? ""),
      row.similarity === null ? "" : amount(row.similarity),
      inside("documents", { of: now.of, words: row.doc, doc: row.doc }, "story")]), "members"),
    told.size > told.rows.length ? el("p", { class: "note" }, `The first ${number(told.rows.length)} are shown.`) : null,
    el("p", { class: "note" }, "Similarity is the Jaccard similarity to the document that was kept, estimated from the signatures.")),
  ];
}
