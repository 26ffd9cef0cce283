// The units of a layer: their order, the course of one over all steps, and its numbers taken apart.
import { element } from "./transport.js";
import { lines, mark, span } from "./charts.js";
import { HEADINGS, LINES, number } from "./scale.js";

export const SORTS = {
  change: "those that change most on top",
  mean: "those of the largest mean on top",
  units: "in the model's order",
  similarity: "the like beside each other",
};

// --- their order --------------------------------------------------------------------------------

// The units of a state, {rows, columns, values}, the first on top.
export function order({ rows, columns, values }, how, initial, backwards, masked) {
  const units = Array.from({ length: columns }, (_, unit) => unit);
  if (how === "units" || rows === masked.size) return units;
  if (how === "similarity") return similar({ rows, columns, values });
  const size = new Float64Array(columns);
  for (let t = 0; t < rows; t++) {
    const before = t + (backwards ? 1 : -1);
    for (let unit = 0; unit < columns; unit++) {
      const value = values[t * columns + unit];
      const old = before < 0 || before >= rows ? initial[unit] : values[before * columns + unit];
      if (how === "change") size[unit] += Math.abs(value - old) || 0;
      else if (!masked.has(t)) size[unit] += value || 0;
    }
  }
  return units.sort((a, b) => size[b] - size[a]);
}

// Each unit is followed by the one of those left whose course is most like its own.
function similar({ rows, columns, values }) {
  const every = Math.max(1, Math.ceil(rows / 64));
  const courses = Array.from({ length: columns }, (_, unit) => {
    const course = [];
    for (let t = 0; t < rows; t += every) course.push(values[t * columns + unit] || 0);
    const mean = course.reduce((a, b) => a + b, 0) / course.length;
    const size = Math.hypot(...course.map((value) => value - mean)) || 1;
    return Float64Array.from(course, (value) => (value - mean) / size);
  });
  const left = new Set(courses.keys());
  let last = 0;
  const found = [];
  while (left.size) {
    found.push(last);
    left.delete(last);
    let [best, next] = [-Infinity, last];
    for (const unit of left) {
      let like = 0;
      for (let t = 0; t < courses[unit].length; t++) like += courses[unit][t] * courses[last][t];
      if (like > best) [best, next] = [like, unit];
    }
    last = next;
  }
  return found;
}

// --- taken apart --------------------------------------------------------------------------------

const LOGIT = "logit-"; // and the number of an output, where the layer has a head
const BLOCKS = { rnn: ["h"], gru: ["z", "r", "candidate"], lstm: ["i", "f", "candidate", "o"] };

