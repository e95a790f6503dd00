/**
 * Whether a JSON text nests objects and arrays deeper than `levels`. It looks at the text, since walking what was parsed
 * costs many times as much where each record has keys of its own. Of a text that is no JSON it says nothing of use.
 */
export function nestsDeeper(text: string, levels: number): boolean {
  return countUpTo(text, levels) > levels && depthPasses(text, levels);
}

/** How many brackets open, those in strings included: most texts have too few to be deep. Stops soon after `most`. */
function countUpTo(text: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf('{'); at !== -1 && count <= most; at = text.indexOf('{', at + 1)) count += 1;
  for (let at = text.indexOf('['); at !== -1 && count <= most; at = text.indexOf('[', at + 1)) count += 1;
  return count;
}

function depthPasses(text: string, levels: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) i = endOfString(text, i);
    else if (char === OPEN_OBJECT || char === OPEN_ARRAY) {
      depth += 1;
      if (depth > levels) return true;
    } else if (char === CLOSE_OBJECT || char === CLOSE_ARRAY) depth -= 1;
  }
  return false;
}

/** The place of the quotation mark that closes what opens at `start`; the end of the text where none does. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    const char = text.charCodeAt(i);
    if (char === BACKSLASH) i += 1;
    else if (char === QUOTE) return i;
  }
  return text.length;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
