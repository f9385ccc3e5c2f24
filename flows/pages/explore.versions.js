// The first view: runs and versions in a list, and the graph of what was made of what.

import { ask, bars, brief, card, counted, el, fill, inside, moment, number, svg, tiles } from "./explore.dom.js";
import { List } from "./explore.list.js";

const [WIDE, HIGH, ACROSS, DOWN, MARGIN] = [148, 58, 158, 88, 6]; // pixels

export function versions(root, app) {
  let now = {};
  const go = (changes) => app.go("versions", { ...now, ...changes });
  const choices = (entries, name) => el("select", { "aria-label": name, change: (event) => go({ [name]: event.target.value }) },
    entries.map(([value, text]) => el("option", { value }, text)));
  const recipe = choices([["", "every recipe"], ...Object.entries(app.overview.recipes).map(([name, runs]) => [name, `${name} (${counted(runs, "run")})`])], "recipe");
  const kind = choices([["runs", "runs"], ["versions", `all ${counted(app.overview.versions, "version")}`],
    ...Object.entries(app.overview.stages).map(([stage, count]) => [stage, `${stage} (${number(count)})`])], "kind");
  const words = el("input", { type: "search", placeholder: "filter by name, window, who", "aria-label": "Filter", maxlength: 200,
    change: (event) => go({ words: event.target.value }) });
  const list = new List({
    label: "Runs and versions",
    rows: (start, count) => ask("rows", { kind: now.kind, recipe: now.recipe, words: now.words, start, count }),
    draw: (row) => (row.recipe ? drawRun(row) : drawVersion(row)),
    open: (row) => go({ of: row.of }),
    is: (row) => row.of === now.of,
    empty: "Nothing of that name.",
  });
  const right = el("div", { class: "right" });
  root.append(el("div", { class: "panes" }, el("aside", { class: "card left", "aria-label": "Choose" },
    el("div", { class: "choose" }, recipe, kind, words), list.box), right));
  let listed;
  return {
    list,
    figure: () => right.querySelector(".node")?.focus(),
    async update(parameters) {
      now = { kind: "runs", ...parameters };
      if (!now.of.startsWith("run:") && !parameters.kind && !Object.keys(app.overview.recipes).length) now.kind = "versions";
      [recipe.value, kind.value, words.value] = [now.recipe ?? "", now.kind, now.words ?? ""];
      const wanted = JSON.stringify([now.recipe, now.kind, now.words]);
      if (wanted !== listed) list.refresh();
      else list.mark();
      listed = wanted;
      await fill(right, async () => drawGraph(await ask("graph", { of: now.of }), now.of, app));
    },
  };
}

function drawRun(row) {
  const done = row.made ? `${row.made} of ${row.stages} stages made` : "nothing to make";
  return [el("b", {}, `${row.recipe}, run ${row.number}`), el("span", { class: "soft" }, moment(row.started)),
    el("span", { class: "soft wide" }, `${done}, by ${row.requested_by}${row.reason ? `: ${row.reason}` : ""}`)];
}

function drawVersion(row) {
  const left = row.dropped ? el("span", { class: "left-out" }, ` ${number(row.dropped)} dropped`) : null;
  const size = row.kept ?? row.rows;
  return [el("b", {}, row.names[0] ?? brief(row.of)), el("span", { class: "soft" }, moment(row.made)),
    el("span", { class: "soft wide" }, row.of.split("@")[1].slice(0, 12), size === null || size === undefined ? "" : `, ${number(size)} rows`, left)];
}

function drawGraph(graph, of, app) {
  const about = el("div", { class: "about-node", role: "status" });
  const picture = draw(graph, app, (node) => about.replaceChildren(...told(node)));
  const run = graph.about;
  about.replaceChildren(el("p", { class: "note" }, "Each box is a version: what it holds, what left there. Press g to go into the graph, arrow keys to move, Enter to open one."));
  return [
    el("div", { class: "head" }, el("h1", {}, run ? `${run.recipe}, run ${run.number}` : brief(of)),
      run ? el("p", { class: "soft" }, `window ${run.window}; asked for by ${run.requested_by}, ${moment(run.started)} to ${moment(run.ended)}${run.reason ? `: ${run.reason}` : ""}`) : null),
    card("What was made of what", el("div", { class: "scroll" }, picture), about,
      graph.missing.length ? el("p", { class: "note" }, `No longer in the store: ${graph.missing.join(", ")}.`) : null),
  ];
}

