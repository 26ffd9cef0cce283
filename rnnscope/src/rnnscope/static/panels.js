// What stands beside the maps: what is read, what the network says, what is wrong, and why.
import { element } from "./transport.js";
import { DOWN, bars, lines, mark, sharp, span } from "./charts.js";
import { map, paint } from "./maps.js";
import { limits, look, number, percent } from "./scale.js";

const AROUND = 4; // steps of a text on display before and after the one that is read
const NAMED = 8; // outputs that have a bar where there are more than FEW
const FEW = 10;

// --- what is read -------------------------------------------------------------------------------

// Each panel is {element, draw(), step()}: draw for new numbers, sizes or colours.
export function inputPanel(trace, view, name) {
  const heading = element("div", { class: "rnn-caption" }, name ? `input of ${name}` : "input");
  const figure = element("div", { class: "rnn-input" }, heading);
  const { x } = trace;
  if (trace.text) return textPanel(trace, view, figure);
  if (x.columns === 1) return curvePanel(trace, view, figure);
  if (x.columns > 16 && x.rows / x.columns >= 0.5 && x.rows / x.columns <= 2) {
    return picturePanel(trace, view, figure);
  }
  const features = Array.from({ length: x.columns }, (_, n) => n);
  const about = { name: heading.textContent, array: x, order: features, place: features, input: trace };
  const made = map(about, view);
  made.figure.classList.add("rnn-input");
  return {
    element: made.figure, step: made.marks,
    draw: () => made.draw(inputLimits(x.values), view.colours),
  };
}

function inputLimits(values) {
  const found = limits(values, false);
  return values.some((value) => value < 0) ? found : { ...found, kind: "gate", low: 0 };
}

function textPanel(trace, view, figure) {
  const place = element("p", { class: "rnn-text" });
  figure.append(place);
  const named = (n) => trace.names?.[n] || (trace.tokens ? `token ${trace.tokens[n]}` : "·");
  const step = () => {
    const own = view.layers[0].own;
    const now = own ? 0 : Math.min(view.seenStep, trace.steps - 1);
    const from = Math.max(0, own ? 0 : now - AROUND);
    const to = Math.min(trace.steps, from + 2 * AROUND + 1);
    place.replaceChildren();
    for (let n = from; n < to; n++) {
      const shown = { " ": "␣", "\n": "⏎", "\t": "→" }[named(n)] ?? named(n);
      place.append(element(n === now && !own ? "mark" : "span", {}, shown), " ");
    }
    if (to < trace.steps) place.append("…");
  };
  return { element: figure, draw: step, step };
}

function curvePanel(trace, view, figure) {
  const canvas = element("canvas", { role: "img" });
  const [now, seen] = [element("i", { class: "rnn-now" }), element("i", { class: "rnn-seen" })];
  figure.append(element("div", { class: "rnn-lines" }, canvas, now, seen));
  const step = () => markBoth(now, seen, view);
  const draw = () => {
    const { values } = trace.x;
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    canvas.setAttribute("aria-label",
      `The numbers that are read, from ${number(low)} to ${number(high)}`);
    figure.firstChild.textContent = `input, ${number(low)} to ${number(high)}`;
    const { colours } = view;
    lines(canvas, [{ values, colour: colours.input }],
      { from: view.steps[0], to: view.steps[1], low, high: high > low ? high : low + 1, colours });
    step();
  };
  return { element: figure, draw, step };
}

function markBoth(now, seen, view) {
  const own = view.layers[0].own;
  mark(now, own ? null : view.step, view.steps);
  mark(seen, own ? null : (view.hover?.step ?? null), view.steps);
}

// An image that is read row by row stands upright.
function picturePanel(trace, view, figure) {
  const { x } = trace;
  const canvas = element("canvas", { role: "img", "aria-label": "The image that is read row by row" });
  const [now, seen] = [element("i", { class: "rnn-now" }), element("i", { class: "rnn-seen" })];
  const pad = element("div", { class: "rnn-picture" }, canvas, now, seen);
  pad.style.aspectRatio = `${x.columns} / ${x.rows}`;
  figure.append(pad);
  const turned = { rows: x.columns, columns: x.rows, values: new Float32Array(x.values.length) };
  x.values.forEach((value, n) => {
    turned.values[(n % x.columns) * x.rows + Math.floor(n / x.columns)] = value;
  });
  const order = Array.from({ length: x.rows }, (_, n) => n);
  const lay = (line, at) => mark(line, view.layers[0].own ? null : at, [0, x.rows], DOWN);
  const step = () => (lay(now, view.step), lay(seen, view.hover?.step ?? null));
  const at = (event) => {
    const area = pad.getBoundingClientRect();
    const inside = (share, most) => Math.max(0, Math.min(most - 1, Math.floor(share * most)));
    return { map: { array: x, input: trace, name: "input" },
      step: inside((event.clientY - area.top) / area.height, x.rows),
      unit: inside((event.clientX - area.left) / area.width, x.columns) };
  };
  pad.onpointermove = (event) => view.point(at(event), event);
  pad.onpointerleave = () => view.point(null);
  pad.onclick = (event) => view.choose(at(event));
  const draw = () => {
    paint(canvas, turned, order, [0, x.columns], [0, x.rows], inputLimits(x.values), view.colours);
    step();
  };
  return { element: figure, draw, step };
}

