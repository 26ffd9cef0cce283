// From a drawing to a digit as MNIST has it: the ink fitted into 20 x 20, its centre of mass on
// pixel 14 of 28 x 28. Same steps as helpers/centring.py.

const Digit = (() => {
  const SIZE = 28;
  const BOX = 20;

  // `ink` is an array of rows (any size) from 0 (paper) to 1 (ink). Returns 28 rows of 28, or null
  // where nothing is drawn.
  function centre(ink) {
    const height = ink.length;
    const width = ink[0].length;
    let [top, bottom, left, right] = [height, -1, width, -1];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (ink[y][x] > 0.05) {
          top = Math.min(top, y);
          bottom = Math.max(bottom, y);
          left = Math.min(left, x);
          right = Math.max(right, x);
        }
      }
    }
    if (bottom < 0) return null;
    const rows = bottom - top + 1;
    const columns = right - left + 1;
    const scale = BOX / Math.max(rows, columns);
    const boxRows = Math.max(1, Math.round(rows * scale));
    const boxColumns = Math.max(1, Math.round(columns * scale));
    const small = shrink(ink, top, left, rows, columns, boxRows, boxColumns);

    let [mass, sumY, sumX] = [0, 0, 0];
    small.forEach((row, y) =>
      row.forEach((value, x) => {
        mass += value;
        sumY += value * y;
        sumX += value * x;
      }),
    );
    const within = (shift, size) => Math.max(0, Math.min(SIZE - size, shift));
    const down = within(Math.round(SIZE / 2 - sumY / mass), boxRows);
    const over = within(Math.round(SIZE / 2 - sumX / mass), boxColumns);
    const digit = Array.from({ length: SIZE }, () => new Float64Array(SIZE));
    small.forEach((row, y) => row.forEach((value, x) => (digit[y + down][x + over] = value)));
    return digit;
  }

  // The mean of the ink under each pixel of the small image: area averaging, as when one squints.
  function shrink(ink, top, left, rows, columns, boxRows, boxColumns) {
    const down = weights(rows, boxRows);
    const over = weights(columns, boxColumns);
    return down.map((parts) =>
      over.map((pieces) => {
        let sum = 0;
        for (const [y, high] of parts) {
          for (const [x, wide] of pieces) sum += high * wide * ink[top + y][left + x];
        }
        return sum;
      }),
    );
  }

  // For each of `target` cells, which of `source` pixels lie under it, and with what share.
  function weights(source, target) {
    const ratio = source / target;
    return Array.from({ length: target }, (_, n) => {
      const [start, end] = [n * ratio, (n + 1) * ratio];
      const parts = [];
      for (let k = Math.floor(start); k < Math.min(source, Math.ceil(end)); k++) {
        parts.push([k, (Math.min(end, k + 1) - Math.max(start, k)) / ratio]);
      }
      return parts;
    });
  }

  return { centre };
})();