// The terms whose sum makes `part` of a unit at a step: {terms: [{name, factors}], activation,
// value}, or null where weights would be needed and are not there. `layer` has arrays by part.
export function apart(layer, part, t, unit) {
  const { cell, units, arrays, backwards } = layer;
  const now = (name) => arrays[name].values[t * arrays[name].columns + unit];
  const past = t + (backwards ? 1 : -1);
  const first = past < 0 || past >= layer.steps;
  const old = (name, k) => {
    const state = layer.initial[cell === "lstm" && name === "c" ? 1 : 0];
    return first ? state.values[k] : arrays[name].values[past * arrays[name].columns + k];
  };
  const told = (terms, activation = null, value = now(part)) => ({ terms, activation, value });
  const [activation, recurrent] = layer.functions;
  if (part === "c") {
    return told([
      { name: "forget gate × old c", factors: [now("f"), old("c", unit)] },
      { name: "input gate × candidate", factors: [now("i"), now("candidate")] },
    ]);
  }
  if (part === "h" && cell === "lstm") {
    if (arrays.h.columns !== units || activation !== "tanh") return null;
    return told([{ name: "output gate × tanh(c)", factors: [now("o"), Math.tanh(now("c"))] }]);
  }
  if (part === "h" && cell === "gru") {
    return told([
      { name: "update gate × old h", factors: [now("z"), old("h", unit)] },
      { name: "(1 − update gate) × candidate", factors: [1 - now("z"), now("candidate")] },
    ]);
  }
  if (part.startsWith(LOGIT)) {
    const [{ rows, columns, values }, bias] = layer.head;
    const n = Number(part.slice(LOGIT.length));
    const terms = Array.from({ length: rows }, (_, k) => ({
      name: `h of unit ${k}`,
      factors: [arrays.h.values[t * rows + k], values[k * columns + n]],
    }));
    terms.push({ name: "bias", factors: [bias.values[n]] });
    const belief = layer.says.values.values[t * columns + n];
    return told(terms, "softmax, beside the others,", belief);
  }
  if (!layer.weights) return null;
  const [kernel, across, bias] = layer.weights;
  const column = BLOCKS[cell].indexOf(part) * units + unit;
  const { columns } = kernel;
  const candidate = cell === "gru" && part === "candidate";
  const reset = (k) => (candidate ? [arrays.r.values[t * units + k]] : []);
  const whole = candidate && layer.resetAfter ? reset(unit) : [];
  const terms = Array.from({ length: kernel.rows }, (_, k) => ({
    name: layer.inputs?.[k] ?? `input ${k}`,
    factors: [layer.x.values[t * layer.x.columns + k], kernel.values[k * columns + column]],
  }));
  for (let k = 0; k < across.rows; k++) {
    const gate = layer.resetAfter ? whole : reset(k);
    terms.push({
      name: `old h of unit ${k}`,
      factors: [...gate, old("h", k), across.values[k * columns + column]],
    });
  }
  terms.push({ name: "bias", factors: [bias.values[column]] });
  if (cell === "gru") {
    terms.push({ name: "bias of the old h", factors: [...whole, bias.values[columns + column]] });
  }
  return told(terms, part === "candidate" || cell === "rnn" ? activation : recurrent);
}

const USUAL = { sigmoid: (sum) => 1 / (1 + Math.exp(-sum)), tanh: Math.tanh };
const MOST = 6; // products shown at first

// --- the panel ----------------------------------------------------------------------------------

