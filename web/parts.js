// What the page shows of each cell, and in which words.

const ROWS = 28;
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

// The numbers that can be opened, as the address and the menu name them: lstm-f, gru-logit-7.
const OPENABLE = Object.entries(CELLS).flatMap(([cell, { parts }]) => [
  ...parts.map(([letter, words]) => ({ value: `${cell}-${letter}`, cell, letter, words })),
  ...Array.from({ length: 10 }, (_, digit) => ({
    value: `${cell}-logit-${digit}`, cell, letter: "logits", digit, words: `logit of ${digit}`,
  })),
]);

const at = (id) => document.getElementById(id);
const make = (tag, attributes = {}, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};
const percent = (share) => `${Math.round(100 * share)}%`;
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));
const largest = (values) => values.indexOf(Math.max(...values));
// A minus sign as wide as the digits, so that columns of numbers stand below each other.
const digits = (value, places) => value.toFixed(places).replace(/^-(?=[0.]*$)/, "").replace("-", "−");
