// The paper. A drawing is a list of strokes, a stroke a list of points in whole pixels, so that a
// link can carry it. Its ink is computed from the strokes and not read from the canvas, which each
// browser smooths in its own way: whoever opens the link has the very same digit read.

const Paper = (() => {
  const SIZE = 280; // the drawing's side in pixels
  const PEN = 22;
  const APART = 3; // a point nearer to the one before shows nothing new of so wide a stroke
  const BEYOND = 100; // how far out of the paper a stroke is followed
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
  const canvas = document.getElementById("paper");
  const hint = document.getElementById("hint");
  const pen = canvas.getContext("2d");
  let strokes = [];
  let pointer = null; // the one that draws: a second finger or the palm does not
  let last = null; // where it was seen last

  function wipe() {
    strokes = [];
    pointer = null; // a stroke that is just being drawn belongs to what was there
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, SIZE, SIZE);
    pen.fillStyle = pen.strokeStyle = "#000";
    pen.lineWidth = PEN;
    pen.lineCap = pen.lineJoin = "round";
    hint.hidden = false;
  }

  function add(point) {
    const stroke = strokes.at(-1);
    pen.beginPath();
    if (stroke.length === 0) {
      pen.arc(...point, PEN / 2, 0, 2 * Math.PI); // a dot, which a line of no length is not
      pen.fill();
    } else {
      pen.moveTo(...stroke.at(-1));
      pen.lineTo(...point);
      pen.stroke();
    }
    stroke.push(point);
  }

  // Lay a drawing on the paper, or none.
  function lay(drawing) {
    wipe();
    for (const stroke of drawing ?? []) {
      strokes.push([]);
      stroke.forEach(add);
      hint.hidden = true;
    }
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const whole = (from, start, length) =>
      clamp(Math.round(((from - start) / length) * SIZE), -BEYOND, 511 - BEYOND);
    return [whole(event.clientX, box.left, box.width), whole(event.clientY, box.top, box.height)];
  }

  const far = ([x, y], [x0, y0]) => Math.max(Math.abs(x - x0), Math.abs(y - y0));

  function start({ began, drawn }) {
    wipe();
    canvas.onpointerdown = (event) => {
      if (pointer !== null || !event.isPrimary || event.button !== 0) return;
      pointer = event.pointerId;
      hint.hidden = true;
      canvas.setPointerCapture(pointer);
      began();
      strokes.push([]);
      add((last = place(event)));
      event.preventDefault();
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== pointer) return;
      // Of a fast stroke, also the points between two pictures of the screen.
      const points = event.getCoalescedEvents?.() ?? [];
      for (const point of points.length ? points : [event]) {
        last = place(point);
        if (far(last, strokes.at(-1).at(-1)) >= APART) add(last);
      }
    };
    canvas.onpointerup = canvas.onpointercancel = (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      if (far(last, strokes.at(-1).at(-1)) > 0) add(last);
      drawn(strokes.map((stroke) => [...stroke]));
    };
  }

  // The ink of each pixel, 0..1: all within half a pen's width of a stroke, its edge one pixel soft.
  function ink(drawing) {
    const rows = Array.from({ length: SIZE }, () => new Float64Array(SIZE));
    for (const stroke of drawing) {
      stroke.forEach((end, n) => line(rows, stroke[Math.max(0, n - 1)], end));
    }
    return rows;
  }

  function line(rows, [x0, y0], [x1, y1]) {
    const reach = PEN / 2 + 1;
    const within = (value) => clamp(value, 0, SIZE - 1);
    const [over, down] = [x1 - x0, y1 - y0];
    const square = over * over + down * down;
    for (let y = within(Math.min(y0, y1) - reach); y <= within(Math.max(y0, y1) + reach); y++) {
      for (let x = within(Math.min(x0, x1) - reach); x <= within(Math.max(x0, x1) + reach); x++) {
        const [right, below] = [x + 0.5 - x0, y + 0.5 - y0];
        const along = square && clamp((right * over + below * down) / square, 0, 1);
        const [side, height] = [right - along * over, below - along * down];
        const distance = Math.sqrt(side * side + height * height);
        rows[y][x] = Math.max(rows[y][x], clamp(PEN / 2 + 0.5 - distance, 0, 1));
      }
    }
  }

  // A point is 18 bits, three letters; strokes stand apart by a dot.
  function pack(drawing) {
    const letters = ([x, y]) => {
      const bits = (x + BEYOND) * 512 + y + BEYOND;
      return LETTERS[bits >> 12] + LETTERS[(bits >> 6) & 63] + LETTERS[bits & 63];
    };
    return drawing.map((stroke) => stroke.map(letters).join("")).join(".");
  }

  // Returns undefined where the text is no drawing, or one that leaves no ink on the paper.
  function unpack(text) {
    if (!/^([\w-]{3})+(\.([\w-]{3})+)*$/.test(text)) return undefined;
    const drawing = text.split(".").map((stroke) =>
      stroke.match(/.../g).map((letters) => {
        const bits = [...letters].reduce((sum, letter) => 64 * sum + LETTERS.indexOf(letter), 0);
        return [(bits >> 9) - BEYOND, (bits & 511) - BEYOND];
      }),
    );
    return Digit.centre(ink(drawing)) === null ? undefined : drawing;
  }

  return { start, lay, ink, pack, unpack };
})();
