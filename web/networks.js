// The RNN, GRU and LSTM in plain JavaScript, in Keras's weight layout and gate order. They read as
// rnnscope/src/rnnscope/cells.py does, and tests/test_web_reader.py holds the two together to 1e-5.

const ROWS = 28;
// Which gates and parts a cell has, in rnnscope's order.
const CELLS = {
  lstm: {
    name: "LSTM", gates: { f: "forget", i: "input", o: "output" },
    parts: ["f", "i", "candidate", "c", "o", "h"],
  },
  gru: {
    name: "GRU", gates: { z: "update", r: "reset" }, parts: ["z", "r", "candidate", "h"],
  },
  rnn: { name: "RNN", gates: {}, parts: ["h"] },
};
const largest = (values) => values.indexOf(Math.max(...values));

const Cells = (() => {
  const sigmoid = (a) => 1 / (1 + Math.exp(-a));

  // result = bias + vector @ matrix, for a matrix (rows, columns) stored row after row.
  function affine(vector, matrix, bias) {
    const columns = bias.length;
    const result = Float64Array.from(bias);
    for (let row = 0; row < vector.length; row++) {
      const value = vector[row];
      if (value === 0) continue; // most of a digit is paper
      const start = row * columns;
      for (let column = 0; column < columns; column++) {
        result[column] += value * matrix[start + column];
      }
    }
    return result;
  }

  const add = (a, b) => a.map((value, n) => value + b[n]);
  const part = (a, n, units) => a.subarray(n * units, (n + 1) * units);
  // A pinned gate stands still; a free one is the sigmoid of its sum.
  const gate = (sum, pin) => (pin === undefined ? sum.map(sigmoid) : sum.map(() => pin));

  const steps = {
    rnn(x, { h }, { kernel, recurrent, bias }) {
      const none = new Float64Array(bias.length);
      return { h: add(affine(x, kernel, bias), affine(h, recurrent, none)).map(Math.tanh) };
    },

    gru(x, { h }, { kernel, recurrent, bias, units }, pins) {
      const fromX = affine(x, kernel, bias.subarray(0, 3 * units));
      const fromH = affine(h, recurrent, bias.subarray(3 * units));
      const z = gate(add(part(fromX, 0, units), part(fromH, 0, units)), pins.z);
      const r = gate(add(part(fromX, 1, units), part(fromH, 1, units)), pins.r);
      const candidate = part(fromX, 2, units).map((value, n) =>
        Math.tanh(value + r[n] * fromH[2 * units + n]),
      );
      return { z, r, candidate, h: h.map((old, n) => z[n] * old + (1 - z[n]) * candidate[n]) };
    },

    lstm(x, { h, c }, { kernel, recurrent, bias, units }, pins) {
      const none = new Float64Array(bias.length);
      const sum = add(affine(x, kernel, bias), affine(h, recurrent, none));
      const i = gate(part(sum, 0, units), pins.i);
      const f = gate(part(sum, 1, units), pins.f);
      const candidate = part(sum, 2, units).map(Math.tanh);
      const o = gate(part(sum, 3, units), pins.o);
      const after = c.map((old, n) => f[n] * old + i[n] * candidate[n]);
      return { i, f, candidate, o, c: after, h: after.map((value, n) => o[n] * Math.tanh(value)) };
    },
  };

  function softmax(logits) {
    const top = Math.max(...logits);
    const powers = logits.map((value) => Math.exp(value - top));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((value) => value / total);
  }

  // Read an image, given as an array of rows of numbers from 0 to 1, and keep everything:
  // a list with one object a row, {h, belief, logits, and the cell's gates and states}.
  function read(reader, rows, pins = {}) {
    let state = { h: new Float64Array(reader.units), c: new Float64Array(reader.units) };
    return rows.map((row) => {
      state = steps[reader.cell](row, state, reader, pins);
      const logits = affine(state.h, reader.head, reader.headBias);
      return { ...state, logits, belief: softmax(logits) };
    });
  }

  // Turn the packed weights (base64 of little-endian float32, see tools/reader_page.py) into arrays.
  function unpack({ cell, units, features, data }) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const numbers = new Float32Array(bytes.buffer);
    let from = 0;
    const take = (size) => numbers.subarray(from, (from += size));
    const blocks = { rnn: 1, gru: 3, lstm: 4 }[cell];
    return {
      cell,
      units,
      kernel: take(features * blocks * units),
      recurrent: take(units * blocks * units),
      bias: take(blocks * units * (cell === "gru" ? 2 : 1)),
      head: take(units * 10),
      headBias: take(10),
    };
  }

  // A belief in words.
  function said(belief) {
    const best = largest(belief);
    return `${best} (${Math.round(100 * belief[best])}%)`;
  }

  return { read, unpack, said };
})();
