// The view of one or two traces: the state that its parts share, and what it is made of.
import { button, element, link, transport, widget } from "./transport.js";
import { each, map } from "./maps.js";
import { findingsPanel, inputPanel, outputPanel, writesPanel } from "./panels.js";
import { HEADINGS, isDark, limits, number, palette } from "./scale.js";
import { SORTS, order, unitPanel } from "./unit.js";
import { opened, unpack } from "./unpack.js";

const SCALES = {
  own: "each map its own scale",
  common: "one scale for all states",
  contrast: "gates with contrast",
};
const menu = (title, onchange) => Object.assign(element("select", { title }), { onchange });
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Put numbers where the head has their places, and nan where a gate was masked.
function joined(head, arrays, weights) {
  head.traces.forEach((trace, n) => {
    trace.x = arrays[trace.x];
    for (const { answer } of [trace, ...trace.layers]) {
      if (answer) answer.values = arrays[answer.values];
    }
    const layers = trace.layers.map(({ layer }) => layer);
    for (const layer of trace.layers) {
      const parts = Object.entries(layer.parts).map(([part, place]) => [part, arrays[place]]);
      layer.arrays = Object.fromEntries(parts);
      layer.masked = new Set(layer.masked);
      for (const [part, { columns, values }] of parts) {
        if (part === "c" || part === "h") continue;
        for (const t of layer.masked) values.fill(NaN, t * columns, (t + 1) * columns);
      }
      layer.initial = layer.initial.map((place) => arrays[place]);
      layer.x = arrays[layer.x];
      const known = layer.weights?.every((place) => weights[place]);
      layer.weights = known ? layer.weights.map((place) => weights[place]) : null;
      const read = layer.head?.map((place) => weights[place]);
      layer.head = read?.every(Boolean) ? read : null;
      layer.says = layer.answer ?? trace.answer; // what the head makes of its h
      layer.sorted = arrays[layer.sorted];
      const both = layers.filter((other) => other === layer.layer).length > 1;
      layer.short = both ? capital(layer.name.replace(`${layer.layer}/`, "")) : layer.name;
      layer.trace = head.names[n] ?? "";
      if (trace.layers[0] === layer) layer.inputs = trace.features;
    }
  });
  return head;
}

