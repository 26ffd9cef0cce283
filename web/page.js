// The page: draw, read, replay. All numbers come from Cells.read; nothing here computes them again.

// Of each part: letter, words, kind, and the size that has the full colour, as in the lessons.
const CELLS = {
  lstm: {
    name: "LSTM",
    parts: [
      ["f", "forget gate", "gate", 1],
      ["i", "input gate", "gate", 1],
      ["candidate", "candidate", "state", 1],
      ["c", "cell state c", "state", 2],
      ["o", "output gate", "gate", 1],
      ["h", "hidden state h", "state", 1],
    ],
  },
  gru: {
    name: "GRU",
    parts: [
      ["z", "update gate", "gate", 1],
      ["r", "reset gate", "gate", 1],
      ["candidate", "candidate", "state", 1],
      ["h", "hidden state h", "state", 1],
    ],
  },
  rnn: { name: "RNN", parts: [["h", "hidden state h", "state", 1]] },
};
const PINS = [
  { words: "free", value: undefined },
  { words: "shut", value: 0 },
  { words: "open", value: 1 },
];
// Matplotlib's Greys and PuOr_r, at even distances: the lessons draw with them.
const COLOURS = {
  gate: [
    [255, 255, 255], [240, 240, 240], [217, 217, 217], [189, 189, 189], [150, 150, 150],
    [115, 115, 115], [82, 82, 82], [37, 37, 37], [0, 0, 0],
  ],
  state: [
    [45, 0, 75], [84, 39, 136], [128, 115, 172], [178, 171, 210], [216, 218, 235], [247, 247, 247],
    [254, 224, 182], [253, 184, 99], [224, 130, 20], [179, 88, 6], [127, 59, 8],
  ],
};
const ICONS = {
  previous: "M11 3 4 8l7 5zM3 3h1.6v10H3z",
  play: "M4 2.5 13 8l-9 5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3l7 5-7 5zM11.4 3H13v10h-1.6z",
};
const ROWS = 28;
const PAPER = 280; // the drawing's side in pixels
const PEN = 22;

