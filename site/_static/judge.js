/* Judges a typed answer as helpers/checks judges a text: the same verdict, the same sentence.

   questions.js, written when the pages are built, holds the answers and the lists of words; here
   is how they are read: numerals.py, spellings.py and answers.py, in that order and under their
   names. tests/test_ask.py holds the two together over every spelling that the tests know. */
const Judge = (() => {
  const { words: WORDS, answers: ANSWERS } = QUESTIONS;
  const FILLERS = new Set(WORDS.fillers);
  const has = (table, key) => Object.hasOwn(table, key);
  const escaped = (signs) => signs.replace(/[\\\]^-]/g, "\\$&");
  const lstrip = (text, signs) => text.replace(new RegExp(`^[${escaped(signs)}]+`), "");
  const rstrip = (text, signs) => text.replace(new RegExp(`[${escaped(signs)}]+$`), "");
  const strip = (text, signs) => rstrip(lstrip(text, signs), signs);
  const whole = (pattern) => new RegExp(`^(?:${pattern})$`);

  // --- texts (numerals.py) ----------------------------------------------------------------------

  function tidy(text) {
    text = Array.from(text).slice(0, WORDS.long).join("");
    text = text.replace(/[\u207a\u207b\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+/g, (power) => `^${power}`);
    text = Array.from(text).map(plainSign).join("");
    text = text.normalize("NFKC").toLowerCase().replace(/\p{Nd}/gu, digit);
    text = Array.from(text, (sign) => (has(WORDS.signs, sign) ? WORDS.signs[sign] : sign)).join("");
    return text.replace(/\s+/g, " ").trim();
  }

  function plainSign(sign) {
    if (/\p{Cf}/u.test(sign)) return ""; // marks of no width
    if (sign !== "\u2044" && sign.normalize("NFKC").includes("\u2044")) {
      const [above, below] = sign.normalize("NFKC").split("\u2044").map(Number);
      return `(${above / (below || 1)})`;
    }
    return sign;
  }

  // The digits of a script stand one after the other, its zero first.
  function digit(sign) {
    let value = 0;
    const code = sign.codePointAt(0);
    while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value += 1;
    return String(value);
  }

  function withoutBrackets(text) {
    text = text.trim();
    if (text.length < 2 || !["()", "[]", "{}", "<>", "''", '""'].includes(text[0] + text.at(-1)))
      return "";
    let depth = 0;
    for (const sign of text.slice(0, -1)) {
      depth += "([{<".includes(sign) - ")]}>".includes(sign);
      if (depth === 0 && !"'\"".includes(text[0])) return ""; // (a) and (d)
    }
    return text.slice(1, -1).trim();
  }

  // --- numbers (numerals.py) --------------------------------------------------------------------

  const PERCENT = /\s*(?:%(?: points?)?|per ?cent|pct|percentage points?)$/;
  const GROUPED = /^([+-]?[1-9]\d{0,2})([,' _])\d{3}(?:\2\d{3})*(?:\.\d+)?$/;
  const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/;
  const BOTH = /^[+-]?[1-9]\d{0,2}(?:[. ]\d{3})+,\d+$/; // 22.410,0
  const NUMBER =
    "(?<![\\d.])[+-]?(?:\\d+(?!\\d)(?:\\.\\d*(?!\\d))?|\\.\\d+(?!\\d))(?:e[+-]?\\d+(?!\\d))?";
  const BETWEEN = /(?<=[\d%)])\s*(?:-|\bto\b|\bor\b|\band\b|\.\.+)\s*(?=[\d.(])/;
  const FLOAT =
    /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/;

  function ends(text, isWhole, percent) {
    text = tidy(text).replace(/^(?:between|from)\b/, "").trim();
    const found = BETWEEN.exec(text);
    if (!found) return null;
    let low = text.slice(0, found.index);
    let high = text.slice(found.index + found[0].length);
    const sign = PERCENT.exec(high);
    if (sign && !PERCENT.test(low)) low += sign[0];
    [low, high] = [low, high].map((end) => numbers(end, isWhole, percent));
    return low.length && high.length && low[0] < high[0] ? [low, high] : null;
  }

  function numbers(text, isWhole, percent) {
    text = strip(rstrip(tidy(text), ".!?;, "), "'\" ");
    for (let inner; (inner = withoutBrackets(text)); ) text = inner;
    text = text.replace(/^[a-z_][a-z_ ]*(?:=|:)\s*/, "").replace(/^=/, "");
    const found = oneNumber(text, isWhole, percent);
    if (found.length) return found;
    if (text.includes("=")) return agreeing(text.split("=").reverse(), isWhole, percent);
    const remark = /^(.*\S) \((.*)\)$/.exec(text);
    return remark ? agreeing(remark.slice(1), isWhole, percent) : [];
  }

  function agreeing(texts, isWhole, percent) {
    const [first, ...others] = texts.map((text) => oneNumber(text, isWhole, percent));
    const near = (one) =>
      others.every((other) => !other.length || Math.abs(one - other[0]) <= 0.01 * Math.abs(one));
    return first.every(near) ? first : [];
  }

  function oneNumber(text, isWhole, percent) {
    text = rstrip(strip(text, " ~'\""), ".");
    const share = PERCENT.test(text);
    text = text.replace(PERCENT, "");
    if (percent) text = text.replace(/^(?:\+ ?\/? ?-|\u00b1|plus or minus)\s*/, "");
    text = text.replace(/\b(?:in all|in total|of them)\b/g, "").trim();
    text = text.replace(/(?<=\d) (?:in|out of|of) (?=\d)|(?<=\d):(?=\d)/g, " / ");
    text = text.replace(/^(?:1|one) in a (hundred|thousand)$/, "a $1th");
    text = text.replace(/\ba single\b/g, "one");
    text = text.replace(/(?<=[a-z])[-_](?=[a-z])/g, " ");
    text = text.replace(/^x\s*(?=[\d.])|(?<=\d)\s*x$|(?<=\d)(?:st|nd|rd|th)\b/g, "");
    const found = text.match(/[a-z']+/g) || [];
    if (found.length && found.every((word) => FILLERS.has(word)))
      text = text.replace(/\b[a-z']+\b\.?/g, "").replace(/\(\s*\)/g, "");
    text = strip(text, " ~");
    let read = written(text, isWhole);
    if (!read.length) read = spelt(text);
    return share && !percent ? read.map((number) => number / 100) : read;
  }

  function written(text, isWhole) {
    const found = [];
    if (GROUPED.test(text)) found.push(Number(text.replace(/[,' _]/g, "")));
    if (DECIMAL_COMMA.test(text) && !(isWhole && found.length))
      found.push(Number(text.replace(",", ".")));
    if (BOTH.test(text)) found.push(Number(text.replace(/[. ]/g, "").replace(",", ".")));
    if (found.length) return found;
    if (FLOAT.test(text)) return [Number(text.replaceAll("_", ""))];
    const endless = /^([+-]?)inf(?:inity)?$/.exec(text);
    if (endless) return [endless[1] === "-" ? -Infinity : Infinity];
    if (/^[+-]?nan$/.test(text)) return [NaN]; // a number to Python, and none that is right
    if (BETWEEN.test(text) && ends(text, isWhole, false)) return [];
    text = text.replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g, (n) => n.replaceAll(",", ""));
    text = text.replace(/(?<=[\d)])\s*x\s*(?=[\d(])|(?<=\d)(?=\()/g, "*").replaceAll("^", "**");
    const value = evaluated(text);
    return value === null ? [] : [value];
  }

  /* A sum, a product, a power of numbers as Python reads them; null for anything else. */
  function evaluated(text) {
    const tokens = [];
    const token =
      /\s*(?:(0x[\da-f]+|0o[0-7]+|0b[01]+|(?:\d+(?:_\d+)*)?\.\d+(?:e[+-]?\d+)?|\d+(?:_\d+)*\.?(?:e[+-]?\d+)?)(?![\w.])|(\*\*|[-+*/()]))\s*/y;
    text = text.replace(/#.*$/, "").trim();
    while (token.lastIndex < text.length) {
      const found = token.exec(text);
      if (!found) return null;
      tokens.push(found[1] === undefined ? found[2] : asNumber(found[1]));
    }
    let at = 0;
    const fail = () => {
      throw new RangeError();
    };
    const left = (operators, next) => {
      let value = next();
      while (operators.includes(tokens[at])) {
        const operator = tokens[at++];
        const other = next();
        if (operator === "/" && other === 0) fail();
        value = { "+": value + other, "-": value - other, "*": value * other, "/": value / other }[operator];
      }
      return value;
    };
    const sum = () => left(["+", "-"], product);
    const product = () => left(["*", "/"], signed);
    const signed = () => {
      if (tokens[at] !== "+" && tokens[at] !== "-") return power();
      return tokens[at++] === "-" ? -signed() : signed();
    };
    const power = () => {
      const base = atom();
      if (tokens[at] !== "**") return base;
      at += 1;
      const exponent = signed();
      const value = base ** exponent;
      const finite = Number.isFinite(base) && Number.isFinite(exponent);
      return finite && !Number.isFinite(value) ? fail() : value;
    };
    const atom = () => {
      const one = tokens[at++];
      if (typeof one === "number") return Number.isNaN(one) ? fail() : one;
      if (one !== "(") fail();
      const value = sum();
      return tokens[at++] === ")" ? value : fail();
    };
    try {
      const value = sum();
      return at === tokens.length && !Number.isNaN(value) ? value : null;
    } catch {
      return null;
    }
  }

  function asNumber(text) {
    if (/^0[\d_]*[1-9]/.test(text) && !/[.ex]/.test(text) && !/^0[bo]/.test(text)) return NaN;
    const value = Number(text.replaceAll("_", ""));
    return /^\d+$/.test(text) && !Number.isFinite(value) ? NaN : value;
  }

  function spelt(text) {
    text = text.replace(/(?<=\d)k$/, " k");
    let tokens = text.split(/[ ,-]+/).filter((word) => !FILLERS.has(word));
    let sign = 1;
    if (["minus", "negative"].includes(tokens[0])) [sign, tokens] = [-1, tokens.slice(1)];
    const point = tokens.indexOf("point");
    const decimals = point < 0 ? [] : tokens.slice(point + 1);
    if (point >= 0) tokens = tokens.slice(0, point);
    let share = 1;
    const last = tokens.at(-1);
    const part = (name) => (name !== undefined && has(WORDS.parts, name) ? WORDS.parts[name] : 0);
    if (part(last) || part(last?.replace(/s$/, ""))) {
      share = part(last) || part(last.replace(/s$/, ""));
      tokens = tokens.length > 1 ? tokens.slice(0, -1) : ["one"];
    }
    if (!tokens.length || decimals.some((word) => !has(WORDS.numbers, word))) return [];
    let total = 0;
    let here = 0;
    for (const word of tokens) {
      if (has(WORDS.numbers, word)) here += WORDS.numbers[word];
      else if (word === "hundred") here = (here || 1) * 100;
      else if (has(WORDS.many, word)) [total, here] = [total + (here || 1) * WORDS.many[word], 0];
      else if (word === "and") continue;
      else if (whole(NUMBER).test(word) && (tokens.length > 1 || sign < 0) && !here)
        here = Number(word);
      else return [];
    }
    const tail = decimals.map((word) => WORDS.numbers[word]).join("");
    return [(sign * (total + here + Number(`0.${tail || 0}`))) / share];
  }

  // --- words and lists (spellings.py) -----------------------------------------------------------

  function squeezed(text) {
    return strip(text.replace(/(?<=[a-z])-(?=[a-z])|[\s'"_]/g, ""), ".,;:!?=");
  }

  const ROUND_WORDS =
    /^(?:(?:it|the|only|just|both|a|an|gates?)\s+)+|(?:\s+(?:gates?|alone|only))+$/g;

  function word(text, known) {
    text = tidy(text).replaceAll("c\u0303", "candidate").replaceAll("c~", "candidate");
    const named = (name) => (has(known, name) ? known[name] : undefined);
    if (named(squeezed(text)) !== undefined) return named(squeezed(text));
    text = strip(text, "'\".,;!? ");
    text = withoutBrackets(text) || text;
    const remark = /^(.*\S) \((.*)\)$/.exec(text);
    if (remark && remark[2] !== text && word(remark[1], known) === word(remark[2], known))
      text = remark[1]; // forget gate (f)
    if (!text.includes("(")) text = rstrip(text, ")"); // a) and d)
    const plain = squeezed(text.replace(ROUND_WORDS, ""));
    return named(plain) ?? plain;
  }

  const LISTS = /^(?:[a-z_]+ ?= ?)?(?:(?:frozen)?set|list|tuple|(?:np\.)?array)?/;
  const WORD_AND_NUMBER = whole(
    "(?:(?:pin|set) )?(.*?[a-z'\"])\\s*" +
      `(?:=|:|->|(?:\\bpinned )?\\b(?:at|to)\\b|\\bis\\b)?\\s*(${NUMBER})`,
  );
  const NAME_FIRST = `(?<![a-z_ ])([a-z_ ]+)(?![a-z_ ])(?:=|:)?\\s*(?!\\s)(${NUMBER})`;
  const NUMBER_FIRST = `(${NUMBER}|none)[\\s(]*(?![\\s(])([a-z_ ]+)`;
  const LITTLE_WORDS = /\b(?:and|at|by|each|gate|in|is|of|shape|the|with)\b|[=:()'"]/g;

  function items(text, places = null, known = []) {
    const parts = chunks(text, known);
    return places ? inOrder(text, parts, places) : parts;
  }

  function chunks(text, known) {
    text = rstrip(tidy(text), ".!?");
    const called = known.length ? LISTS : /^[a-z_. ]*=?\s*/;
    text = withoutBrackets(text.replace(called, "")) || text;
    for (let inner; (inner = withoutBrackets(text)); ) text = inner;
    text = text.replace(/^(?:both|only|just) /, "");
    if (["", "none", "nothing", "()", "[]", "{}", "set()"].includes(text)) return [];
    const split = text.split(/[,;|](?![^[(]*[\])])|\b(?:and|or|plus|und)\b|&/);
    const found = split.map((chunk) => chunk.trim()).filter(Boolean);
    if (found.length > 1) return found.map((chunk) => withoutBrackets(chunk) || chunk);
    if (known.length) {
      const pair = WORD_AND_NUMBER.exec(text);
      if (pair) return pair.slice(1);
      const parts = text.split(/[\s/+]+/).filter(Boolean);
      if (parts.length > 1 && parts.every((part) => known.includes(squeezed(part)))) return parts;
      const letters = Array.from(text);
      return letters.every((letter) => known.includes(letter)) ? letters : found;
    }
    for (const between of [
      /\s*(?:(?<=[\d\s])x(?=[\d\s])|\*|\bby\b|\/)\s*/,
      /\s+(?=[\d.+-])|\s+(?=none)/,
    ]) {
      const parts = text.split(between).filter(Boolean);
      if (parts.length > 1 && parts.every((part) => /\d|none|batch/.test(part))) return parts;
    }
    return /^[01]{2,}$/.test(text) ? Array.from(text) : found;
  }

  function inOrder(text, parts, places) {
    text = tidy(text).replace(/['"]/g, "");
    const half = whole(`(.*?)(${NUMBER}|none)(.*)`);
    const halves = parts.map((part) => half.exec(part));
    const all = halves.every(Boolean);
    const ways = all ? [halves.map((one) => [one[2], `${one[1]} ${one[3]}`])] : [];
    ways.push(Array.from(text.matchAll(new RegExp(NAME_FIRST, "g")), ([, name, n]) => [n, name]));
    ways.push(Array.from(text.matchAll(new RegExp(NUMBER_FIRST, "g")), ([, n, name]) => [n, name]));
    for (const pairs of ways) {
      const found = byName(pairs, places);
      if (found) return found;
    }
    for (const [place, one] of all ? halves.entries() : []) {
      const name = squeezed(`${one[1]} ${one[3]}`.replace(LITTLE_WORDS, " "));
      const strange = !has(places, name) && one[1].includes("=");
      if (strange || (has(places, name) ? places[name] : place) !== place) return [];
    }
    return parts;
  }

  function byName(pairs, places) {
    const count = Math.max(...Object.values(places)) + 1;
    const ordered = Array(count).fill(null);
    for (const [part, name] of pairs) {
      const key = squeezed(tidy(name.replace(LITTLE_WORDS, " ")));
      if (!has(places, key) || ordered[places[key]] !== null) return null;
      ordered[places[key]] = part;
    }
    return ordered.includes(null) ? null : ordered;
  }

  // --- the verdict (answers.py) -----------------------------------------------------------------

  function alike(answer, text, due, depth = 0) {
    if (due === null) return WORDS.any_batch.includes(tidy(text));
    if (typeof due === "boolean") return false;
    if (typeof due === "number") return alikeNumbers(answer, text, due);
    if ("endless" in due) return alikeNumbers(answer, text, due.endless * Infinity);
    if ("text" in due) return word(text, answer.known) === due.text;
    const parts = items(text, answer.places, answer.words);
    const same = (part, one) => alike(answer, part, one, 1);
    if ("list" in due)
      return (
        depth === 0 &&
        parts.length === due.list.length &&
        parts.every((part, place) => same(part, due.list[place]))
      );
    return (
      parts.every((part) => due.set.some((one) => same(part, one))) &&
      due.set.every((one) => parts.some((part) => same(part, one)))
    );
  }

  function alikeNumbers(answer, text, due) {
    const near = (readings) =>
      readings.some((number) => {
        if (number === due) return true;
        if (!Number.isFinite(number) || !Number.isFinite(due)) return false;
        const room = answer.tolerance * Math.max(1, Math.abs(number), Math.abs(due));
        return Math.abs(number - due) <= room;
      });
    const both = ends(text, answer.whole, answer.percent);
    return both ? both.every(near) : near(numbers(text, answer.whole, answer.percent));
  }

  function aboutKind(answer, text) {
    if (!answer.a_list) {
      if (ends(text, answer.whole, answer.percent))
        return "give one number, neither a range nor two of them.";
      if (answer.whole && isThousandth(answer, text))
        return "a point is read as a decimal point: leave it out where it parts thousands.";
    }
    const parts = answer.a_list ? items(text, answer.places, answer.words) : [];
    if (answer.a_list && answer.kinds.includes("a set")) return "";
    const kind = parts.length > 1 ? `a list of ${parts.length}` : kindOf(answer, text);
    if (answer.kinds.includes(kind)) return "";
    return `this asks for ${answer.kinds.join(" or ")}, yours is ${kind}.`;
  }

  function isThousandth(answer, text) {
    const close = (one, due) => Math.abs(one - due) <= 1e-9 * Math.max(Math.abs(one), Math.abs(due));
    return (
      /\d\.\d{3}(?!\d)/.test(tidy(text)) &&
      numbers(text, true, answer.percent).some((number) =>
        answer.right.some((right) => typeof right === "number" && close(1000 * number, right)),
      )
    );
  }

  function kindOf(answer, text) {
    if (numbers(text, answer.whole, answer.percent).length) return "a number";
    const parts = items(text);
    if (parts.length > 1 && parts.every((part) => numbers(part, true, false).length))
      return `a list of ${parts.length}`;
    return numbers(text, false, false).length ? "a number" : "a text";
  }

  /* The verdict on a text: whether it is right, and the sentence about it. */
  function judge(name, text) {
    const answer = ANSWERS[name];
    if (["", "...", "?"].includes(tidy(text)))
      return { ok: false, sentence: "Your turn: write your answer, then press Check." };
    if (answer.right.some((right) => alike(answer, text, right)))
      return { ok: true, sentence: `Right: ${answer.praise}` };
    const wrong = answer.wrong.find(([value]) => alike(answer, text, value));
    const said = wrong ? wrong[1] : aboutKind(answer, text) || answer.look;
    return { ok: false, sentence: `Not yet: ${said}` };
  }

  return { judge };
})();
