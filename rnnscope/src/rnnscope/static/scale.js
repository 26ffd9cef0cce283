// Numbers as colours. The colours themselves stand in view.css, for light windows and dark ones.

export const HEADINGS = {
  f: "forget gate f", i: "input gate i", candidate: "candidate", c: "cell state c",
  o: "output gate o", h: "hidden state h", z: "update gate z", r: "reset gate r",
};
// The lessons' own colours on white, and lighter ones in a dark window. A scale of gates goes from
// the paper to the ink, one of states from purple over nearly the paper to orange.
const LIGHT = {
  paper: "#ffffff", ink: "#1b1b1b", muted: "#6b6b6b", light: "#d9d9d9", now: "#d55e00",
  input: "#009e73", forget: "#0072b2", candidate: "#b07500", output: "#8e2362", cell: "#d55e00",
  hidden: "#3a7ca5",
  gate: "#ffffff #d9d9d9 #969696 #525252 #000000",
  state: "#2d004b #8073ac #d8daeb #f7f7f7 #fee0b6 #e08214 #7f3b08",
};
const DARK = {
  paper: "#161618", ink: "#ececec", muted: "#a2a2a2", light: "#4a4a4e", now: "#ff8a3c",
  input: "#3fcf9f", forget: "#5db4ec", candidate: "#e0a63a", output: "#e07fb8", cell: "#ff8a3c",
  hidden: "#7fbbe0",
  gate: "#161618 #4a4a4e #8c8c8c #c4c4c4 #ffffff",
  state: "#d9ccff #9a86d6 #473d6b #1e1e22 #5e3d14 #e08a24 #ffdcae",
};
// Which colour a part's line has, and its dashes: told apart in grey too.
export const LINES = {
  f: ["forget", []], i: ["input", [6, 3]], o: ["output", [2, 2]],
  z: ["forget", []], r: ["output", [6, 3]],
  candidate: ["candidate", [6, 3]], c: ["cell", []], h: ["hidden", [2, 2]],
};

// How outputs are told apart, in their bars and their lines: those that are named, by their place
// among these, and any other. Orange is left to the step on display.
const HUES = ["forget", "candidate", "output", "ink"];
const DASHES = [[], [6, 3], [2, 2]];
export const look = (n) =>
  n < 0 ? { colour: "input", dash: [] } : { colour: HUES[n % 4], dash: DASHES[(n / 4) % 3 | 0] };

export const isDark = (root) => getComputedStyle(root).getPropertyValue("--rnn-dark").trim() === "1";

// The colours for the window that `root` is in, by name, set as its style too; 256 shades of gates
// and of states.
export function palette(root) {
  const chosen = isDark(root) ? DARK : LIGHT;
  for (const [name, colour] of Object.entries(chosen)) root.style.setProperty(`--rnn-${name}`, colour);
  return { ...chosen, dark: chosen === DARK, gate: shades(chosen.gate), state: shades(chosen.state) };
}

// 256 shades between colours at even distances, each as the four bytes of a pixel.
function shades(list) {
  const stops = list.split(/\s+/).map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, n) => {
    const place = (n / 255) * (stops.length - 1);
    const before = Math.min(Math.floor(place), stops.length - 2);
    const [r, g, b] = stops[before].map((value, k) =>
      Math.round(value + (stops[before + 1][k] - value) * (place - before)));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

// What has the first and the last colour. Gates go from 0 to 1, or with `contrast` from their own
// least to their own largest value; all else lies evenly around 0. A few values far above the rest
// have the last colour too (`beyond`).
export function limits(values, gate, contrast) {
  const every = Math.max(1, Math.floor(values.length / 20000)) | 1; // odd: no unit comes each time
  const known = [];
  let [low, high] = [Infinity, -Infinity];
  for (let n = 0; n < values.length; n++) {
    if (values[n] < low) low = values[n];
    if (values[n] > high) high = values[n];
  }
  for (let n = 0; n < values.length; n += every) {
    if (Number.isFinite(values[n])) known.push(gate ? values[n] : Math.abs(values[n]));
  }
  known.sort((a, b) => a - b);
  const share = (part) => known[Math.floor(part * (known.length - 1))];
  if (gate && low >= 0 && high <= 1) {
    if (!contrast || !known.length) return { kind: "gate", low: 0, high: 1 };
    [low, high] = [share(0.01), share(0.99)];
    return high > low ? { kind: "gate", low, high } : { kind: "gate", low: 0, high: 1 };
  }
  const largest = known.length ? known.at(-1) : 0;
  const most = known.length ? share(0.98) : 0;
  const beyond = largest > 2 * most && most > 0;
  const finite = [high, -low].filter(Number.isFinite);
  const size = (beyond ? most : Math.max(largest, ...finite)) || 1;
  return { kind: "state", low: -size, high: size, beyond };
}

// The two ends of a scale in words.
export function ends({ low, high, beyond }) {
  return beyond ? [`≤ ${number(low, 2)}`, `≥ ${number(high, 2)}`] : [number(low, 2), number(high, 2)];
}

// A number in so many digits that count, with a minus sign as wide as the digits.
export function number(value, places = 3) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text =
    size >= 10 ** places || (size < 1e-4 && size > 0) ? value.toPrecision(places)
    : String(Number(value.toPrecision(places)));
  return text.replace(/e\+?/, "e").replaceAll("-", "−");
}

export const percent = (share) => `${Math.round(100 * share)}%`;
