// Maps: the units of a layer over its steps, as colours on canvas, and the cross on them.
import { element } from "./transport.js";
import { DOWN, mark } from "./charts.js";
import { ends } from "./scale.js";

// How many neighbours become one pixel: 1, or an even number, so that what goes up and down from
// one to the next becomes its mean, whatever the size of the picture.
export const each = (count, pixels) => (count <= pixels ? 1 : 2 * Math.ceil(count / (2 * pixels)));

// Paint values, {rows: steps, columns: units, values}, the steps and the rows of `order` in sight.
// What is masked or not a number stays clear.
export function paint(canvas, array, order, steps, rows, { kind, low, high }, colours) {
  const ratio = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const tall = Math.max(1, Math.round(canvas.clientHeight * ratio));
  const [across, down] = [each(steps[1] - steps[0], wide), each(rows[1] - rows[0], tall)];
  const columns = Math.ceil((steps[1] - steps[0]) / across);
  const lines = Math.ceil((rows[1] - rows[0]) / down);
  const sum = new Float64Array(columns * lines);
  const number = new Uint32Array(columns * lines);
  const line = Int32Array.from({ length: rows[1] }, (_, row) => Math.floor((row - rows[0]) / down));
  for (let step = steps[0]; step < Math.min(steps[1], array.rows); step++) {
    const column = Math.floor((step - steps[0]) / across);
    for (let row = rows[0]; row < rows[1]; row++) {
      const value = array.values[step * array.columns + order[row]];
      if (Number.isNaN(value)) continue;
      const cell = line[row] * columns + column;
      sum[cell] += value;
      number[cell] += 1;
    }
  }
  const picture = new OffscreenCanvas(columns, lines);
  const image = new ImageData(columns, lines);
  const pixels = new Uint32Array(image.data.buffer);
  const shades = colours[kind];
  for (let cell = 0; cell < pixels.length; cell++) {
    if (!number[cell]) continue;
    const share = (sum[cell] / number[cell] - low) / (high - low);
    pixels[cell] = shades[Math.max(0, Math.min(255, Math.round(255 * share)))];
  }
  picture.getContext("2d").putImageData(image, 0, 0);
  canvas.width = wide;
  canvas.height = tall;
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = across > 1 || down > 1;
  // The last pixel may stand for fewer steps or rows than the others.
  const right = (wide * columns * across) / (steps[1] - steps[0]);
  const below = (tall * lines * down) / (rows[1] - rows[0]);
  pen.drawImage(picture, 0, 0, right, below);
}

// One map of a view: {figure, pad, canvas, draw, marks}. `about` = {name, array, order, place,
// told(unit, step)}; `view` says what is in sight (steps, rows) and is told of the pointer.
export function map(about, view) {
  const canvas = element("canvas");
  const scale = element("canvas", { class: "rnn-scale", "aria-hidden": "true" });
  const [low, high] = [element("span"), element("span")];
  const [now, unit, seen, over] = ["now", "row", "seen", "over"].map((name) =>
    element("i", { class: `rnn-${name}` }));
  const box = element("i", { class: "rnn-box", hidden: "" });
  const pad = element(
    "div",
    { class: "rnn-pad", tabindex: 0, role: "application", "aria-roledescription": "map" },
    canvas, now, unit, seen, over, box,
  );
  const heading = element("span");
  const figure = element(
    "div", { class: "rnn-map" },
    element("div", { class: "rnn-caption" }, heading, element("small", {}, low, scale, high)),
    pad,
  );
  const self = { ...about, figure, pad, canvas, draw, marks, at };

  // Where in the numbers a place on the screen is: {step, unit, row}.
  function at({ clientX, clientY }) {
    const area = pad.getBoundingClientRect();
    const inside = (share, [from, to]) =>
      Math.max(from, Math.min(to - 1, Math.floor(from + share * (to - from))));
    const step = inside((clientX - area.left) / area.width, view.steps);
    const row = inside((clientY - area.top) / area.height, view.rowsOf(self));
    return { map: self, step, row, unit: self.order[row] };
  }

  function draw(limits, colours) {
    heading.textContent = about.name;
    [low.textContent, high.textContent] = ends(limits);
    paint(canvas, self.array, self.order, view.steps, view.rowsOf(self), limits, colours);
    const shades = colours[limits.kind];
    scale.width = 256;
    scale.height = 1;
    const image = new ImageData(256, 1);
    new Uint32Array(image.data.buffer).set(shades);
    scale.getContext("2d").putImageData(image, 0, 0);
    const rows = self.array.columns;
    pad.setAttribute("aria-label",
      `${about.name}: ${rows} ${rows === 1 ? "unit" : "units"} by ${self.array.rows} steps`);
    marks();
  }

  function marks() {
    const lie = (line, which) => mark(line, self.place[which] ?? null, view.rowsOf(self), DOWN);
    mark(now, view.step, view.steps);
    mark(seen, view.hover?.step ?? null, view.steps);
    lie(unit, view.of.includes(self.layer) ? view.unit : null);
    const same = view.of.length > 1 || view.hover?.map.layer === self.layer;
    lie(over, same ? (view.hover?.unit ?? null) : null);
  }

  drag(self, box, view);
  return self;
}

// A pointer over a map moves the cross; a click chooses; a drag looks closer at what it goes over.
function drag({ pad, at }, box, view) {
  let start = null;
  const share = (event) => {
    const area = pad.getBoundingClientRect();
    const inside = (value) => Math.max(0, Math.min(1, value));
    return [inside((event.clientX - area.left) / area.width),
      inside((event.clientY - area.top) / area.height)];
  };
  const far = (event) => start &&
    Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > 6;
  pad.onpointerdown = (event) => {
    if (!event.isPrimary || event.button !== 0) return;
    start = event;
    if (event.pointerType === "mouse") pad.setPointerCapture(event.pointerId);
  };
  pad.onpointermove = (event) => {
    view.point(at(event), event);
    box.hidden = !far(event) || event.pointerType !== "mouse";
    if (box.hidden) return;
    const [[x0, y0], [x1, y1]] = [share(start), share(event)];
    Object.assign(box.style, {
      left: `${100 * Math.min(x0, x1)}%`, width: `${100 * Math.abs(x1 - x0)}%`,
      top: `${100 * Math.min(y0, y1)}%`, height: `${100 * Math.abs(y1 - y0)}%`,
    });
  };
  pad.onpointerup = (event) => {
    if (start && !box.hidden) view.closer(at(start), at(event));
    else if (start && !far(event)) view.choose(at(event));
    start = null;
    box.hidden = true;
  };
  pad.onpointercancel = () => ((start = null), (box.hidden = true));
  pad.onpointerleave = () => view.point(null);
  pad.ondblclick = () => view.whole();
  pad.addEventListener("wheel", (event) => {
    const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
    if (event.ctrlKey || event.metaKey) view.zoom(event.deltaY < 0 ? 0.7 : 1.4, at(event));
    else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY)) view.pan(sideways);
    else return;
    event.preventDefault();
  }, { passive: false });
  pad.onkeydown = (event) => view.key(event, at);
}