const page = (() => {
  const at = (id) => document.getElementById(id);
  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const percent = (share) => `${Math.round(100 * share)}%`;
  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

  const readers = {};
  const readings = {}; // empty as long as nothing is to be read
  const pins = { lstm: {}, gru: {}, rnn: {} };
  const views = {};
  let digit = null;
  let source = "";
  let step = ROWS - 1;
  let unit = 0;
  let pointed = null; // the place in a box that was pointed at last
  let timer = null;

  // --- drawing -----------------------------------------------------------------------------------

  const paper = at("paper");
  const pen = paper.getContext("2d", { willReadFrequently: true });
  let pointer = null; // the one that draws: a second finger or the palm does not
  let last = null;

  function wipe() {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, PAPER, PAPER);
    pen.fillStyle = pen.strokeStyle = "#000";
    pen.lineWidth = PEN;
    pen.lineCap = pen.lineJoin = "round";
    at("hint").hidden = false;
  }

  function stroke(event) {
    const box = paper.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * PAPER;
    const y = ((event.clientY - box.top) / box.height) * PAPER;
    pen.beginPath();
    if (last === null) {
      pen.arc(x, y, PEN / 2, 0, 2 * Math.PI); // a dot, which a line of no length is not
      pen.fill();
    } else {
      pen.moveTo(...last);
      pen.lineTo(x, y);
      pen.stroke();
    }
    last = [x, y];
  }

  function penDown(event) {
    if (pointer !== null || !event.isPrimary || event.button !== 0) return;
    pointer = event.pointerId;
    at("hint").hidden = true;
    paper.setPointerCapture(pointer);
    stop();
    last = null;
    stroke(event);
    event.preventDefault();
  }

  function penMove(event) {
    if (event.pointerId !== pointer) return;
    // Of a fast stroke, also the points between two pictures of the screen.
    const points = event.getCoalescedEvents?.() ?? [];
    for (const point of points.length ? points : [event]) stroke(point);
  }

  function penUp(event) {
    if (event.pointerId !== pointer) return;
    pointer = null;
    show(Digit.centre(ink()), "Your drawing");
  }

  function ink() {
    const { data } = pen.getImageData(0, 0, PAPER, PAPER);
    return Array.from({ length: PAPER }, (_, y) =>
      Float64Array.from({ length: PAPER }, (_, x) => 1 - data[4 * (y * PAPER + x)] / 255),
    );
  }

  // --- reading -----------------------------------------------------------------------------------

  function show(rows, whose = source, sample = null) {
    digit = rows;
    source = whose;
    for (const each of at("samples").children) each.setAttribute("aria-pressed", each === sample);
    for (const id of ["row", "previous", "play", "next"]) at(id).disabled = digit === null;
    paintDigit();
    readAll();
    stop();
    if (digit === null) return empty();
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // No film for those who want none, nor out of sight.
    const film = !still && inView(at("answers"));
    go(film ? 0 : ROWS - 1, true);
    if (film) play();
  }

  function inView(element) {
    const { top, bottom } = element.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }

  function empty() {
    at("row").value = 1;
    at("row").removeAttribute("aria-valuetext");
    at("count").textContent = `– / ${ROWS}`;
    at("unread").style.top = 0;
    for (const cell of Object.keys(views)) views[cell].empty();
    say("The paper is empty: draw a digit, or take a real one.");
    tellPointed();
    tellUnit();
  }

  function readAll() {
    const start = performance.now();
    for (const cell of Object.keys(readers)) {
      if (digit === null) delete readings[cell];
      else readings[cell] = Cells.read(readers[cell], digit, pins[cell]);
    }
    page.readingMs = performance.now() - start;
    if (digit !== null) for (const cell of Object.keys(views)) views[cell].paint(readings[cell]);
  }

  // --- pictures ----------------------------------------------------------------------------------

  // All 256 shades of a kind, ready for an image.
  const shades = Object.fromEntries(
    Object.entries(COLOURS).map(([kind, stops]) => [
      kind,
      Array.from({ length: 256 }, (_, n) => {
        const place = (n / 255) * (stops.length - 1);
        const before = Math.min(Math.floor(place), stops.length - 2);
        const mix = (a, b) => a + (b - a) * (place - before);
        return [...stops[before].map((value, k) => mix(value, stops[before + 1][k])), 255];
      }),
    ]),
  );

  function shade(value, kind, size) {
    const share = kind === "gate" ? value : (value / size + 1) / 2;
    return shades[kind][Math.round(255 * clamp(share, 0, 1))];
  }

  function paint(canvas, width, height, colour) {
    const image = new ImageData(width, height);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) image.data.set(colour(x, y), 4 * (y * width + x));
    }
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  function paintDigit() {
    at("reading-row").hidden = digit === null;
    paint(at("seen"), ROWS, ROWS, (x, y) => {
      const grey = 255 * (1 - (digit === null ? 0 : digit[y][x]));
      return [grey, grey, grey, 255];
    });
  }

  function pinButton(cell, letter, name) {
    let state = 0;
    const words = make("span");
    const made = make("button", { type: "button", class: "pin", "data-gate": letter }, `${name}: `, words);
    const tell = () => {
      words.textContent = PINS[state].words;
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

  function heat(cell, [letter, words, kind, size]) {
    const canvas = make("canvas", { role: "img", "data-part": letter });
    const curtain = make("div", { class: "curtain" });
    const now = make("div", { class: "now" });
    const frame = make("div", { class: "heat" }, canvas, curtain, now);
    const head = kind === "gate" ? pinButton(cell, letter, words) : make("h3", {}, words);
    frame.onpointerdown = frame.onpointermove = (event) => {
      const box = canvas.getBoundingClientRect();
      const t = Math.floor(((event.clientX - box.left) / box.width) * ROWS);
      const n = Math.floor(((event.clientY - box.top) / box.height) * readers[cell].units);
      if (t < 0 || t >= ROWS || n < 0 || n >= readers[cell].units) return;
      pointed = { cell, letter, words, t, n };
      tellPointed();
    };
    frame.onpointerleave = (event) => {
      if (event.pointerType !== "mouse") return; // a finger is lifted before one can read
      pointed = null;
      tellPointed();
    };
    const box = make("div", { class: "part", "data-place": letter }, head, frame);
    return { letter, words, kind, size, canvas, curtain, now, box };
  }

  function view(cell) {
    const { name, parts } = CELLS[cell];
    const digitNow = make("b");
    const share = make("span");
    const bars = Array.from({ length: 10 }, () => make("i"));
    const columns = bars.map((bar, n) => make("li", {}, make("b", {}, bar), `${n}`));
    const heats = parts.map((part) => heat(cell, part));
    const answer = make("span", { class: "answer" }, digitNow, share);
    at("answers").append(
      make(
        "div",
        {},
        make("div", { class: "head" }, make("span", {}, name), answer),
        make("ol", { class: "belief", "aria-hidden": "true" }, ...columns),
      ),
    );
    at("cells").append(
      make(
        "section",
        { class: "cell", "aria-label": name },
        make("h2", {}, name),
        ...heats.map(({ box }) => box),
      ),
    );
    const draw = (belief, best) =>
      columns.forEach((column, n) => {
        bars[n].style.transform = `scaleY(${belief[n]})`;
        column.classList.toggle("best", n === best);
      });
    return {
      paint(reading) {
        for (const { letter, kind, size, canvas } of heats) {
          const colour = (t, n) => shade(reading[t][letter][n], kind, size);
          paint(canvas, ROWS, readers[cell].units, colour);
        }
      },
      go(reading) {
        const { belief } = reading[step];
        const best = belief.indexOf(Math.max(...belief));
        digitNow.textContent = best;
        share.textContent = ` (${percent(belief[best])})`;
        draw(belief, best);
        for (const { letter, words, canvas, curtain, now } of heats) {
          curtain.style.left = now.style.left = `${(100 * (step + 1)) / ROWS}%`;
          const mean = reading[step][letter].reduce((a, b) => a + Math.abs(b), 0) / readers[cell].units;
          canvas.setAttribute(
            "aria-label",
            `${name}, ${words} of every unit up to row ${step + 1}; mean size now ${mean.toFixed(2)}`,
          );
        }
      },
      empty() {
        digitNow.textContent = "–";
        share.textContent = "";
        draw(Array(10).fill(0), null);
        for (const { words, canvas, curtain, now } of heats) {
          curtain.style.left = now.style.left = 0;
          canvas.setAttribute("aria-label", `${name}, ${words}: nothing is read`);
        }
      },
    };
  }

  // --- words -------------------------------------------------------------------------------------

  function tellPointed() {
    const { cell, letter, words, t, n } = pointed ?? {};
    const place = pointed && `${CELLS[cell].name}, ${words}, unit ${n}, row ${t + 1}: `;
    at("value").textContent =
      digit === null ? "Nothing to read yet."
      : pointed === null ? "Point at a box, or tap it, to read a value."
      : t > step ? `${place}not read yet`
      : place + readings[cell][t][letter][n].toFixed(6);
  }

  function tellUnit() {
    at("unit-words").textContent =
      digit === null ? "Nothing to read yet." : `Unit ${unit}, row ${step + 1}:`;
    const lines = Object.entries(digit === null ? {} : CELLS).map(([cell, { name, parts }]) => {
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
    const reached = clamp(wanted, 0, ROWS - 1);
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
    tellPointed();
    tellUnit();
  }

  function setIcon(button, icon) {
    button.innerHTML =
      '<svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">' +
      `<path fill="currentColor" d="${ICONS[icon]}"/></svg>`;
  }

  function name(button, icon, words) {
    setIcon(button, icon);
    button.setAttribute("aria-label", words);
    button.title = words;
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    name(at("play"), "play", "Play");
    at("words").setAttribute("aria-live", "polite");
  }

  function play() {
    stop();
    if (digit === null) return;
    if (step === ROWS - 1) go(0);
    name(at("play"), "pause", "Pause");
    at("words").setAttribute("aria-live", "off"); // a voice cannot follow a film
    timer = setInterval(() => {
      if (step + 1 >= ROWS - 1) stop(); // first: a voice tells how the film ends
      go(step + 1);
    }, 1000 / Number(at("speed").value));
  }

  // The keys of the lessons' players.
  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === at("speed")) return;
    const moves = {
      ArrowRight: step + 1,
      ArrowUp: step + 1,
      ArrowLeft: step - 1,
      ArrowDown: step - 1,
      PageUp: step + 5,
      PageDown: step - 5,
      Home: 0,
      End: ROWS - 1,
    };
    if (event.key in moves) {
      stop();
      go(moves[event.key]);
    } else if (event.key === " " && event.target === at("row")) {
      at("play").click();
    } else {
      return;
    }
    event.preventDefault();
  }

  // --- start -------------------------------------------------------------------------------------

  function start(packedReaders, samples) {
    for (const packed of packedReaders) readers[packed.cell] = Cells.unpack(packed);
    for (const cell of Object.keys(CELLS)) views[cell] = view(cell);
    at("cells").lastChild.append(at("legend")); // where the RNN has no boxes
    for (const scale of document.querySelectorAll("[data-scale]")) {
      paint(scale, 256, 1, (x) => shades[scale.dataset.scale][x]);
    }
    wipe();
    samples.forEach(({ label, pixels }) => {
      const rows = Array.from({ length: ROWS }, (_, y) =>
        Float64Array.from({ length: ROWS }, (_, x) => pixels[y * ROWS + x] / 255),
      );
      const choose = make("button", { type: "button", "aria-label": `Read a real ${label}` }, `${label}`);
      choose.onclick = () => {
        wipe();
        show(rows, `A real ${label}`, choose);
      };
      at("samples").append(choose);
    });
    paper.onpointerdown = penDown;
    paper.onpointermove = penMove;
    paper.onpointerup = paper.onpointercancel = penUp;
    at("clear").onclick = () => (wipe(), show(null));
    at("bar").onkeydown = press;
    at("row").onpointerdown = stop;
    at("row").oninput = () => (stop(), go(Number(at("row").value) - 1));
    at("previous").onclick = () => (stop(), go(step - 1));
    at("next").onclick = () => (stop(), go(step + 1));
    at("play").onclick = () => (timer === null ? play() : stop());
    at("speed").onchange = () => timer !== null && play();
    at("unit").oninput = () => {
      unit = clamp(Math.round(Number(at("unit").value)), 0, readers.lstm.units - 1);
      tellUnit();
    };
    at("unit").onchange = () => (at("unit").value = unit); // what was typed may be out of reach
    setIcon(at("previous"), "previous");
    setIcon(at("next"), "next");
    at("samples").children[3].click();
    stop();
    go(ROWS - 1, true);
  }

  return { start, show, go, readings, pins, get step() { return step; } };
})();
