// A list as long as it likes: only the rows in sight are drawn, and asked for.

import { el } from "./explore.dom.js";

const BEYOND = 6; // rows drawn above and below what is in sight
const PIECE = 100; // rows asked for at once

export class List {
  // rows(start, count) -> {total, rows}, now or later; draw(row) -> children; open(row).
  constructor({ label, rows, draw, open, is = () => false, height = 58, empty = "Nothing here." }) {
    Object.assign(this, { rows, draw, open, is, height, empty });
    this.id = `list-${Math.random().toString(36).slice(2)}`;
    this.space = el("div", { class: "space" });
    this.box = el("div", { class: "list", role: "listbox", tabindex: 0, "aria-label": label,
      keydown: (event) => this.key(event), scroll: () => this.show(), click: (event) => this.clicked(event) }, this.space);
    new ResizeObserver(() => this.show()).observe(this.box);
    this.forget();
  }

  forget() {
    this.turn = (this.turn ?? 0) + 1;
    Object.assign(this, { have: new Map(), wanted: new Set(), total: null, active: -1 });
  }

  // Ask anew; the row that is open becomes the active one.
  async refresh() {
    this.forget();
    this.show();
    this.box.scrollTop = 0;
    await this.want(0);
    const at = [...this.have].find(([, row]) => this.is(row))?.[0] ?? -1;
    this.move(at, false);
  }

  mark() {
    const at = [...this.have].find(([, row]) => this.is(row))?.[0];
    if (at !== undefined) this.move(at, false);
    else this.show();
  }

  async want(piece) {
    if (this.wanted.has(piece)) return;
    this.wanted.add(piece);
    const turn = this.turn;
    let found;
    try {
      found = await this.rows(piece * PIECE, PIECE);
    } catch (error) {
      found = { total: 0, rows: [], problem: error.message };
    }
    if (turn !== this.turn) return;
    this.total = found.total;
    this.problem = found.problem;
    found.rows.forEach((row, n) => this.have.set(piece * PIECE + n, row));
    this.show();
  }

  show() {
    if (this.total === null) return this.space.replaceChildren(el("p", { class: "note" }, "Reading …"));
    this.box.dataset.total = this.total;
    this.space.style.height = `${this.total * this.height}px`;
    if (!this.total) {
      this.space.replaceChildren(el("p", { class: "note" }, this.problem ?? this.empty));
      this.space.style.height = "auto";
      return;
    }
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - BEYOND);
    const last = Math.min(this.total, Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.height) + BEYOND);
    const drawn = [];
    for (let n = first; n < last; n += 1) {
      if (!this.have.has(n)) this.want(Math.floor(n / PIECE));
      drawn.push(this.row(n));
    }
    this.space.replaceChildren(...drawn);
    if (this.active >= first && this.active < last) this.box.setAttribute("aria-activedescendant", `${this.id}-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  row(n) {
    const row = this.have.get(n);
    const made = el("div", { id: `${this.id}-${n}`, role: "option", class: `row${n === this.active ? " active" : ""}`,
      "aria-selected": row && this.is(row) ? "true" : "false", "aria-setsize": this.total, "aria-posinset": n + 1 },
    row ? this.draw(row) : "…");
    made.dataset.n = n;
    made.style.top = `${n * this.height}px`;
    made.style.height = `${this.height}px`;
    return made;
  }

  move(n, scroll = true) {
    this.active = Math.max(-1, Math.min((this.total ?? 0) - 1, n));
    const top = this.active * this.height;
    const { scrollTop, clientHeight } = this.box;
    if (this.active >= 0 && (top < scrollTop || top + this.height > scrollTop + clientHeight)) {
      this.box.scrollTop = scroll ? (top < scrollTop ? top : top + this.height - clientHeight) : top - clientHeight / 3;
    }
    this.show();
  }

  clicked(event) {
    const at = event.target.closest(".row");
    if (!at || event.target.closest("a")) return;
    this.move(Number(at.dataset.n));
    this.enter();
  }

  enter() {
    const row = this.have.get(this.active);
    if (row) this.open(row);
  }

  // True where the key was for the list.
  key(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: page, PageUp: -page };
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key in steps) this.move(Math.max(0, this.active + steps[event.key]));
    else if (event.key === "Home") this.move(0);
    else if (event.key === "End") this.move((this.total ?? 1) - 1);
    else if (event.key === "Enter") this.enter();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
