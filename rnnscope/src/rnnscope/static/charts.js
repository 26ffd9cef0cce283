// Lines over the steps, on canvas, and lying bars with names.
import { element } from "./transport.js";

// Make a canvas as sharp as the screen; returns its pen and its size in CSS pixels.
export function sharp(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight];
  canvas.width = Math.max(1, Math.round(wide * ratio));
  canvas.height = Math.max(1, Math.round(high * ratio));
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  return [pen, wide, high];
}

// Draw series, each {values, colour, dash, width}: values[n] at step n; not finite leaves a gap.
// `from` and `to` are the steps in sight, `low` and `high` what lies at the edges.
export function lines(canvas, series, { from, to, low, high, colours }) {
  const [pen, wide, tall] = sharp(canvas);
  const x = (step) => ((step + 0.5 - from) / (to - from)) * wide;
  const y = (value) => tall - 3 - ((value - low) / (high - low || 1)) * (tall - 6);
  if (low < 0 && high > 0) {
    pen.strokeStyle = colours.light;
    pen.beginPath();
    pen.moveTo(0, y(0));
    pen.lineTo(wide, y(0));
    pen.stroke();
  }
  for (const { values, colour, dash = [], width = 1.6 } of series) {
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = to - from > 200 ? Math.min(width, 1.2) : width;
    pen.setLineDash(dash);
    pen.beginPath();
    let drawing = false;
    for (let n = Math.max(0, from - 1); n < Math.min(values.length, to + 1); n++) {
      const known = Number.isFinite(values[n]);
      if (known) pen[drawing ? "lineTo" : "moveTo"](x(n), y(values[n]));
      drawing = known;
    }
    pen.stroke();
    pen.setLineDash([]);
    if (to - from > 40) continue;
    for (let n = from; n < Math.min(values.length, to); n++) {
      if (!Number.isFinite(values[n])) continue;
      pen.beginPath();
      pen.arc(x(n), y(values[n]), 2, 0, 2 * Math.PI);
      pen.fill();
    }
  }
}

// The least and the largest of some lists, 0 among them; never the same.
export function span(lists) {
  let [low, high] = [0, 0];
  for (const list of lists) {
    for (const value of list) {
      if (value < low && value > -Infinity) low = value;
      if (value > high && value < Infinity) high = value;
    }
  }
  return low < high ? [low, high] : [0, 1];
}

// Fill `place` with bars, each {name, value, told, strong, colour, dash}: from 0 to value on a scale
// from low to high. Bars that stay keep their elements, so that a step costs next to nothing.
export function bars(place, list, low, high) {
  while (place.children.length > list.length) place.lastChild.remove();
  while (place.children.length < list.length) {
    place.append(element("li", {}, element("span"), element("i"), element("b")));
  }
  const at = (value) => (100 * (Math.max(low, Math.min(high, value)) - low)) / (high - low || 1);
  list.forEach(({ name, value, told, strong, colour = "hidden", dash = [] }, n) => {
    const line = place.children[n];
    const [label, bar, said] = line.children;
    line.className = strong ? "rnn-strong" : "";
    label.textContent = name;
    label.title = name;
    said.textContent = told;
    const [left, right] = [at(Math.min(0, value)), at(Math.max(0, value))];
    const [on, off] = dash.length ? dash : [1, 0];
    const drawn = { from: `${left}%`, wide: `${right - left}%`, bar: `var(--rnn-${colour})`,
      on: `${on}px`, off: `${on + off}px` };
    for (const [key, set] of Object.entries(drawn)) bar.style.setProperty(`--${key}`, set);
  });
}

// An element that marks one of the steps from..to of a drawing; or, with DOWN, one of its rows.
export const DOWN = ["top", "height"];
export function mark(line, place, [from, to], [start, size] = ["left", "width"]) {
  line.hidden = place === null || place < from || place >= to;
  if (line.hidden) return;
  line.style[start] = `${(100 * (place - from)) / (to - from)}%`;
  line.style[size] = `${100 / (to - from)}%`;
}