// What is opened by a click on a unit. Returns {element, show(), step(), take(part), part: what is
// taken apart, if anything}; `view` tells the unit, the step and the layers that are shown.
export function unitPanel(view) {
  const title = element("summary");
  const charts = element("div", { class: "rnn-charts" });
  const menu = element("select", { "aria-label": "The number that is taken apart" });
  const words = element("p");
  const body = element("tbody");
  const foot = element("tfoot");
  const table = element("table", {}, body, foot);
  const more = element("button", { type: "button" });
  const panel = element(
    "details", { class: "rnn-unit" }, title, charts,
    element("label", {}, "Take apart: ", menu), words,
    element("div", { class: "rnn-scroll", tabindex: 0, role: "group", "aria-label": "Products" }, table),
    more,
  );
  let all = false;
  let marks = [];
  let wanted = "";
  panel.ontoggle = () => show();
  menu.onchange = () => (take(menu.value), open());
  more.onclick = () => ((all = !all), open());

  // Open the panel with a number of the unit; "" closes it.
  function take(part = wanted) {
    if (part) wanted = part;
    all = false;
    panel.open = part !== "";
  }

  const said = (part) =>
    HEADINGS[part] ?? `logit of ${view.layer.says.said[part.slice(LOGIT.length)]}`;

  function show() {
    const { layer } = view;
    const of = layer.trace ? `${layer.name} (${layer.trace})` : layer.name;
    title.textContent = `Unit ${view.unit} of ${of}: its course, and its numbers taken apart`;
    if (!panel.open) return;
    const logits = layer.head ? layer.says.said.map((_, n) => LOGIT + n) : [];
    const parts = [...Object.keys(layer.parts), ...logits];
    menu.replaceChildren(...parts.map((part) => element("option", { value: part }, said(part))));
    menu.value = parts.includes(wanted) ? wanted : parts[0];
    draw();
    open();
  }

  function draw() {
    charts.replaceChildren();
    marks = [];
    const { colours } = view;
    for (const layer of view.of) {
      if (view.unit >= layer.units) continue;
      const gates = Object.keys(layer.parts).filter((part) => layer.gates.includes(part));
      const states = Object.keys(layer.parts).filter((part) => !gates.includes(part));
      for (const parts of [gates, states]) {
        const courses = parts
          .filter((part) => view.unit < layer.arrays[part].columns)
          .map((part) => [part, course(layer.arrays[part], view.unit)]);
        if (!courses.length) continue;
        const [low, high] = parts === gates ? [0, 1] : span(courses.map(([, values]) => values));
        const canvas = element("canvas", { role: "img" });
        const now = element("i", { class: "rnn-now" });
        const keys = courses.map(([part]) => key(part, colours));
        const named = view.of.length > 1 ? `${layer.trace}: ` : "";
        canvas.setAttribute("aria-label", `${named}${parts.join(", ")} of unit ${view.unit} over the ` +
          `steps, from ${number(low, 2)} to ${number(high, 2)}`);
        charts.append(element("div", {},
          element("div", { class: "rnn-caption" }, named, ...keys, element("small", {}, `${number(low, 2)} to ${number(high, 2)}`)),
          element("div", { class: "rnn-lines" }, canvas, now)));
        marks.push(now);
        const series = courses.map(([part, values]) => {
          const [colour, dash] = LINES[part];
          return { values, colour: colours[colour], dash };
        });
        lines(canvas, series, { from: view.steps[0], to: view.steps[1], low, high, colours });
      }
    }
    marks.forEach((line) => mark(line, view.step, view.steps));
  }

  function open() {
    const { layer } = view;
    const part = menu.value;
    const masked = layer.masked.has(view.step);
    const sum = masked || view.step >= layer.steps ? null : apart(layer, part, view.step, view.unit);
    table.hidden = more.hidden = !sum;
    if (!sum) {
      words.textContent =
        masked ? "This step is masked: nothing is computed."
        : view.step >= layer.steps ? "This sequence has ended."
        : "The weights are not here, so its sum cannot be taken apart. (A saved page has those of " +
          "small layers only; the notebook has all.)";
      return;
    }
    const products = sum.terms
      .map((term) => ({ ...term, product: term.factors.reduce((a, b) => a * b) }))
      .sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const total = products.reduce((so, { product }) => so + product, 0);
    const shown = all ? products : products.slice(0, MOST);
    const rest = products.slice(shown.length).reduce((so, { product }) => so + product, 0);
    const made = USUAL[sum.activation]?.(total);
    const set = made !== undefined && Math.abs(made - sum.value) > 0.05;
    words.textContent =
      `${said(part)}${part in layer.parts ? ` of unit ${view.unit}` : ""} at ` +
      `${view.stepName(view.step)}: ` +
      (sum.activation
        ? `${products.length} products sum to ${number(total)}; ` +
          (set ? `it was set to ${number(sum.value)}.` : `${sum.activation} of it is ${number(sum.value)}.`) +
          ((layer.weights ?? layer.head)[0].how === "exact" ? "" : " (A saved page has the weights to two digits.)")
        : `${number(sum.value)}.`);
    const line = (name, factors, product) => element("tr", {},
      element("th", { scope: "row" }, name), element("td", {}, factors), element("td", {}, product));
    body.replaceChildren(...shown.map(({ name, factors, product }) =>
      line(name, factors.map((factor) => number(factor)).join(" × "), number(product))));
    foot.replaceChildren(
      ...(shown.length < products.length
        ? [line(`the other ${products.length - shown.length} together`, "", number(rest))] : []),
      line("sum", "", number(total)),
    );
    more.hidden = products.length <= MOST;
    more.textContent = all ? `Show the ${MOST} largest` : `Show all ${products.length}`;
    more.setAttribute("aria-expanded", all);
  }

  const step = () => {
    if (!panel.open) return;
    marks.forEach((line) => mark(line, view.step, view.steps));
    open();
  };
  return { element: panel, show, step, take, get part() { return panel.open ? menu.value : ""; } };
}

const course = ({ rows, columns, values }, unit) =>
  Float32Array.from({ length: rows }, (_, t) => values[t * columns + unit]);

function key(part, colours) {
  const [colour, dash] = LINES[part];
  const made = element("span", { class: "rnn-key" }, part);
  made.style.setProperty("--key", colours[colour]);
  made.style.setProperty("--dash", dash.length ? (dash[0] > 3 ? "dashed" : "dotted") : "solid");
  return made;
}
