// The numbers of a view, as `rnnscope.packing` sends them: described in `about`, stored in `bytes`.

// Returns one {rows, columns, values} for each array; row by row, a step's units beside each other.
export function unpack(about, bytes) {
  const read = [];
  for (const one of about) read.push({ ...one, values: READ[one.how](one, bytes, read) });
  return read;
}

const READ = {
  exact: ({ rows, columns, at }, bytes) =>
    new Float32Array(bytes.slice(at, at + 4 * rows * columns).buffer),
  h: ({ of: [o, c] }, _, read) =>
    read[o].values.map((value, n) => value * Math.tanh(read[c].values[n])),
  changes: ({ rows, columns, at, step }, bytes) => {
    const whole = pairs(bytes, at, rows * columns);
    for (let n = columns; n < whole.length; n++) whole[n] += whole[n - columns];
    return floats(whole.length, (n) => whole[n] * step);
  },
  mean: ({ rows, columns, at, step }, bytes) => {
    const whole = pairs(bytes, at, (rows + 1) * columns);
    return floats(rows * columns, (n) => (whole[n % columns] + whole[n + columns]) * step);
  },
  c: ({ rows, columns, at, step, of, backwards }, bytes, read) => {
    const left = pairs(bytes, at, rows * columns);
    const [f, i, candidate] = of.map((place) => read[place].values);
    const values = new Float32Array(rows * columns);
    for (let unit = 0; unit < columns; unit++) {
      let before = 0;
      for (let t = 0; t < rows; t++) {
        const n = (backwards ? rows - 1 - t : t) * columns + unit;
        const expected = Math.floor((f[n] * before + i[n] * candidate[n]) / step + 0.5);
        values[n] = before = (left[n] + expected) * step;
      }
    }
    return values;
  },
};

// Float32Array.from takes seconds for millions.
function floats(count, value) {
  const made = new Float32Array(count);
  for (let n = 0; n < count; n++) made[n] = value(n);
  return made;
}

// Whole numbers with their sign in the last bit, all low bytes first.
function pairs(bytes, at, count) {
  const whole = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    const pair = bytes[at + n] | (bytes[at + count + n] << 8);
    whole[n] = pair & 1 ? -(pair + 1) / 2 : pair / 2;
  }
  return whole;
}

// The bytes of a saved page: text in base64, deflated. What stands first is JSON and its length.
export async function opened(text) {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let n = 0; n < packed.length; n++) packed[n] = letters.charCodeAt(n);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return [head, bytes.subarray(4 + length)];
}
