// The state of the page as what follows the # of its address, and back:
//   #digit=3&pins=lstm-f-shut&open=lstm-i&row=12&unit=40&speed=8&tour=5
// What is left out is as on the plain page. In place of a digit stands drawing=…, see paper.js.

const Link = (() => {
  const LONGEST = 8000; // letters; what is longer no longer goes through every mail or chat
  const PLAIN = {
    digit: 3, drawing: null, pins: { lstm: {}, gru: {}, rnn: {} },
    open: "", row: ROWS, unit: 0, speed: 8, tour: 0,
  };

  const number = (low, high) => (text) => {
    const value = Number(text);
    return /^\d{1,4}$/.test(text) && String(value) === text && value >= low && value <= high
      ? value
      : undefined;
  };

  function pins(text) {
    const found = { lstm: {}, gru: {}, rnn: {} };
    for (const pin of text.split(",")) {
      const [cell, letter, words, ...more] = pin.split("-");
      const gates = Object.hasOwn(CELLS, cell) ? CELLS[cell].parts : [];
      const gate = gates.some(([name, , kind]) => name === letter && kind === "gate");
      const how = PINS.find((one) => one.words === words && one.value !== undefined);
      if (!gate || !how || more.length || letter in found[cell]) return undefined;
      found[cell][letter] = how.value;
    }
    return found;
  }

  const fields = ({ units, speeds, stops }) => ({
    digit: (text) => (text === "none" ? null : number(0, 9)(text)),
    drawing: Paper.unpack,
    pins,
    open: (text) => OPENABLE.find(({ value }) => value === text)?.value,
    row: number(1, ROWS),
    unit: number(0, units - 1),
    speed: (text) => speeds.find((speed) => String(speed) === text),
    tour: number(1, stops),
  });

  // Returns the state, or null where there is a thing that is not understood: damaged, or foreign.
  function read(hash, limits) {
    let text = hash.replace(/^#/, "");
    if (text === "" || text.length > LONGEST) return null;
    try {
      text = decodeURIComponent(text); // some mail programs write %3D for =
    } catch {
      return null;
    }
    const known = fields(limits);
    const found = {};
    for (const pair of text.split("&")) {
      const [name, value, ...more] = pair.split("=");
      if (!Object.hasOwn(known, name) || name in found || !value || more.length) return null;
      found[name] = known[name](value);
      if (found[name] === undefined) return null;
    }
    if ("drawing" in found) {
      if ("digit" in found) return null;
      found.digit = null;
    }
    // A stop alone brings the state along that it speaks of.
    return { ...PLAIN, ...found, alone: Object.keys(found).join() === "tour" };
  }

  // Numbers come last: a full stop after the link is then not taken for a part of it.
  function write({ digit, drawing, pins, open, row, unit, speed, tour }) {
    const pinned = Object.entries(CELLS).flatMap(([cell, { parts }]) =>
      parts
        .filter(([letter]) => pins[cell][letter] !== undefined)
        .map(([letter]) => {
          const { words } = PINS.find(({ value }) => value === pins[cell][letter]);
          return `${cell}-${letter}-${words}`;
        }),
    );
    return [
      drawing ? `drawing=${Paper.pack(drawing)}` : `digit=${digit ?? "none"}`,
      ...(pinned.length ? [`pins=${pinned.join(",")}`] : []),
      ...(open ? [`open=${open}`] : []),
      `row=${row}`,
      `unit=${unit}`,
      `speed=${speed}`,
      ...(tour ? [`tour=${tour}`] : []),
    ].join("&");
  }

  const fits = (text) => text.length <= LONGEST;

  // --- the address bar ---------------------------------------------------------------------------

  let waiting = null;
  let timer = null;

  function put(how, text) {
    const place = location.pathname + location.search;
    try {
      history[how](null, "", fits(text) ? `#${text}` : place);
    } catch {} // a browser may refuse; the page does not depend on it
  }

  function settle() {
    if (waiting !== null) put("replaceState", waiting);
    forget();
  }

  // The address of where one is, a moment after a change, in a film too: browsers allow few changes
  // a second, but a page that is left in the middle of a film is to be found as it was.
  function keep(text) {
    waiting = text;
    timer ??= setTimeout(settle, 400);
  }

  // A new place, to come back from with the browser's own button.
  function leadTo(text) {
    settle();
    if (location.hash !== `#${text}`) put("pushState", text);
  }

  function forget() {
    clearTimeout(timer);
    timer = waiting = null;
  }

  return { PLAIN, read, write, fits, keep, leadTo, settle, forget };
})();
