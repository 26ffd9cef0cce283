// The page: what is drawn is read by three networks, and rnnscope's view shows what they did.

const page = (() => {
  const at = (id) => document.getElementById(id);
  const { element } = View;
  const readers = {};
  const samples = []; // the rows of the real digits, by label
  let given = Link.plain(); // what lies on the paper, and what is pinned
  let rows = null; // the digit as the networks get it; null: nothing
  let readings = {};
  let layers = null;
  let view = null;
  let timer = null;

  const read = (digit, pins = {}) =>
    Object.fromEntries(Object.keys(CELLS).map((cell) =>
      [cell, Cells.read(readers[cell], digit, pins[cell])]));

  // What the view is told, as rnnscope.view_layout tells it of a trace: three layers, each with an answer.
  function told() {
    const [arrays, weights] = [[], []];
    const put = (list, columns, values) =>
      list.push({ rows: values.length / columns, columns, values, how: "exact" }) - 1;
    const all = (steps, columns) =>
      put(arrays, columns, Float32Array.from(steps.flatMap((values) => [...values])));
    const x = all(rows, ROWS);
    const free = read(rows); // the units stand in the same order whatever is pinned
    const layer = ([cell, { name, gates, parts }]) => {
      const [reading, reader] = [readings[cell], readers[cell]];
      const { units, kernel, recurrent, bias } = reader;
      const zeros = put(arrays, units, new Float32Array(units));
      const columns = kernel.length / ROWS;
      const beliefs = reading.map(({ belief }) => belief);
      const digits = Array.from({ length: 10 }, (_, n) => `${n}`);
      return {
        name, layer: name, cell, units, steps: ROWS, own: false, backwards: false, masked: [],
        gates: Object.keys(gates), initial: [zeros, zeros], functions: ["tanh", "sigmoid"],
        resetAfter: true, words: [], x,
        sorted: all(free[cell].map(({ c, h }) => c ?? h), units),
        parts: Object.fromEntries(
          parts.map((part) => [part, all(reading.map((now) => now[part]), units)])),
        weights: [put(weights, columns, kernel), put(weights, columns, recurrent),
          put(weights, bias.length, bias)],
        head: [put(weights, 10, reader.head), put(weights, 10, reader.headBias)],
        answer: {
          kind: "classes", stopped: true, of: 10, kept: digits, names: digits, said: digits,
          best: beliefs.map(largest), values: all(beliefs, 10),
          words: beliefs.map((belief) => `The ${name} says ${Cells.said(belief)}.`),
        },
      };
    };
    const ink = rows.map((row) => row.filter((value) => value > 0).length);
    const trace = {
      caveat: "", note: "", steps: ROWS, names: null, text: false, tokens: null, x, answer: null,
      read: ink.map((count) => count ? `ink in ${count} of ${ROWS} pixels` : "a white row"),
      features: Array.from({ length: ROWS }, (_, n) => `pixel ${n + 1}`),
      layers: Object.entries(CELLS).map(layer),
    };
    const head = {
      title: given.drawing ? "Your drawing" : `A real ${given.digit}`, letters: 0, names: [],
      steps: ROWS, shown: [0, 1, 2], sort: "mean", parts: null, findings: [], writes: null,
      traces: [trace],
    };
    return View.joined(head, arrays, weights);
  }

  // Read what is given, and show it at a step.
  function show(step) {
    const digit = given.drawing ? Digit.centre(Paper.ink(given.drawing)) : samples[given.digit];
    rows = digit ?? null;
    at("view").hidden = rows === null;
    at("empty").hidden = rows !== null;
    for (const [label, button] of [...at("samples").children].entries()) {
      button.setAttribute("aria-pressed", label === given.digit);
    }
    for (const button of at("pins").children) button.tell();
    if (rows) readings = read(rows, given.pins);
    const head = rows && told();
    layers = head?.traces[0].layers;
    if (rows) view.show(head, step);
    else view.stop();
    tell();
  }

  // The answers below the paper, for a screen that has no room for the view beside it.
  function tell() {
    const said = ([cell, { name }]) => `${name} ${Cells.said(readings[cell][view.seen.step].belief)}`;
    at("said").textContent = rows ? Object.entries(CELLS).map(said).join(", ") : "";
  }

  // What the visitor puts on the paper plays.
  function take(digit, drawing = null) {
    Object.assign(given, { digit, drawing });
    if (!drawing) Paper.lay(null);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    show(still ? ROWS - 1 : 0);
    if (rows && !still) view.play();
    changed();
  }

  function pinButton(cell, gate, words) {
    const told = element("b");
    const made = element("button", { type: "button" }, `${CELLS[cell].name} ${words}: `, told);
    const next = { undefined: 0, 0: 1, 1: undefined };
    made.tell = () => {
      const pin = given.pins[cell][gate];
      told.textContent = pin === undefined ? "free" : pin ? "open" : "shut";
      made.classList.toggle("pinned", pin !== undefined);
    };
    made.onclick = () => {
      const pin = next[given.pins[cell][gate]];
      if (pin === undefined) delete given.pins[cell][gate];
      else given.pins[cell][gate] = pin;
      show(view.seen.step);
      changed();
    };
    return made;
  }

  // --- the state ---------------------------------------------------------------------------------

  function state() {
    const { step, unit, shown, part } = view.seen;
    const network = shown.length > 1 ? "all" : Object.keys(CELLS)[shown[0]];
    return { ...given, row: step + 1, unit, network, open: part, tour: 0 };
  }

  // The address follows what the page shows, a moment later: browsers allow few changes a second.
  function changed() {
    at("link").hidden = true; // it leads to what was there before
    at("copied").textContent = "";
    tell();
    timer ??= setTimeout(() => {
      timer = null;
      const text = Tour.tell(state()) || Link.write(state());
      try {
        history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
      } catch {} // a browser may refuse; the page does not depend on it
    }, 300);
  }

  // Bring the page to a state.
  function apply({ digit, drawing, pins, network, open, row, unit }) {
    given = { digit, drawing, pins: structuredClone(pins) };
    Paper.lay(drawing);
    show(row - 1);
    if (rows === null) return;
    const shown = network === "all" ? [0, 1, 2] : [Object.keys(CELLS).indexOf(network)];
    view.look({ shown, unit, part: open });
  }

  function follow() {
    const wanted = Link.read(location.hash);
    if (wanted.tour) Tour.go(wanted.tour);
    else apply(wanted);
  }

  async function copy() {
    view.stop(); // a film would go on to what the link does not show
    const text = Tour.tell(state()) || Link.write(state());
    if (!text) {
      at("copied").textContent =
        "This drawing is too long for a link: clear the paper and draw it with less ink.";
      return;
    }
    at("link").value = `${location.href.replace(/#.*/s, "")}#${text}`;
    try {
      await navigator.clipboard.writeText(at("link").value);
      at("copied").textContent = "Copied: the link opens this page as it is now.";
    } catch {
      at("copied").textContent = "The browser lets no page copy here: take the link from this field.";
      at("link").hidden = false;
      at("link").select();
    }
  }

  function start(packed, real) {
    for (const one of packed) readers[one.cell] = Cells.unpack(one);
    real.forEach(({ label, pixels }) => {
      samples[label] = Array.from({ length: ROWS }, (_, y) =>
        Float64Array.from({ length: ROWS }, (_, x) => pixels[y * ROWS + x] / 255));
      const attributes = { type: "button", "aria-label": `Read a real ${label}` };
      const choose = element("button", attributes, `${label}`);
      choose.onclick = () => take(label);
      at("samples").append(choose);
    });
    for (const [cell, { gates }] of Object.entries(CELLS)) {
      for (const [gate, words] of Object.entries(gates)) {
        at("pins").append(pinButton(cell, gate, words));
      }
    }
    view = View.mount(at("view"), changed);
    for (const kind of ["click", "change", "keyup"]) at("view").addEventListener(kind, changed);
    Paper.start({ began: view.stop, drawn: (strokes) => take(null, strokes) });
    at("clear").onclick = () => take(null);
    at("copy").onclick = copy;
    Tour.start();
    addEventListener("hashchange", follow);
    follow();
  }

  return {
    start, apply, state, changed, take, readers,
    sample: (label) => samples[label],
    read: (label) => read(samples[label]),
    get view() { return view; },
    get rows() { return rows; },
    get readings() { return readings; },
    get layers() { return layers; },
    get drawing() { return given.drawing; },
  };
})();
