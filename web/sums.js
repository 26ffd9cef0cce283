// One number taken apart: which inputs times which weights make it. The weights lie as Keras lays
// them, see cells.js; tests/test_sums.py holds these sums to helpers.trace.

const Sums = (() => {
  const BLOCKS = { rnn: ["h"], gru: ["z", "r", "candidate"], lstm: ["i", "f", "candidate", "o"] };

  // A sum's terms, each {from, name, factors, product}; `parts` names what in it can be opened too.
  const term = (from, name, factors, parts = []) => ({
    from, name, factors, parts, product: factors.reduce((a, b) => a * b),
  });

  function weighted(reader, row, before, letter, unit, reset) {
    const { cell, units, kernel, recurrent, bias } = reader;
    const column = BLOCKS[cell].indexOf(letter) * units + unit;
    const columns = BLOCKS[cell].length * units;
    // The reset gate works on the whole product of the old h, see rnnscope.cells.gru_gates.
    const gate = reset === undefined ? [] : [reset];
    const rows = Array.from(row, (value, k) =>
      term("row", `pixel ${k + 1}`, [value, kernel[k * columns + column]]),
    );
    const states = Array.from(before.h, (value, k) =>
      term("state", `old h of unit ${k}`, [...gate, value, recurrent[k * columns + column]]),
    );
    const biases = [term("bias", "bias", [bias[column]])];
    if (cell === "gru") {
      const name = "bias of the old h";
      biases.push(term("bias", name, [...gate, bias[columns + column]]));
    }
    return [...rows, ...states, ...biases];
  }

  // The number `letter` of `unit` (of `logits`, of the digit `unit`) at step t of a reading. Returns
  // {terms, sum, activation, value}: value is what the activation makes of the sum, if there is one.
  function apart(reader, rows, reading, letter, t, unit) {
    const none = new Float64Array(reader.units);
    const now = reading[t];
    const before = reading[t - 1] ?? { h: none, c: none };
    let terms;
    let activation = letter === "candidate" || reader.cell === "rnn" ? "tanh" : "sigmoid";
    if (letter === "logits") {
      activation = "softmax";
      terms = Array.from(now.h, (value, k) =>
        term("state", `h of unit ${k}`, [value, reader.head[k * 10 + unit]]),
      );
      terms.push(term("bias", "bias", [reader.headBias[unit]]));
    } else if (letter === "c") {
      activation = null;
      terms = [
        term("", "forget gate × old c", [now.f[unit], before.c[unit]], ["f"]),
        term("", "input gate × candidate", [now.i[unit], now.candidate[unit]], ["i", "candidate"]),
      ];
    } else if (letter === "h" && reader.cell === "lstm") {
      activation = null;
      terms = [term("", "output gate × tanh(c)", [now.o[unit], Math.tanh(now.c[unit])], ["o", "c"])];
    } else if (letter === "h" && reader.cell === "gru") {
      activation = null;
      const made = [1 - now.z[unit], now.candidate[unit]];
      terms = [
        term("", "update gate × old h", [now.z[unit], before.h[unit]], ["z"]),
        term("", "(1 − update gate) × candidate", made, ["z", "candidate"]),
      ];
    } else {
      const reset = reader.cell === "gru" && letter === "candidate" ? now.r[unit] : undefined;
      terms = weighted(reader, rows[t], before, letter, unit, reset);
    }
    const sum = terms.reduce((total, { product }) => total + product, 0);
    const value = letter === "logits" ? now.belief[unit] : now[letter][unit];
    return { terms, sum, activation, value };
  }

  // The `most` largest terms, and the others as one.
  function ranked({ terms }, most) {
    const all = [...terms].sort((a, b) => Math.abs(b.product) - Math.abs(a.product));
    const rest = all.slice(most);
    return { top: all.slice(0, most), rest: rest.length,
      together: rest.reduce((total, { product }) => total + product, 0) };
  }

  return { apart, ranked };
})();