// Fill `root` with a view. `onStep` is told each step that the reader chooses, `onPlay` that a film
// begins. Returns {show(head, step), follow(step), play(), stop(), close(), seen: what the reader
// has chosen, {step, shown: layers by number, unit, part: what of it is taken apart}, look(seen)}.
export function mount(root, onStep = () => {}, onPlay = () => {}) {
  let head = null;
  let [maps, panels, unit] = [[], [], null];
  const player = transport(root, { draw: stepped, onStep, onPlay });
  const title = element("p", { class: "rnn-title" });
  const tools = element("div", { class: "rnn-tools" });
  const side = element("div", { class: "rnn-side" });
  const grid = element("div", { class: "rnn-maps" });
  const sight = element("p", { class: "rnn-sight" });
  const readout = element("p", { class: "rnn-readout", role: "status" });
  const more = element("div", { class: "rnn-more" });
  const tip = element("div", { class: "rnn-tip", "aria-hidden": "true", hidden: "" });
  const layerMenu = menu("Layer", () => choose(layerMenu.value.split(",").map(Number)));
  const sortMenu = menu("Order of the units", () => ((view.sort = sortMenu.value), arrange()));
  const scaleMenu = menu("Colours", () => ((view.scale = scaleMenu.value), measure(), draw()));
  options(sortMenu, Object.keys(SORTS).map((sort) => [sort, sort === "units" ? "as in the model" : sort]));
  options(scaleMenu, Object.entries(SCALES));
  tools.append(
    ...[layerMenu, sortMenu, scaleMenu].map((one) => element("label", {}, one.title, " ", one)),
    element("span", { class: "rnn-zoom" },
      button("closer", "Look closer", () => view.zoom(0.5)),
      button("further", "Look from further away", () => view.zoom(2)),
      button("whole", "Show everything", () => view.whole())),
  );
  root.classList.add("rnn-view");

  const view = {
    steps: [0, 1], rows: [0, 1], layers: [], unit: 0, hover: null, sort: "change", scale: "own",
    colours: null,
    layer: null, // the one that the unit is of; of two traces of one network it is one of both
    get of() { return head.names.length ? view.layers : [view.layer]; },
    get step() { return player.step; },
    get seenStep() { return view.hover?.step ?? player.step; },
    rowsOf: ({ array, input }) =>
      !input && array.columns === view.layers[0].units ? view.rows : [0, array.columns],
    stepName(step) {
      const names = head.traces.map((trace) => trace.names?.[step]).filter(Boolean);
      const told = [...new Set(names)].map((name) => `“${name}”`).join(" and ");
      return `step ${(step + 1).toLocaleString("en")}${told && !view.layers[0].own ? ` (${told})` : ""}`;
    },
    point(place, event) {
      const hover = place && { ...place, unit: place.map.input ? null : place.unit };
      view.hover = hover;
      const area = place && root.getBoundingClientRect(); // before anything moves
      tip.hidden = !place;
      if (place) {
        tip.replaceChildren(...read(place).map((line) => element("div", {}, line)));
        const [x, y] = [event.clientX - area.left, event.clientY - area.top];
        const right = x > area.width / 2;
        tip.style.left = right ? "" : `${x + 14}px`;
        tip.style.right = right ? `${area.width - x + 14}px` : "";
        tip.style.top = `${y + 14}px`;
      }
      marked();
    },
    choose(place) {
      player.choose(place.step);
      if (place.map) readout.textContent = read(place).join(", ");
      if (place.map && !place.map.input) {
        [view.unit, view.layer] = [place.unit, place.map.layer];
        unit.take(place.map.part);
      }
      marked();
      unit.show();
    },
    closer(a, b) {
      view.steps = [Math.min(a.step, b.step), Math.max(a.step, b.step) + 1];
      if (!a.map.input) view.rows = [Math.min(a.row, b.row), Math.max(a.row, b.row) + 1];
      draw();
    },
    zoom(factor, place = null) {
      const row = place?.row ?? view.layers[0].place[view.unit] ?? 0;
      view.steps = around(view.steps, factor, place?.step ?? view.step, head.steps);
      view.rows = around(view.rows, factor, place?.map.input ? 0 : row, view.layers[0].units);
      draw();
    },
    pan(pixels) {
      const [from, to] = view.steps;
      const by = Math.round((pixels / 300) * (to - from)) || Math.sign(pixels);
      const start = Math.max(0, Math.min(head.steps - (to - from), from + by));
      view.steps = [start, start + to - from];
      draw();
    },
    whole() {
      view.steps = [0, head.steps];
      view.rows = [0, view.layers[0].units];
      draw();
    },
    key,
  };

  function options(select, list) {
    select.replaceChildren(...list.map(([value, told]) => element("option", { value }, told)));
  }

  // A piece of `window`, larger or smaller, in which `kept` keeps its place.
  function around([from, to], factor, kept, most) {
    const size = Math.max(Math.min(4, most), Math.min(most, Math.round((to - from) * factor)));
    const share = (kept + 0.5 - from) / (to - from);
    const start = Math.round(kept + 0.5 - share * size);
    const first = Math.max(0, Math.min(most - size, start));
    return [first, first + size];
  }

  // What a place in a map or in the input says: the value, and where it is.
  function read({ map: where, step, unit: which }) {
    const value = (array) =>
      step < array.rows ? array.values[step * array.columns + which] : undefined;
    const told = (found) =>
      found === undefined ? "ended"
      : Number.isNaN(found) && where.layer?.masked.has(step) ? "masked" : number(found, 4);
    if (where.input) {
      const name = where.input.features?.[which] ?? `input ${which}`;
      return [`${name}: ${told(value(where.array))}`, view.stepName(step)];
    }
    const lines = head.names.length
      ? maps.filter((one) => one.part === where.part)
          .map((one) => `${one.trace}: ${told(value(one.array))}`)
      : [told(value(where.array))];
    return [`${where.full} ${lines.join("; ")}`, `unit ${which}, ${view.stepName(step)}`];
  }

  function key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const where = maps.find((one) => one.pad === event.currentTarget);
    const layer = where?.layer ?? view.layer;
    view.layer = layer;
    const row = layer.place[view.unit];
    const move = (rows) => {
      view.unit = layer.order[Math.max(0, Math.min(layer.units - 1, row + rows))];
      const [from, to] = view.rows;
      const at = layer.place[view.unit];
      if (at < from || at >= to) {
        view.rows = around([at - (to - from) / 2, at + (to - from) / 2], 1, at, layer.units);
        draw();
      }
    };
    const does = {
      ArrowLeft: () => player.choose(view.step - 1),
      ArrowRight: () => player.choose(view.step + 1),
      ArrowUp: () => move(-1),
      ArrowDown: () => move(1),
      PageUp: () => move(-10),
      PageDown: () => move(10),
      Home: () => player.choose(0),
      End: () => player.choose(Infinity),
      Enter: () => (unit.take(where?.part), unit.element.firstChild.focus()),
      "+": () => view.zoom(0.5),
      "=": () => view.zoom(0.5),
      "-": () => view.zoom(2),
      0: () => view.whole(),
    };
    if (!(event.key in does)) return;
    does[event.key]();
    event.preventDefault();
    event.stopPropagation();
    if (where) readout.textContent = read({ map: where, step: view.step, unit: view.unit }).join(", ");
    marked();
    unit.show();
  }

  function stepped(step) {
    if (!maps.length) return;
    const [from, to] = view.steps;
    if (step < from || step >= to) {
      view.steps = around([step - (to - from) / 2, step + (to - from) / 2], 1, step, head.steps);
      draw();
    }
    marked();
    unit.step();
  }

  function marked() {
    for (const one of maps) one.marks();
    for (const one of panels) one.step();
  }

  function words(step) {
    const told = [`Step ${(step + 1).toLocaleString("en")} of ${head.steps.toLocaleString("en")}`];
    head.traces.forEach((trace, n) => {
      const layers = head.names.length
        ? [trace.layers[view.layers[0].number]]
        : view.layers;
      const of = head.names.length ? `${head.names[n]}: ` : "";
      const what = layers[0].own ? "" : (trace.read[step] ?? "");
      told.push(of ? `. ${of}${what || (step < trace.steps ? "" : "it has ended")}` : what && `, ${what}`);
      told.push(". ");
      for (const layer of layers) {
        const text = layer.words[step];
        if (text) told.push(layers.length > 1 ? `${layer.short}: ${text} ` : `${capital(text)} `);
      }
      for (const { words: said = [] } of answersOf(trace)) {
        if (said.length === layers[0].steps) told.push(said[step] ?? "", " ");
        else if (step === head.steps - 1) told.push(said.at(-1) ?? "", " ");
      }
    });
    if (step === 0) {
      const notes = head.traces.flatMap((trace) => [trace.note, trace.caveat]);
      told.push([...new Set(notes)].join(" "));
    }
    return told.join("").replace(/ +/g, " ").replaceAll(". .", ".").replaceAll(": . ", ": ").trim();
  }

  // Of a trace, or of each of its layers, where these are networks of their own.
  const answersOf = (trace) =>
    [trace, ...trace.layers].flatMap(({ answer, short }) => (answer ? [{ ...answer, short }] : []));

  // Show other records of the traces.
  function choose(shown, at = view.step) {
    const [first, second] = head.traces;
    const same = Math.max(0, view.layers.indexOf(view.layer));
    view.layers = head.names.length
      ? [first.layers[shown[0]], second.layers[shown[0]]]
      : shown.map((n) => first.layers[n]);
    view.layers.forEach((layer, n) => (layer.number = shown[n] ?? shown[0]));
    head.steps = Math.max(...view.layers.map((layer) => layer.steps));
    view.steps = [0, head.steps];
    view.rows = [0, view.layers[0].units];
    view.hover = null;
    view.layer = view.layers[same] ?? view.layers[0];
    maps = [];
    panels = [
      ...head.traces.map((trace, n) => inputPanel(trace, view, head.names[n])),
      ...head.traces.flatMap((trace, n) => (answersOf(trace).length ? answersOf(trace) : [null])
        .map((answer) => outputPanel(trace, answer, view, head.names[n] ?? answer?.short, n))),
    ];
    side.replaceChildren(...panels.map((one) => one.element));
    const open = unit?.part;
    unit = unitPanel(view);
    if (open) unit.take(open);
    const below = head.writes ? [writesPanel(head.writes, view)] : [];
    if (head.findings.length) below.push(findingsPanel(head.findings, view));
    panels.push(...below);
    more.replaceChildren(unit.element, ...below.map((one) => one.element));
    arrange();
    const texts = Array.from({ length: head.steps }, (_, step) => words(step));
    const longest = texts.reduce((a, b) => (b.length > a.length ? b : a), "");
    player.show({ count: head.steps, words: (step) => texts[step], longest }, at);
  }

  // Make the maps, with the units in their order.
  function arrange() {
    const compared = head.names.length > 0;
    view.layers.forEach((layer, n) => {
      const state = layer.sorted ?? layer.arrays.c ?? layer.arrays.h;
      const same = compared && n > 0;
      layer.order = same ? view.layers[0].order
        : order(state, view.sort, layer.initial.at(-1).values, layer.backwards, layer.masked);
      layer.place = [];
      layer.order.forEach((which, row) => (layer.place[which] = row));
    });
    if (!(view.unit < view.layer.units)) view.unit = view.layer.order[0];
    const parts = (layer) =>
      Object.keys(layer.parts).filter((part) => !head.parts || head.parts.includes(part));
    // Alike layers stand side by side, part by part; of others each has its maps together.
    const alike = view.layers.every(({ cell }) => cell === view.layers[0].cell);
    const groups = alike
      ? parts(view.layers[0]).map((part) => [part, view.layers])
      : view.layers.flatMap((layer) => parts(layer).map((part) => [part, [layer]]));
    maps = groups.flatMap(([part, layers]) => [
      ...layers.map((layer) => mapOf(layer, part, layer.arrays[part],
        compared ? layer.trace : view.layers.length > 1 ? layer.short : "")),
      ...(compared ? [difference(part)] : []),
    ]);
    grid.replaceChildren(...maps.map((one) => one.figure));
    const beside = view.layers.length > 1 && alike; // else in two lines, as in the lessons
    grid.style.setProperty("--columns", compared ? 3 : beside ? 2 : Math.ceil(maps.length / 2));
    grid.classList.toggle("rnn-several", beside);
    grid.classList.toggle("rnn-one", maps.length === 1);
    measure();
    if (root.clientWidth) draw();
  }

  function mapOf(layer, part, array, of) {
    const own = array.columns === layer.units;
    const every = own ? layer.order : Array.from({ length: array.columns }, (_, n) => n);
    const name = of ? `${part}: ${of}` : HEADINGS[part];
    const full = HEADINGS[part] + (of && !head.names.length ? `, ${of}` : "");
    return map({ name, full, part, array, layer, trace: of, gate: layer.gates.includes(part),
      order: every, place: own ? layer.place : every }, view);
  }

  function difference(part) {
    const [a, b] = view.layers.map((layer) => layer.arrays[part]);
    const rows = Math.min(a.rows, b.rows);
    const values = Float32Array.from({ length: rows * a.columns }, (_, n) => b.values[n] - a.values[n]);
    const made = mapOf(view.layers[0], part, { rows, columns: a.columns, values }, "difference");
    return Object.assign(made, { gate: false, apart: true });
  }

  // Find the scales of the maps.
  function measure() {
    const contrast = view.scale === "contrast";
    for (const one of maps) one.limits = limits(one.array.values, one.gate, contrast);
    const share = (some) => {
      const widest = some.reduce((a, b) => (b.limits.high > a.limits.high ? b : a), some[0]);
      const low = Math.min(...some.map((one) => one.limits.low));
      for (const one of some) one.limits = { ...widest.limits, low };
    };
    const compared = maps.filter((one) => !one.apart);
    if (head.names.length) {
      for (const part of new Set(maps.map((one) => one.part))) {
        share(compared.filter((one) => one.part === part));
      }
    }
    if (view.scale === "common") share(compared.filter((one) => one.limits.kind === "state"));
  }

  function draw() {
    if (!head) return;
    view.colours = palette(root);
    for (const one of maps) one.draw(one.limits, view.colours);
    for (const one of panels) one.draw();
    unit.show();
    const [layer] = view.layers;
    const some = ([from, to], most) => to - from < most;
    const { width, height } = maps[0].canvas;
    const across = each(view.steps[1] - view.steps[0], width);
    const down = each(view.rows[1] - view.rows[0], height);
    const units = layer.units === 1 ? "1 unit" : `${layer.units} units, ${SORTS[view.sort]}`;
    sight.textContent =
      `Across: steps ${view.steps[0] + 1} to ${view.steps[1]} of ${head.steps}. Down: ${units}` +
      (some(view.rows, layer.units) ? `, of which ${view.rows[0] + 1} to ${view.rows[1]} in sight` : "") +
      (across * down > 1 ? `; each point a mean, of ${down} by ${across} (units by steps)` : "") +
      (layer.backwards ? "; read from the last to the first" : "") +
      (layer.masked.size ? "; hatched: masked" : "");
  }

  function show(wanted, at = player.step) {
    // Another input of the same network leaves what the reader has chosen.
    const like = (one) => one && JSON.stringify([one.names.length, one.sort, one.shown,
      one.traces[0].layers.map(({ name, units }) => [name, units])]);
    const kept = like(head) === like(wanted) ? layerMenu.value : null;
    head = wanted;
    if (kept === null) view.sort = sortMenu.value = head.sort;
    if (kept === null) view.unit = Infinity; // the first in order
    root.setAttribute("aria-label", `Replay: ${head.title}`);
    root.classList.toggle("sheet-large", Boolean(head.letters));
    root.style.fontSize = head.letters ? `${head.letters}px` : "";
    const caveat = head.traces.map((trace) => trace.caveat).find(Boolean) ?? "";
    title.replaceChildren(element("strong", {}, head.title), " ", element("span", {}, caveat));
    const { layers } = head.traces[0];
    const singles = layers.map(({ name }, n) => [`${n}`, name]);
    const pairs = layers.flatMap(({ layer, name }, n) => {
      const other = layers.findIndex((one, k) => k > n && one.layer === layer);
      const both = other > 0 && layers[other].backwards !== layers[n].backwards;
      return both && !head.names.length ? [[`${n},${other}`, `${layer}: both directions`]] : [];
    });
    options(layerMenu, [...singles, ...pairs]);
    const first = head.names.length ? head.shown.slice(0, 1) : head.shown;
    const shown = kept === null ? first : kept.split(",").map(Number);
    if (![...layerMenu.options].some(({ value }) => value === first.join())) {
      const together = first.map((n) => layers[n].name).join(" and ");
      layerMenu.append(element("option", { value: first.join() }, together));
    }
    layerMenu.value = shown.join();
    layerMenu.parentNode.hidden = layerMenu.options.length < 2;
    choose(shown, at);
  }

  root.replaceChildren(
    title, tools,
    element("div", { class: "rnn-body" }, side, element("div", {}, grid, sight)),
    readout, player.bar, player.text, more, tip,
  );
  // A new width, a window that turns dark, a page that comes into sight.
  let wide = 0;
  const sized = new ResizeObserver(() => {
    if (root.clientWidth === wide) return;
    wide = root.clientWidth;
    if (wide && head) draw();
  });
  sized.observe(root);
  const again = () => head && root.clientWidth && isDark(root) !== view.colours?.dark && draw();
  const media = ["(prefers-color-scheme: dark)", "print"].map((query) => matchMedia(query));
  for (const one of media) one.addEventListener("change", again);
  const turned = new MutationObserver(again);
  for (const one of [document.documentElement, document.body]) {
    turned.observe(one, { attributes: true });
  }
  return {
    show, follow: player.follow, play: player.play, stop: player.stop,
    look(wanted) {
      layerMenu.value = wanted.shown.join();
      choose(wanted.shown);
      view.unit = wanted.unit;
      unit.take(wanted.part);
      marked();
      unit.show();
    },
    get seen() {
      const [shown, part] = [layerMenu.value.split(",").map(Number), unit?.part ?? ""];
      return { step: player.step, unit: view.unit, shown, part };
    },
    close() {
      player.stop();
      sized.disconnect();
      turned.disconnect();
      for (const one of media) one.removeEventListener("change", again);
    },
  };
}

// Start the view of a page, all of which stands in `packed`.
export async function onPage(root, packed, step) {
  let told;
  try {
    const [head, bytes] = await opened(packed);
    told = joined(head, unpack(head.arrays, bytes), unpack(head.weights, bytes));
  } catch {
    root.append(element("p", {}, "This browser is too old for the view: one step is shown."));
    return;
  }
  mount(root).show(told, step);
  link(root);
}

// --- the live widget ----------------------------------------------------------------------------

const bytesOf = ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength);

export default widget(mount, "data", (model) => {
  const { head, bytes } = model.get("data");
  const told = JSON.parse(head);
  const weights = model.get("weights");
  return joined(told, unpack(told.arrays, bytesOf(bytes)),
    unpack(weights.arrays, bytesOf(weights.bytes)));
});
