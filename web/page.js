// The page: draw, read, replay. All numbers come from Cells.read; nothing here computes them again.

const CELLS = {
  lstm: {
    name: "LSTM",
    parts: [
      ["f", "forget gate", "gate"],
      ["i", "input gate", "gate"],
      ["o", "output gate", "gate"],
      ["candidate", "candidate", "state"],
      ["c", "cell state c", "state"],
      ["h", "hidden state h", "state"],
    ],
  },
  gru: {
    name: "GRU",
    parts: [
      ["z", "update gate", "gate"],
      ["r", "reset gate", "gate"],
      ["candidate", "candidate", "state"],
      ["h", "hidden state h", "state"],
    ],
  },
  rnn: { name: "RNN", parts: [["h", "hidden state h", "state"]] },
};
const PINS = [
  { words: "free", value: undefined },
  { words: "shut", value: 0 },
  { words: "open", value: 1 },
];
const ROWS = 28;
const PAPER = 280; // the drawing's side in pixels

const page = (() => {
  const at = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const percent = (share) => `${Math.round(100 * share)} %`;

  const readers = {};
  const readings = {};
  const pins = { lstm: {}, gru: {}, rnn: {} };
  const views = {};
  let digit = null;
  let source = "";
  let step = ROWS - 1;
  let unit = 0;
  let timer = null;

  // --- drawing -----------------------------------------------------------------------------------

  const paper = at("paper");
  const pen = paper.getContext("2d", { willReadFrequently: true });
  let last = null;

  function wipe() {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, PAPER, PAPER);
    pen.strokeStyle = "#000";
    pen.lineWidth = 22;
    pen.lineCap = pen.lineJoin = "round";
  }

  function place(event) {
    const box = paper.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * PAPER,
      ((event.clientY - box.top) / box.height) * PAPER,
    ];
  }

  function stroke(event) {
    const [x, y] = place(event);
    pen.beginPath();
    pen.moveTo(...(last ?? [x, y]));
    pen.lineTo(x, y);
    pen.stroke();
    last = [x, y];
  }

  function ink() {
    const { data } = pen.getImageData(0, 0, PAPER, PAPER);
    return Array.from({ length: PAPER }, (_, y) =>
      Float64Array.from({ length: PAPER }, (_, x) => 1 - data[4 * (y * PAPER + x)] / 255),
    );
  }

  function readDrawing() {
    const drawn = Digit.centre(ink());
    if (drawn === null) return say("Nothing is drawn yet.");
    source = "your drawing";
    show(drawn);
  }

  // --- reading -----------------------------------------------------------------------------------

  function show(rows, from = 0) {
    digit = rows;
    readAll();
    paintDigit();
    go(from, true);
    play();
  }

  function readAll() {
    if (digit === null) return;
    const start = performance.now();
    for (const cell of Object.keys(readers)) {
      readings[cell] = Cells.read(readers[cell], digit, pins[cell]);
    }
    page.readingMs = performance.now() - start;
    for (const cell of Object.keys(views)) views[cell].paint(readings[cell]);
  }

  // --- pictures ----------------------------------------------------------------------------------

  function colour(value, kind, limit) {
    if (kind === "gate") {
      const share = 1 - Math.max(0, Math.min(1, value));
      return [255 * share, 92 + 163 * share, 148 + 107 * share]; // white (shut) to blue (open)
    }
    const share = Math.max(-1, Math.min(1, value / limit));
    const rest = 1 - Math.abs(share);
    return share > 0
      ? [213 + 42 * rest, 94 + 161 * rest, 255 * rest] // white to orange
      : [84 + 171 * rest, 39 + 216 * rest, 136 + 119 * rest]; // white to purple
  }

  function paintHeat(canvas, values, kind) {
    const units = values[0].length;
    const limit = Math.max(1e-9, ...values.map((row) => Math.max(...row.map(Math.abs))));
    const image = new ImageData(ROWS, units);
    for (let t = 0; t < ROWS; t++) {
      for (let n = 0; n < units; n++) {
        image.data.set([...colour(values[t][n], kind, limit), 255], 4 * (n * ROWS + t));
      }
    }
    canvas.width = ROWS;
    canvas.height = units;
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  function paintDigit() {
    const image = new ImageData(ROWS, ROWS);
    digit.forEach((row, y) =>
      row.forEach((value, x) => {
        const grey = 255 * (1 - value);
        image.data.set([grey, grey, grey, 255], 4 * (y * ROWS + x));
      }),
    );
    at("seen").getContext("2d").putImageData(image, 0, 0);
  }

  function pinButton(cell, letter, name) {
    let state = 0;
    const words = make("span");
    const made = make("button", { type: "button", class: "pin", "data-gate": letter }, words);
    const tell = () => {
      words.textContent = `${name}: ${PINS[state].words}`;
      made.classList.toggle("pinned", state > 0);
      made.title = "Click to pin this gate: free, shut, open";
    };
    made.onclick = () => {
      state = (state + 1) % PINS.length;
      pins[cell][letter] = PINS[state].value;
      tell();
      readAll();
      go(step, true);
    };
    tell();
    return made;
  }

  function view(cell) {
    const { name, parts } = CELLS[cell];
    const bars = Array.from({ length: 10 }, () => make("i"));
    const columns = bars.map((bar, n) => make("li", {}, make("b", {}, bar), make("span", {}, `${n}`)));
    const answer = make("p", { class: "answer" });
    const heats = parts.map(([letter, words, kind]) => {
      const canvas = make("canvas", { role: "img", "data-part": letter });
      const curtain = make("div", { class: "curtain" });
      const now = make("div", { class: "now" });
      const frame = make("div", { class: "heat" }, canvas, curtain, now);
      const head = kind === "gate" ? pinButton(cell, letter, words) : make("h4", {}, words);
      frame.onpointermove = (event) => {
        const box = frame.getBoundingClientRect();
        const t = Math.floor(((event.clientX - box.left) / box.width) * ROWS);
        const n = Math.floor(((event.clientY - box.top) / box.height) * readers[cell].units);
        point(cell, letter, words, t, n);
      };
      frame.onpointerleave = () => (at("value").textContent = "");
      return { letter, words, kind, canvas, curtain, now, box: make("div", { class: "part" }, head, frame) };
    });
    at("cells").append(
      make(
        "section",
        { class: `cell ${cell}`, "aria-label": name },
        make("h3", {}, name),
        answer,
        make("ol", { class: "belief", "aria-hidden": "true" }, ...columns),
        make("div", { class: "parts" }, ...heats.map((heat) => heat.box)),
      ),
    );
    return {
      paint(reading) {
        for (const { letter, kind, canvas } of heats) {
          paintHeat(canvas, reading.map((now) => now[letter]), kind);
        }
      },
      go(reading) {
        const { belief } = reading[step];
        const best = belief.indexOf(Math.max(...belief));
        answer.textContent = `${best} (${percent(belief[best])})`;
        bars.forEach((bar, n) => {
          bar.style.transform = `scaleY(${belief[n]})`;
          bar.classList.toggle("best", n === best);
        });
        for (const { letter, words, canvas, curtain, now } of heats) {
          curtain.style.left = now.style.left = `${(100 * (step + 1)) / ROWS}%`;
          const mean = reading[step][letter].reduce((a, b) => a + Math.abs(b), 0) / readers[cell].units;
          canvas.setAttribute(
            "aria-label",
            `${name}, ${words} of every unit up to row ${step + 1}; mean size now ${mean.toFixed(2)}`,
          );
        }
      },
    };
  }

  function point(cell, letter, words, t, n) {
    if (!readings[cell] || t < 0 || t > step || n < 0 || n >= readers[cell].units) return;
    const value = readings[cell][t][letter][n];
    at("value").textContent =
      `${CELLS[cell].name}, ${words}, unit ${n}, row ${t + 1}: ${value.toFixed(6)}`;
  }

  function tellUnit() {
    const lines = Object.entries(CELLS).map(([cell, { name, parts }]) => {
      const values = parts.map(
        ([letter, words]) => `${words} ${readings[cell][step][letter][unit].toFixed(4)}`,
      );
      return make("li", {}, `${name}: ${values.join(", ")}`);
    });
    at("unit-values").replaceChildren(...lines);
  }

  function say(words) {
    at("words").textContent = words;
  }

  // --- the slider --------------------------------------------------------------------------------

  function go(wanted, always = false) {
    const reached = Math.max(0, Math.min(ROWS - 1, wanted));
    if (digit === null || (reached === step && !always)) return;
    step = reached;
    at("row").value = step + 1;
    at("row").setAttribute("aria-valuetext", `row ${step + 1} of ${ROWS}`);
    at("count").textContent = `${step + 1} / ${ROWS}`;
    at("unread").style.top = `${(100 * (step + 1)) / ROWS}%`;
    at("reading-row").style.top = `${(100 * step) / ROWS}%`;
    for (const cell of Object.keys(views)) views[cell].go(readings[cell]);
    const beliefs = Object.keys(views).map((cell) => {
      const { belief } = readings[cell][step];
      const best = belief.indexOf(Math.max(...belief));
      return `the ${CELLS[cell].name} believes ${best} (${percent(belief[best])})`;
    });
    say(`${source}, after row ${step + 1} of ${ROWS}: ${beliefs.join(", ")}.`);
    tellUnit();
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    at("play").textContent = "Play";
    at("words").setAttribute("aria-live", "polite");
  }

  function play() {
    stop();
    if (digit === null) return;
    if (step === ROWS - 1) go(0);
    at("play").textContent = "Pause";
    at("words").setAttribute("aria-live", "off"); // a voice cannot follow a film
    timer = setInterval(() => {
      go(step + 1);
      if (step === ROWS - 1) stop();
    }, 1000 / Number(at("speed").value));
  }

  // --- start -------------------------------------------------------------------------------------

  function start(packedReaders, samples) {
    for (const packed of packedReaders) readers[packed.cell] = Cells.unpack(packed);
    for (const cell of Object.keys(CELLS)) views[cell] = view(cell);
    wipe();
    samples.forEach(({ label, pixels }) => {
      const rows = Array.from({ length: ROWS }, (_, y) =>
        Float64Array.from({ length: ROWS }, (_, x) => pixels[y * ROWS + x] / 255),
      );
      const choose = make("button", { type: "button", "aria-label": `Read a real ${label}` }, `${label}`);
      choose.onclick = () => {
        wipe();
        source = `A real ${label}`;
        show(rows);
      };
      at("samples").append(choose);
    });
    paper.onpointerdown = (event) => {
      paper.setPointerCapture(event.pointerId);
      stop();
      last = null;
      stroke(event);
      event.preventDefault();
    };
    paper.onpointermove = (event) => last && event.buttons && stroke(event);
    paper.onpointerup = paper.onpointercancel = () => {
      if (last) readDrawing();
      last = null;
    };
    at("clear").onclick = () => (stop(), wipe(), say("The paper is empty: draw a digit."));
    at("row").onkeydown = at("row").onpointerdown = (event) => event.key !== "Tab" && stop();
    at("row").oninput = () => (stop(), go(Number(at("row").value) - 1));
    at("previous").onclick = () => (stop(), go(step - 1));
    at("next").onclick = () => (stop(), go(step + 1));
    at("play").onclick = () => (timer === null ? play() : stop());
    at("speed").onchange = () => timer !== null && play();
    at("unit").oninput = () => {
      const wanted = Math.round(Number(at("unit").value));
      unit = Math.max(0, Math.min(readers.lstm.units - 1, wanted || 0));
      if (digit !== null) tellUnit();
    };
    at("samples").querySelectorAll("button")[3].click();
    stop();
    go(ROWS - 1, true);
  }

  return { start, show, go, readings, pins, get step() { return step; } };
})();