function told(node) {
  const drops = Object.entries(node.drops).sort((one, other) => other[1] - one[1]).slice(0, 12);
  return [
    el("h3", {}, inside("version", { of: `${node.name}@${node.key}` }, brief(`${node.name}@${node.key}`))),
    tiles([["holds", node.size], ["shards", number(node.shards)], ["left here", node.left]]),
    drops.length ? bars(drops.map(([rule, count]) => [rule, 0, count]), "Dropped, by rule") : null,
  ].filter(Boolean);
}

function draw(graph, app, look) {
  const lines = [...graph.nodes.map((node) => node.at[1]), ...graph.edges.flatMap((edge) => edge.path.map((at) => at[1]))];
  const first = Math.min(...lines);
  const corner = ([column, line]) => [MARGIN + (line - first) * ACROSS, MARGIN + column * DOWN];
  const width = 2 * MARGIN + (Math.max(...lines) - first) * ACROSS + WIDE;
  const height = 2 * MARGIN + Math.max(...graph.nodes.map((node) => node.at[0])) * DOWN + HIGH;
  const places = new Map();
  const open = (node) => app.go("version", { of: `${node.name}@${node.key}` });
  const boxes = graph.nodes.map((node, n) => {
    const [x, y] = corner(node.at);
    const words = [["name", node.name], ["size", node.size], ["left", node.left]].filter(([, text]) => text);
    const box = svg("g", { class: "node", tabindex: n ? -1 : 0, role: "link", "data-keys": "graph",
      "aria-label": `${node.name}: ${node.size}${node.left ? `, ${node.left}` : ""}`,
      focus: () => look(node), click: () => open(node), keydown: (event) => steer(event, box, places, () => open(node)) },
    svg("rect", { x, y, width: WIDE, height: HIGH, rx: 6 }),
    words.map(([kind, text], line) => svg("text", { class: kind, x: x + WIDE / 2, y: y + HIGH / 2 + 4 + (line - (words.length - 1) / 2) * 16 }, text)));
    places.set(box, [x, y]);
    return box;
  });
  const edges = graph.edges.map((edge) => svg("path", { class: "edge", d: line(edge.path.map(corner)) },
    svg("title", {}, `${edge.reader} reads ${edge.source} as ${edge.role}`)));
  return svg("svg", { class: "graph", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Graph of versions" }, edges, boxes);
}

// Arrow keys: up and down to the next row, at its nearest node; left and right along the row.
function steer(event, box, places, open) {
  const ways = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0], k: [0, -1], j: [0, 1] };
  if (event.key === "Enter" || event.key === " ") open();
  else if (event.key in ways) {
    const [right, down] = ways[event.key];
    const [x, y] = places.get(box);
    const far = ([otherX, otherY]) => {
      const [ahead, aside] = right ? [(otherX - x) * right, Math.abs(otherY - y)] : [(otherY - y) * down, Math.abs(otherX - x)];
      return ahead > 1 ? (right ? ahead + 10 * aside : 10 * ahead + aside) : Infinity;
    };
    const best = [...places].sort((one, other) => far(one[1]) - far(other[1]))[0];
    if (far(best[1]) < Infinity) best[0].focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function line(corners) {
  const points = corners.map(([x, y]) => [x + WIDE / 2, y]);
  let [x, y] = [points[0][0], points[0][1] + HIGH];
  let drawn = `M${x} ${y}`;
  points.slice(1).forEach(([toX, toY], n) => {
    const middle = (y + toY) / 2;
    drawn += `C${x} ${middle} ${toX} ${middle} ${toX} ${toY}`;
    if (n < points.length - 2) drawn += `V${toY + HIGH}`;
    [x, y] = [toX, toY + HIGH];
  });
  return drawn;
}
