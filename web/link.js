// What the page shows as what follows the # of its address, and back:
//   #digit=3&network=lstm&pins=lstm-f-shut&open=i&row=12&unit=40
// In place of a digit stands drawing=…, see paper.js; #tour=5 is a stop of the tour. What is left
// out, or cannot be understood, is as on the plain page.

const Link = (() => {
  const LONGEST = 8000; // letters; what is longer no longer goes through every mail or chat

  const plain = () => ({
    digit: 3, drawing: null, pins: { lstm: {}, gru: {}, rnn: {} }, network: "lstm", open: "",
    row: ROWS, unit: 0, tour: 0,
  });

  const whole = (low, high) => (text) =>
    /^\d{1,3}$/.test(text) && text >= low && text <= high ? Number(text) : undefined;

  function pins(text) {
    const found = plain().pins;
    for (const pin of text.split(/[.,]/)) {
      const [cell, gate, how] = pin.split("-");
      const known = Object.hasOwn(CELLS, cell) && Object.hasOwn(CELLS[cell].gates, gate);
      if (!known || !["shut", "open"].includes(how)) return undefined;
      found[cell][gate] = how === "open" ? 1 : 0;
    }
    return found;
  }

  const FIELDS = {
    digit: (text) => (text === "none" ? null : whole(0, 9)(text)),
    drawing: (text) => Paper.unpack(text),
    pins,
    network: (text) => (text === "all" || Object.hasOwn(CELLS, text) ? text : undefined),
    open: (text) => text,
    row: whole(1, ROWS),
    unit: whole(0, 127),
    tour: whole(1, 99),
  };

  function read(hash) {
    const told = new URLSearchParams(hash.slice(1, LONGEST));
    const state = plain();
    for (const [name, field] of Object.entries(FIELDS)) {
      const value = told.has(name) ? field(told.get(name)) : undefined;
      if (value !== undefined) state[name] = value;
    }
    if (state.drawing) state.digit = null;
    return state;
  }

  // Returns "" where it would be too long.
  function write(state) {
    const usual = plain();
    const pinned = Object.entries(state.pins).flatMap(([cell, gates]) =>
      Object.entries(gates).map(([gate, value]) => `${cell}-${gate}-${value ? "open" : "shut"}`));
    const told = {
      ...(state.drawing ? { drawing: Paper.pack(state.drawing) } : { digit: state.digit ?? "none" }),
      ...(pinned.length ? { pins: pinned.join(".") } : {}),
    };
    for (const name of ["network", "open", "row", "unit"]) {
      if (state[name] !== usual[name]) told[name] = state[name];
    }
    const text = `${new URLSearchParams(told)}`;
    return text.length < LONGEST ? text : "";
  }

  return { read, write, plain };
})();