// --- what the network says ----------------------------------------------------------------------

export function outputPanel(trace, answer, view, name, n) {
  const heading = element("div", { class: "rnn-caption" });
  const list = element("ul", { class: "rnn-bars" });
  const canvas = element("canvas", { role: "img" });
  const [now, seen] = [element("i", { class: "rnn-now" }), element("i", { class: "rnn-seen" })];
  const course = element("div", { class: "rnn-lines" }, canvas, now, seen);
  const figure = element("div", { class: "rnn-output" }, heading, list, course);
  if (!answer) {
    heading.textContent = "There is no output to show.";
    course.hidden = true;
    return { element: figure, draw: () => {}, step: () => {} };
  }
  const { rows, columns, values } = answer.values;
  const numbers = answer.kind === "numbers";
  let chosen = largest();
  if (columns > FEW) figure.append(choice());
  const [low, high] = numbers ? span([values]) : [0, 1];

  // Of many outputs, those that reach the largest values.
  function largest() {
    const every = Array.from({ length: columns }, (_, n) => n);
    if (columns <= FEW) return every;
    const reached = new Float32Array(columns);
    values.forEach((value, n) => {
      reached[n % columns] = Math.max(reached[n % columns], Math.abs(value) || 0);
    });
    return every.sort((a, b) => reached[b] - reached[a]).slice(0, NAMED).sort((a, b) => a - b);
  }

  function choice() {
    const options = answer.said.map((said, n) =>
      element("option", { value: n, ...(chosen.includes(n) && { selected: "" }) }, said));
    const about = { multiple: "", size: 8, "aria-label": "Outputs that are named" };
    const select = element("select", about, ...options);
    select.onchange = () => {
      chosen = [...select.selectedOptions].map((option) => Number(option.value));
      draw();
    };
    return element("details", {}, element("summary", {}, "Choose outputs"), select);
  }

  const layer = () => view.layers[n] ?? view.layers[0];

  // The row of its values at a step; null where it says nothing of this step.
  function at(step) {
    if (rows === layer().steps) return step < rows ? step : null;
    return rows === 1 || answer.stopped ? rows - 1 : null;
  }

  // The largest output beside those chosen: whoever wins has a bar.
  function next(own) {
    let best = -1;
    for (let n = 0; n < columns; n++) {
      if (!chosen.includes(n) && (best < 0 || own[n] > own[best])) best = n;
    }
    return best;
  }

  function step() {
    const row = at(view.seenStep);
    markBoth(now, seen, view);
    const of = name ? `${name}: ` : "";
    if (row === null) {
      heading.textContent = `${of}its answers have steps of their own.`;
      return list.replaceChildren();
    }
    const own = values.subarray(row * columns, (row + 1) * columns);
    const best = answer.best[row];
    const told = (value) => (numbers ? number(value) : percent(value));
    const strong = (n) => (answer.kind === "classes" ? n === best : !numbers && own[n] > 0.5);
    const bar = (n) => ({ name: answer.names[n], value: own[n], told: told(own[n]),
      strong: strong(n), ...look(chosen.indexOf(n)) });
    const named = [...chosen];
    if (columns > chosen.length) named.push(chosen.includes(best) ? next(own) : best);
    const shown = named.map(bar);
    if (answer.kind === "classes" && answer.of > named.length) {
      const rest = Math.max(0, 1 - named.reduce((sum, n) => sum + own[n], 0));
      const name = `${answer.of - named.length} others`;
      shown.push({ name, value: rest, told: told(rest), colour: "muted" });
    }
    const end = rows === 1 ? ", at the end" : view.hover ? ` at ${view.stepName(view.seenStep)}` : "";
    heading.textContent =
      answer.kind === "classes" && columns > 1 ? `${of}${answer.said[best]} ${told(own[best])}${end}`
      : columns === 1 ? `${of}${answer.said[0]} ${told(own[0])}${end}`
      : `${of}its answer${end}`;
    bars(list, shown, low, high);
  }

  function draw() {
    const { colours } = view;
    course.hidden = rows === 1 || rows !== layer().steps;
    if (!course.hidden) {
      const best = answer.best.at(-1); // the answer at the end: how it came about
      const series = [...new Set([...chosen, best])].map((n) => {
        const { colour, dash } = look(chosen.indexOf(n));
        const own = Float32Array.from({ length: rows }, (_, k) => values[k * columns + n]);
        return { values: own, colour: colours[colour], dash };
      });
      const read = trace.x;
      if (numbers && read.columns === 1 && read.rows === rows && !layer().own) {
        series.unshift({ values: read.values, colour: colours.input, dash: [2, 2], width: 1 });
      }
      const edges = numbers ? span(series.map((one) => one.values)) : [0, 1];
      canvas.setAttribute("aria-label", "What the network says over the steps, from " +
        `${number(edges[0], 2)} to ${number(edges[1], 2)}`);
      lines(canvas, series,
        { from: view.steps[0], to: view.steps[1], low: edges[0], high: edges[1], colours });
    }
    step();
  }
  return { element: figure, draw, step };
}

