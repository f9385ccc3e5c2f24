// The fourth view: how a signal lies over the documents, and where the rules cut.

import { amount, ask, bars, card, el, fill, number, svg, table } from "./explore.dom.js";
import { List } from "./explore.list.js";

const [WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM] = [760, 250, 46, 14, 34]; // pixels of the chart
const LETTER = 7; // wide
const LINE = 17; // of a threshold's name above the chart

export function signals(root, app) {
  let now = {};
  let about = { signals: [], languages: [] };
  let listed;
  const list = new List({
    label: "Signals",
    height: 46,
    rows: async (start, count) => ({ total: about.signals.length, rows: about.signals.slice(start, start + count) }),
    draw: (row) => [el("b", {}, row.signal.split(".")[1]), el("span", { class: "soft" }, row.signal.split(".")[0]),
      el("span", { class: "left-out wide" }, row.rules.slice(0, 3).join(", ") + (row.rules.length > 3 ? ` and ${row.rules.length - 3} more` : ""))],
    open: (row) => app.go("signals", { ...now, signal: row.signal }),
    is: (row) => row.signal === now.signal,
  });
  const language = el("select", { "aria-label": "language", change: (event) => app.go("signals", { ...now, language: event.target.value }) });
  const right = el("div", { class: "right" });
  root.append(el("div", { class: "panes" }, el("aside", { class: "card left", "aria-label": "Signals" }, el("div", { class: "choose" }, language), list.box), right));
  return {
    list,
    figure: () => language.focus(),
    async update(parameters) {
      now = parameters;
      await fill(right, async () => {
        if (listed !== now.of) {
          about = await ask("signals", { of: now.of });
          listed = now.of;
          language.replaceChildren(el("option", { value: "" }, "every language"), ...about.languages.map((each) => el("option", { value: each.code }, `${each.name} (${number(each.documents)})`)));
          if (!now.signal) now.signal = first(about.signals);
          await list.refresh();
        }
        if (!now.signal) now.signal = first(about.signals);
        language.value = now.language ?? "";
        list.mark();
        const told = await ask("histogram", { of: now.of, signal: now.signal, language: now.language });
        const name = about.languages.find((each) => each.code === now.language)?.name;
        return drawn(told, about.signals.find((each) => each.signal === now.signal), name);
      });
    },
  };
}

const first = (all) => (all.find((each) => each.signal === "words.words") ?? all.find((each) => each.rules.length) ?? all[0])?.signal;

function drawn(told, about, language) {
  const empty = !told.bars.length;
  return [
    el("div", { class: "head" }, el("h1", {}, told.signal), el("p", { class: "soft" },
      `${number(told.documents)} documents${language ? ` in ${language}` : ""}${told.missing ? `; ${number(told.missing)} have no value` : ""}`,
      told.quartiles ? `; half of them lie between ${amount(told.quartiles[1])} and ${amount(told.quartiles[3])}, the median is ${amount(told.quartiles[2])}, the range ${amount(told.quartiles[0])} to ${amount(told.quartiles[4])}` : "")),
    card(told.kind === "number" ? "How many documents have which value" : "How many documents say what",
      empty ? el("p", {}, "No document has a value.") : told.kind === "number" ? el("div", { class: "scroll" }, histogram(told))
        : bars(told.bars.map((bar) => [bar.word, bar.kept, bar.dropped]), told.signal),
      el("p", { class: "note" }, el("i", { class: "swatch stayed" }), "kept by the rules ", el("i", { class: "swatch gone" }), "dropped by any rule",
        told.log ? "; the scale is logarithmic" : "", told.tail ? "; the last bar holds all above it" : "")),
    told.thresholds?.length ? card("Thresholds", table(["rule", "drops what is", "for"], told.thresholds.map((each) => [each.rule, `${each.side} ${amount(each.value)}`, spoken(each, told)]), "numbers")) : null,
    about?.rules.length ? el("p", { class: "note" }, `Read by the rules ${about.rules.join(", ")}.${told.thresholds?.length ? "" : " None has a bound of its own for it."}`) : el("p", { class: "note" }, "No rule of this policy reads it."),
  ];
}

function spoken(threshold, told) {
  const all = new Set(told.thresholds.flatMap((each) => each.languages));
  return all.size === threshold.languages.length ? (told.language ? threshold.languages.join(", ") : "every language it was tried with") : threshold.languages.join(", ");
}

function histogram(told) {
  const bounds = told.thresholds.filter((each) => each.at >= 0 && each.at <= 1).sort((one, other) => one.at - other.at);
  const top = 12 + LINE * bounds.length;
  const inside = HEIGHT - BOTTOM - 12;
  const x = (at) => LEFT + (WIDTH - LEFT - RIGHT) * at;
  const most = Math.max(1, ...told.bars.map((bar) => bar.kept + bar.dropped));
  const y = (count) => top + inside * (1 - count / most);
  const drawnBars = told.bars.filter((bar) => bar.kept + bar.dropped).map((bar) => {
    const [left, right] = [x(bar.at), Math.max(x(bar.to_at), x(bar.at) + 1.5)];
    const wide = Math.max(1, right - left - 1);
    return svg("g", { class: "bar" }, svg("title", {}, `${amount(bar.from)} to ${amount(bar.to)}: ${number(bar.kept)} kept, ${number(bar.dropped)} dropped`),
      svg("rect", { class: "stayed", x: left, y: y(bar.kept), width: wide, height: Math.max(0, y(0) - y(bar.kept)) }),
      svg("rect", { class: "gone", x: left, y: y(bar.kept + bar.dropped), width: wide, height: Math.max(0, y(bar.kept) - y(bar.kept + bar.dropped)) }));
  });
  const axis = [...told.ticks.map((tick) => [svg("line", { class: "grid", x1: x(tick.at), x2: x(tick.at), y1: y(0), y2: y(0) + 5 }),
    svg("text", { class: "tick", x: x(tick.at), y: y(0) + 19, "text-anchor": "middle" }, amount(tick.value))]),
  ...[0, Math.round(most / 2), most].filter((count, n, all) => all.indexOf(count) === n).map((count) => [svg("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: y(count), y2: y(count) }),
    svg("text", { class: "tick", x: LEFT - 7, y: y(count) + 4, "text-anchor": "end" }, number(count))])];
  const lines = bounds.map((each, n) => {
    const [at, level] = [x(each.at), 12 + LINE * n];
    const name = `${each.rule} ${each.side} ${amount(each.value)}`;
    const only = told.thresholds.some((other) => other.languages.length > each.languages.length) ? ` (${each.languages.slice(0, 3).join(", ")}${each.languages.length > 3 ? " …" : ""})` : "";
    const right = at + LETTER * (name + only).length < WIDTH; // else the name stands on the left
    return svg("g", { class: "threshold" }, svg("line", { x1: at, x2: at, y1: level - 8, y2: y(0) }),
      svg("text", { x: at + (right ? 6 : -6), y: level + 3, "text-anchor": right ? "start" : "end" }, name + only));
  });
  return svg("svg", { class: "histogram", viewBox: `0 0 ${WIDTH} ${top + inside + BOTTOM}`, role: "img",
    "aria-label": `Histogram of ${told.signal}, with the thresholds of the rules` }, axis, drawnBars, lines);
}
