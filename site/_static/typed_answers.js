/* Judges a typed answer as helpers/checks judges a text: the same verdict, the same sentence.

   questions.js, written when the pages are built, holds the answers; here is how a text is read
   and compared: plain_answers.py, in its order and under its names. tests/test_ask.py holds the
   two together. */
const Judge = (() => {
  const { signs: SIGNS, any_batch: ANY_BATCH, long: LONG, answers: ANSWERS } = QUESTIONS;
  const has = (table, key) => Object.hasOwn(table, key);

  // --- a text, read -------------------------------------------------------------------------------

  function tidy(text) {
    const plain = (sign) => (has(SIGNS, sign) ? SIGNS[sign] : sign);
    text = Array.from(text).slice(0, LONG).join("").normalize("NFKC").toLowerCase();
    return Array.from(text, plain).join("").replace(/\s+/g, " ").trim();
  }

  const IN_BRACKETS = "[([{<]+([^()[\\]{}<>]*)[)\\]}>]+";
  const BARE = new RegExp(`^${IN_BRACKETS}$`);
  const NAMED = new RegExp(`^[a-z_. ]*=? ?${IN_BRACKETS}$`);
  const strip = (text) => text.replace(/^[ ']+|[ ']+$/g, "");

  function bare(text, brackets = BARE) {
    text = strip(text.replace(/[ .,;!?]+$/, ""));
    const inner = brackets.exec(text);
    return inner ? strip(inner[1]) : text;
  }

  const GROUPS = /(?<![\d.,])[1-9]\d{0,2}([,' _])\d{3}(?:\1\d{3})*(?![\d,])/g;

  const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/g;

  function numberOf(text, percent) {
    text = bare(text).replace(/^[~=\u00b1 ]+/, "");
    const share = text.endsWith("%") && !percent;
    text = text.replace(/%$/, "").trimEnd();
    text = text.replace(GROUPS, (found) => found.replace(/\D/g, ""));
    if (/^[+-]?\d*,\d+(?:e[+-]?\d+)?$/.test(text)) text = text.replace(",", ".");
    text = text.replace(/(?<=[\d)]) ?x ?(?=[\d(])/g, "*").replaceAll("^", "**");
    if (!/^[\d.e+*/() -]+$/.test(text) || /\/\/|--|\+\+/.test(text)) return null;
    let number;
    try {
      // There is nothing in it but digits and signs, which Python and JavaScript reckon alike.
      number = Function(`return ${text.replace(NUMBER, (digits) => `(${Number(digits)})`)};`)();
    } catch {
      return null;
    }
    if (typeof number !== "number" || !Number.isFinite(number)) return null;
    return share ? number / 100 : number;
  }

  const squeezed = (text) => text.replace(/(?<=[a-z])-(?=[a-z])|[\s'_]/g, "");
  const ROUND_WORDS = /^(?:(?:it|the|only|just|both) )+|(?: (?:gate|only|alone))+$/g;

  function wordOf(text, known) {
    text = bare(text);
    let plain = squeezed(text);
    if (!has(known, plain)) plain = squeezed(text.replace(ROUND_WORDS, ""));
    return has(known, plain) ? known[plain] : plain;
  }

  function partsOf(text, { known, words }) {
    if (words.includes(wordOf(text, known))) return [text];
    text = bare(text, NAMED);
    if (["", "none", "nothing"].includes(text)) return [];
    let parts = text.split(/[,;|&](?![^[(]*[\])])|\band\b/).filter((part) => part.trim());
    if (parts.length > 1 || words.includes(wordOf(text, known))) return parts;
    parts = text.split(/(?<=[\d ])x(?=[\d ])|[\s=:/]+/).filter(Boolean);
    return parts.length === 1 && /^(?:[a-z]+|[01]+)$/.test(parts[0]) ? Array.from(parts[0]) : parts;
  }

  function read(answer, text, inside = false) {
    const parts = inside ? [] : partsOf(text, answer).map((part) => read(answer, tidy(part), true));
    const number = numberOf(text, answer.percent);
    let kind = number === null ? "a text" : "a number";
    if (parts.length > 1) kind = `a list of ${parts.length}`;
    return { kind, number, parts: inside ? null : parts, word: wordOf(text, answer.known) };
  }

  // --- the verdict --------------------------------------------------------------------------------

  const near = (one, due, off) =>
    one === due || Math.abs(one - due) <= off * Math.max(1, Math.abs(one), Math.abs(due));

  function alike(answer, given, due) {
    if (due === null) return ANY_BATCH.includes(given.word);
    if (typeof due === "string") return given.word === due;
    if (typeof due === "number")
      return given.number !== null && near(given.number, due, answer.tolerance);
    const { parts } = given;
    if (parts === null) return false;
    const same = (part, one) => alike(answer, part, one);
    if (due.list)
      return parts.length === due.list.length && parts.every((part, n) => same(part, due.list[n]));
    return (
      parts.every((part) => due.set.some((one) => same(part, one))) &&
      due.set.every((one) => parts.some((part) => same(part, one)))
    );
  }

  function aboutKind(answer, { kind, number, parts }) {
    const asked = answer.kinds;
    const thousands = asked.join() === "a number" && answer.right[0] >= 1000;
    const [due] = answer.right;
    if (thousands && Math.abs(1000 * number - due) <= 1e-9 * due)
      return "a point is read as a decimal point: leave it out where it parts thousands.";
    const ofNumber = asked.includes("a number");
    const strange = ofNumber
      ? number === null
      : parts.some((part) => part.number === null && !ANY_BATCH.includes(part.word));
    if (answer.in_digits && strange)
      return `this asks for ${asked.join(" or ")}, in digits and nothing else.`;
    const given = [kind, "a set", number === null ? "a text" : "a number"];
    if (given.some((one) => asked.includes(one))) return "";
    return `this asks for ${asked.join(" or ")}, yours is ${kind}.`;
  }

  /* The verdict on a text: whether it is right, and the sentence about it. */
  function judge(name, typed) {
    const answer = ANSWERS[name];
    const text = tidy(typed);
    if (["", "...", "?"].includes(text))
      return { ok: false, sentence: "Your turn: write your answer, then press Check." };
    const given = read(answer, text);
    if (answer.right.some((right) => alike(answer, given, right)))
      return { ok: true, sentence: `Right: ${answer.praise}` };
    const wrong = answer.wrong.find(([value]) => alike(answer, given, value));
    const said = wrong ? wrong[1] : aboutKind(answer, given) || answer.look;
    return { ok: false, sentence: `Not yet: ${said}` };
  }

  return { judge };
})();