// --- what is wrong with it, and why this answer -------------------------------------------------

// `findings` = [{title, text, chart: {kind: "bars" or "line", values, labels}}], the gravest first.
export function findingsPanel(findings, view) {
  const drawn = [];
  const items = findings.map(({ title, text, chart }) => {
    const item = element("li", {}, element("strong", {}, title), " ", text);
    if (chart?.kind === "bars") {
      const list = element("ul", { class: "rnn-bars" });
      const named = chart.values.map((value, n) => (
        { name: `${chart.labels?.[n] ?? n}`, value, told: number(value) }));
      bars(list, named, ...span([chart.values]));
      item.append(list);
    } else if (chart) {
      const [low, high] = span([chart.values]);
      const canvas = element("canvas", { role: "img",
        "aria-label": `${title}: from ${number(low, 2)} to ${number(high, 2)}` });
      item.append(element("div", { class: "rnn-lines" }, canvas));
      drawn.push(() => lines(canvas, [{ values: chart.values, colour: view.colours.cell }],
        { from: 0, to: chart.values.length, low, high, colours: view.colours }));
    }
    return item;
  });
  const panel = element("details", { class: "rnn-findings" },
    element("summary", {}, `What is wrong with it? ${findings[0].title}`),
    element("ol", {}, ...items));
  panel.ontoggle = () => drawn.forEach((draw) => draw());
  return { element: panel, draw: panel.ontoggle, step: () => {} };
}

// `writes` = {of, parts, rest, total, units, decides}: what each step wrote into an answer's number,
// and without which steps' writes the answer would be another.
export function writesPanel(writes, view) {
  const canvas = element("canvas", { role: "img", "aria-label":
    `What each step wrote into ${writes.of}; the slider and a click choose a step` });
  const [now, seen] = [element("i", { class: "rnn-now" }), element("i", { class: "rnn-seen" })];
  const words = element("p");
  const list = element("ul", { class: "rnn-bars" });
  const pad = element("div", { class: "rnn-lines" }, canvas, now, seen);
  const panel = element("details", { class: "rnn-writes" },
    element("summary", {}, `Why this answer? What each step wrote into ${writes.of}`),
    pad, words, list);
  const [low, high] = span([writes.parts]);
  const decides = writes.decides ?? [];
  const at = (event) => {
    const area = pad.getBoundingClientRect();
    const share = (event.clientX - area.left) / area.width;
    return Math.floor(view.steps[0] + share * (view.steps[1] - view.steps[0]));
  };
  pad.onclick = (event) => view.choose({ step: at(event), unit: null });

  function step() {
    markBoth(now, seen, view);
    const part = writes.parts[view.step] ?? 0;
    words.textContent =
      `At ${view.stepName(view.step)}: ${number(part)} of ${number(writes.total)}. What no step ` +
      `wrote (bias and start): ${number(writes.rest)}.` +
      (decides.length ? ` Without what it wrote at ${decides.map(view.stepName).join(" or ")}, the ` +
        "answer would be another." : "");
    const units = writes.units?.[view.step] ?? [];
    bars(list, units.slice(0, NAMED).map(([unit, value]) => (
      { name: `unit ${unit}`, value, told: number(value) })), ...span([units.map(([, value]) => value)]));
  }

  function draw() {
    const [pen, wide, tall] = sharp(canvas);
    const [from, to] = view.steps;
    const y = (value) => tall - ((value - low) / (high - low)) * tall;
    for (let n = from; n < Math.min(to, writes.parts.length); n++) {
      const value = writes.parts[n];
      pen.fillStyle = view.colours[decides.includes(n) ? "now" : value < 0 ? "hidden" : "candidate"];
      const [left, width] = [((n - from) / (to - from)) * wide, wide / (to - from)];
      pen.fillRect(left, Math.min(y(0), y(value)), Math.max(1, width - 1), Math.abs(y(value) - y(0)));
    }
    step();
  }
  panel.ontoggle = draw;
  return { element: panel, draw, step };
}
