const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The longest reference that is looked at: `&#x0000010FFFF;`. */
const REFERENCE_MAX = 16;

/** The text with its references replaced; null where one is not of XML's five nor a character's number. */
export function decodeEntities(text: string): string | null {
  let at = text.indexOf('&');
  if (at === -1) return text;
  let decoded = '';
  let from = 0;
  while (at !== -1) {
    const end = text.indexOf(';', at);
    if (end === -1 || end - at > REFERENCE_MAX) return null;
    const character = referenced(text.slice(at + 1, end));
    if (character === undefined) return null;
    decoded += text.slice(from, at) + character;
    from = end + 1;
    at = text.indexOf('&', from);
  }
  return decoded + text.slice(from);
}

function referenced(name: string): string | undefined {
  if (name.charCodeAt(0) !== 0x23) return Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  const isHex = name[1] === 'x';
  const digits = name.slice(isHex ? 2 : 1);
  if (!(isHex ? /^[0-9a-fA-F]+$/ : /^[0-9]+$/).test(digits)) return undefined;
  const code = Number.parseInt(digits, isHex ? 16 : 10);
  // Control characters are let through although XML 1.0 forbids them: Windows writes them for script text.
  const isCharacter = code > 0 && code <= 0x10_ff_ff && !(code >= 0xd8_00 && code <= 0xdf_ff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}

/** What has to be written as a reference: markup, and control characters but tab and line feed. */
const UNSAFE = /[&<>"\p{Cc}]/u;
const UNSAFE_ALL = /[&<>"\p{Cc}]/gu;

/**
 * Text made safe to stand between tags or in a double-quoted attribute. Control characters become numbers, NUL, which
 * XML cannot hold, the replacement character.
 */
export function encodeEntities(text: string): string {
  return UNSAFE.test(text) ? text.replaceAll(UNSAFE_ALL, encoded) : text;
}

function encoded(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    case '\t':
    case '\n':
      return character;
    case '\0':
      return '\ufffd';
    default:
      return `&#${character.charCodeAt(0)};`;
  }
}
