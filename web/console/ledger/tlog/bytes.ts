/** A file or reply that does not have the form it should. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

export function malformed(why: string): MalformedError {
  return new MalformedError(why);
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Standard base64 in its one canonical form (RFC 4648 §4). */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  if (!BASE64.test(text)) throw malformed('a value is not base64');
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw malformed('a value is not base64');
  }
  if (btoa(binary) !== text) throw malformed('a value is not canonical base64');
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** A decimal without sign or leading zero, below 2^53. */
export function parseSize(text: string, what: string): number {
  const value = Number(text);
  if (!/^(0|[1-9][0-9]*)$/.test(text) || !Number.isSafeInteger(value)) throw malformed(`${what} is not a number`);
  return value;
}
