// The page: draw, read, replay. All numbers come from Cells.read; nothing here computes them again.

const ICONS = {
  previous: "M11 3 4 8l7 5zM3 3h1.6v10H3z",
  play: "M4 2.5 13 8l-9 5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M5 3l7 5-7 5zM11.4 3H13v10h-1.6z",
};

const page = (() => {
  const readers = {};
  const readings = {}; // empty as long as nothing is to be read
  const orders = {}; // which unit stands in which line of a network's boxes
  const pins = { lstm: {}, gru: {}, rnn: {} };
  const views = {};
  const samples = []; // the rows of the real digits, by label
  const plain = {}; // their readings with all gates free, as far as the tour asked for them
  let given = { digit: null, drawing: null }; // what lies on the paper: a label, strokes, or nothing
  let own = null; // the visitor's last drawing
  let digit = null; // its rows, as the networks get them
  let source = "";
  let step = ROWS - 1;
  let unit = 0;
  let pointed = null; // the place in a box that was pointed at last
  let timer = null;
  let moving = false; // while the page is brought to a state, nobody is told of each change
  const marks = []; // one function a box, which marks what is pointed at
  let hush = null; // while the tour speaks, the page's own voices do not: the timer that ends it

  // --- reading -----------------------------------------------------------------------------------

  // Read `rows` (null: nothing) and show step `wanted`; without one a film, unless none is wished.
  function show(rows, whose = source, wanted = null) {
    digit = rows;
    source = whose;
    for (const [label, each] of [...at("samples").children].entries()) {
      each.setAttribute("aria-pressed", label === given.digit);
    }
    for (const id of ["row", "previous", "play", "next"]) at(id).disabled = digit === null;
    paintDigit();
    if (digit !== null) for (const cell of Object.keys(readers)) orders[cell] = order(cell);
    readAll();
    stop();
    if (digit === null) return empty();
    if (wanted !== null) return go(wanted, true);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    go(still ? ROWS - 1 : 0, true);
    if (!still) play();
  }

  // Put a real digit (by its label) or a drawing on the paper, or neither.
  function lay(label, drawing, wanted = null) {
    given = { digit: label, drawing };
    if (drawing) own = drawing;
    if (drawing) return show(Digit.centre(Paper.ink(drawing)), "Your drawing", wanted);
    show(label === null ? null : samples[label], `A real ${label}`, wanted);
  }

  // What the visitor puts there is a place to come back to; another stroke of the same drawing none.
  function take(label, drawing = null) {
    const another = given.drawing === null || drawing === null;
    if (drawing === null) Paper.lay(null);
    if (label === null) own = drawing;
    moving = true;
    lay(label, drawing);
    moving = false;
    changed(another);
    Link.settle();
  }

  // Units by the mean of their h over the digit, all gates free: alike ones stand together, and none
  // moves when a gate is pinned.
  function order(cell) {
    const reading = Cells.read(readers[cell], digit);
    const sums = reading[0].h.map((_, n) => reading.reduce((sum, { h }) => sum + h[n], 0));
    return Array.from(sums.keys()).sort((a, b) => sums[b] - sums[a]);
  }

  function empty() {
    at("row").value = 1;
    at("row").removeAttribute("aria-valuetext");
    at("count").textContent = `– / ${ROWS}`;
    at("unread").style.top = 0;
    for (const cell of Object.keys(views)) views[cell].empty();
    say("The paper is empty: draw a digit, or take a real one.");
    tellNumbers();
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

  function paintDigit() {
    at("reading-row").hidden = digit === null;
    Colours.paint(at("seen"), ROWS, ROWS, (x, y) => {
      const grey = 255 * (1 - (digit === null ? 0 : digit[y][x]));
      return [grey, grey, grey, 255];
    });
  }

  function pinButton(cell, letter, name) {
    const words = make("span");
    const attributes = { type: "button", class: "pin", "data-gate": letter };
    const made = make("button", attributes, `${name}: `, words);
    const state = () => PINS.findIndex(({ value }) => value === pins[cell][letter]);
    made.tell = () => {
      words.textContent = PINS[state()].words;
      made.classList.toggle("pinned", state() > 0);
      made.title = "Click to pin this gate: free, shut, open";
    };
    made.onclick = () => {
      const { value } = PINS[(state() + 1) % PINS.length];
      if (value === undefined) delete pins[cell][letter];
      else pins[cell][letter] = value;
      made.tell();
      readAll();
      go(step, true);
    };
    made.tell();
    return made;
  }

  function heat(cell, [letter, words, kind, size]) {
    const canvas = make("canvas", { role: "img", "data-part": letter });
    const curtain = make("div", { class: "curtain" });
    const now = make("div", { class: "now" });
    const crossRow = make("div", { class: "cross-row", hidden: "" });
    const crossUnit = make("div", { class: "cross-unit", hidden: "" });
    const frame = make("div", { class: "heat" }, canvas, curtain, now, crossRow, crossUnit);
    const head = kind === "gate" ? pinButton(cell, letter, words) : make("h3", {}, words);
    frame.onpointerdown = frame.onpointermove = (event) => {
      const box = canvas.getBoundingClientRect();
      const t = Math.floor(((event.clientX - box.left) / box.width) * ROWS);
      const line = Math.floor(((event.clientY - box.top) / box.height) * readers[cell].units);
      if (t < 0 || t >= ROWS || line < 0 || line >= readers[cell].units) return;
      const n = orders[cell]?.[line] ?? line;
      pointed = { cell, letter, words, t, n, x: event.clientX, y: event.clientY };
      tellPointed();
    };
    frame.onclick = ({ pointerType }) => {
      // A finger taps to read a value: the page must stay where it is.
      if (pointerType === "touch" || pointed === null || digit === null) return;
      unit = at("unit").value = pointed.n;
      stop();
      step = pointed.t;
      openNumber(`${cell}-${letter}`);
    };
    frame.onpointerleave = (event) => {
      if (event.pointerType !== "mouse") return; // a finger is lifted before one can read
      pointed = null;
      tellPointed();
    };
    const box = make("div", { class: "part", "data-place": letter }, head, frame);
    // Marks what is pointed at: its row in every box, its unit in those of its own network.
    const mark = () => {
      const seen = digit !== null && pointed !== null;
      crossRow.hidden = !seen;
      crossUnit.hidden = !seen || pointed.cell !== cell;
      if (!seen) return;
      crossRow.style.left = `${(100 * pointed.t) / ROWS}%`;
      const lines = orders[cell];
      crossUnit.style.top = `${(100 * lines.indexOf(pointed.n)) / lines.length}%`;
      crossUnit.style.height = `${100 / lines.length}%`;
    };
    marks.push(mark);
    return { letter, words, kind, size, canvas, curtain, now, box };
  }

  function view(cell) {
    const { name, parts } = CELLS[cell];
    const digitNow = make("b");
    const share = make("span");
    const bars = Array.from({ length: 10 }, () => make("i"));
    const columns = bars.map((bar, n) => make("li", {}, make("b", {}, bar), `${n}`));
    columns.forEach((column, n) => (column.onclick = () => openNumber(`${cell}-logit-${n}`)));
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
          const lines = orders[cell];
          const colour = (t, line) => Colours.shade(reading[t][letter][lines[line]], kind, size);
          Colours.paint(canvas, ROWS, readers[cell].units, colour);
        }
      },
      go(reading) {
        const { belief } = reading[step];
        const best = largest(belief);
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
    for (const mark of marks) mark();
    const tip = at("tip");
    tip.hidden = digit === null || pointed === null || t > step;
    if (tip.hidden) return;
    tip.textContent = `${digits(readings[cell][t][letter][n], 3)} (unit ${n}, row ${t + 1})`;
    // Beside the pointer, on the side where there is room.
    const left = pointed.x > innerWidth / 2;
    tip.style.left = `${pointed.x + (left ? -14 - tip.offsetWidth : 14)}px`;
    tip.style.top = `${Math.max(0, pointed.y - 14 - tip.offsetHeight)}px`;
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

  function tellNumbers() {
    tellPointed();
    tellUnit();
    Opened.tell({ rows: digit, readers, readings, pins, step, unit });
    changed();
  }

  function say(words) {
    at("words").textContent = words;
  }

  // Whether a voice reads what changes.
  function voice(on) {
    const live = on && hush === null ? "polite" : "off";
    for (const id of ["words", "sum-words", "count"]) at(id).setAttribute("aria-live", live);
    at("tour-said").setAttribute("aria-live", on ? "polite" : "off");
  }

  function quiet(on) {
    clearTimeout(hush); // that of the stop before would end this one's too soon
    hush = on ? setTimeout(() => ((hush = null), voice(timer === null)), 500) : null;
  }

  function openNumber(value) {
    Opened.choose(value);
    if (digit === null) tellNumbers();
    else go(step, true);
    at("sum").scrollIntoView({ block: "nearest" });
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
      const best = largest(belief);
      return `the ${CELLS[cell].name} believes ${best} (${percent(belief[best])})`;
    });
    say(`${source}, after row ${step + 1} of ${ROWS}: ${beliefs.join(", ")}.`);
    tellNumbers();
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
    voice(true);
  }

  function play() {
    stop();
    if (digit === null) return;
    if (step === ROWS - 1) go(0);
    name(at("play"), "pause", "Pause");
    voice(false); // it cannot follow a film
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
      if (!event.repeat) at("play").click(); // a key that is held down is one press
    } else {
      return;
    }
    event.preventDefault();
  }

  // --- the state ---------------------------------------------------------------------------------

  const state = () => ({
    ...given,
    pins: structuredClone(pins),
    open: Opened.value,
    row: step + 1,
    unit,
    speed: Number(at("speed").value),
    tour: Tour.stop,
  });

  // The address and the tour follow what the page shows.
  function changed(another = false) {
    at("link").hidden = true; // it leads to what was there before
    at("copied").textContent = "";
    if (moving) return;
    Tour.tell();
    (another ? Link.leadTo : Link.keep)(Link.write(state()));
  }

  // Bring the page to a state, without a film.
  function apply({ digit: label, drawing, pins: pinned, open, row, unit: wanted, speed, tour }) {
    moving = true;
    quiet(tour > 0);
    for (const cell of Object.keys(CELLS)) pins[cell] = { ...pinned[cell] };
    for (const button of document.querySelectorAll(".pin")) button.tell();
    unit = at("unit").value = wanted;
    at("speed").value = speed;
    step = row - 1;
    pointed = null;
    Opened.choose(open);
    Paper.lay(drawing);
    lay(label, drawing, step);
    Tour.open(tour);
    moving = false;
    quiet(tour > 0); // anew, for all of this took its time
  }

  function lead(wanted) {
    apply(wanted);
    changed(true);
  }

  // What the address says; an address that says nothing that can be understood is the plain page's.
  function follow() {
    Link.forget();
    const speeds = [...at("speed").options].map((option) => Number(option.value));
    const limits = { units: readers.lstm.units, speeds, stops: Tour.stops };
    const wanted = Link.read(location.hash, limits) ?? Link.PLAIN;
    apply(wanted.alone ? Tour.view(wanted.tour) : wanted);
    if (wanted.tour) Tour.bring();
    else if (wanted.open) at("sum").scrollIntoView({ block: "nearest" });
  }

  async function copy() {
    stop(); // a film would go on to what the link does not show, and wipe what is said here
    const text = Link.write(state());
    const address = `${location.href.replace(/#.*/s, "")}#${text}`;
    at("link").hidden = true;
    if (!Link.fits(text)) {
      at("copied").textContent =
        "This drawing is too long for a link: clear the paper and draw it with less ink.";
      return;
    }
    let copied = true;
    try {
      await navigator.clipboard.writeText(address);
    } catch {
      copied = false;
    }
    if (Link.write(state()) !== text) return; // meanwhile the page has come to show something else
    if (copied) {
      at("copied").textContent = "Copied: the link opens this page as it is now.";
    } else {
      at("copied").textContent = "The browser lets no page copy here: take the link from this field.";
      at("link").hidden = false;
      at("link").value = address;
      at("link").select();
    }
  }

  // --- start -------------------------------------------------------------------------------------

  function start(packedReaders, real) {
    for (const packed of packedReaders) readers[packed.cell] = Cells.unpack(packed);
    for (const cell of Object.keys(CELLS)) views[cell] = view(cell);
    at("cells").lastChild.append(at("legend")); // where the RNN has no boxes
    for (const scale of document.querySelectorAll("[data-scale]")) {
      Colours.paint(scale, 256, 1, (x) => Colours.shades[scale.dataset.scale][x]);
    }
    real.forEach(({ label, pixels }) => {
      samples[label] = Array.from({ length: ROWS }, (_, y) =>
        Float64Array.from({ length: ROWS }, (_, x) => pixels[y * ROWS + x] / 255),
      );
      const attributes = { type: "button", "aria-label": `Read a real ${label}` };
      const choose = make("button", attributes, `${label}`);
      choose.onclick = () => take(label);
      at("samples").append(choose);
    });
    Paper.start({ began: stop, drawn: (strokes) => take(null, strokes) });
    Opened.start(tellNumbers);
    at("clear").onclick = () => take(null);
    at("bar").onkeydown = press;
    at("row").onpointerdown = stop;
    at("row").oninput = () => (stop(), go(Number(at("row").value) - 1));
    at("previous").onclick = () => (stop(), go(step - 1));
    at("next").onclick = () => (stop(), go(step + 1));
    at("play").onclick = () => (timer === null ? play() : stop());
    at("speed").onchange = () => (timer !== null && play(), changed());
    at("unit").oninput = () => {
      unit = clamp(Math.round(Number(at("unit").value)), 0, readers.lstm.units - 1);
      tellNumbers();
    };
    at("unit").onchange = () => (at("unit").value = unit); // what was typed may be out of reach
    setIcon(at("previous"), "previous");
    setIcon(at("next"), "next");
    at("copy").onclick = copy;
    Tour.start({
      apply, lead, state, readers, readings,
      sample: (label) => samples[label],
      read: (label) => (plain[label] ??= Object.fromEntries(
        Object.keys(readers).map((cell) => [cell, Cells.read(readers[cell], samples[label])]),
      )),
      get rows() { return digit; },
      get step() { return step; },
      get unit() { return unit; },
      get drawing() { return given.drawing; },
      get own() { return own; },
    });
    addEventListener("hashchange", follow);
    follow();
  }

  return { start, show, go, state, readings, orders, pins, get step() { return step; } };
})();
