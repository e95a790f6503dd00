import { malformed } from './errors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Standard base64 with padding in its one canonical form (RFC 4648 §4), or null: `Buffer.from` alone skips what it does not know. */
export function decodeBase64(text: string): Buffer | null {
  if (!BASE64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** Base64 of exactly `length` bytes, or null. */
export function decodeBase64Of(text: string, length: number): Buffer | null {
  const bytes = decodeBase64(text);
  return bytes?.length === length ? bytes : null;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/**
 * The text of a signed note, checkpoint or proof: UTF-8 without a control character below U+0020 other than the
 * line feed (signed-note). A byte order mark stays a character, since signatures cover it.
 * @throws {TlogError} `malformed`.
 */
export function decodeNoteText(source: string | Uint8Array): string {
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  if (!text.isWellFormed()) throw malformed('the text is not valid Unicode');
  if (hasControls(text)) throw malformed('the text has a control character other than the line feed');
  return text;
}

/** Whether a key name is one that a signed note may carry: not empty, no Unicode space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !hasControls(name) && !/[\p{White_Space}+]/u.test(name);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw malformed(cause instanceof TypeError ? 'the text is not valid UTF-8' : 'the text cannot be decoded');
  }
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}
