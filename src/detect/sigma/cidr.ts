import { isIP } from 'node:net';
import { remembering } from '#kernel';

/** Many rules ask for the same few addresses one after the other. */
const ADDRESSES_KEPT = 2_048;

/** An address as 4 or 16 bytes; null when the text is none. IPv4 in IPv6 (`::ffff:a.b.c.d`) counts as IPv4. */
export function parseAddress(text: string): Uint8Array | null {
  const version = isIP(text);
  if (version === 4) return Uint8Array.from(text.split('.'), Number);
  if (version !== 6) return null;
  const bytes = parseIpv6(text.split('%')[0] ?? '');
  const mapped = bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}

function pair(high: string | undefined, low: string | undefined): string {
  return ((Number(high) << 8) | Number(low)).toString(16);
}

function parseIpv6(text: string): Uint8Array {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain = dotted === null ? text : `${dotted[1]}${pair(dotted[2], dotted[3])}:${pair(dotted[4], dotted[5])}`;
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => '0');
  const bytes = new Uint8Array(16);
  [...left, ...gap, ...right].forEach((group, i) => {
    const value = Number.parseInt(group, 16);
    bytes[2 * i] = value >> 8;
    bytes[2 * i + 1] = value & 0xff;
  });
  return bytes;
}

const addressOf = remembering(ADDRESSES_KEPT, parseAddress);

/** Compiles a network in CIDR form (RFC 4632, RFC 4291), IPv4 or IPv6; null when the text is none. */
export function compileCidr(network: string): ((text: string) => boolean) | null {
  const slash = network.indexOf('/');
  const address = slash < 0 ? network : network.slice(0, slash);
  const base = parseAddress(address);
  if (base === null) return null;
  const stated = slash < 0 ? (isIP(address) === 4 ? 32 : 128) : prefixLength(network.slice(slash + 1));
  const bits = stated !== null && isIP(address) === 6 && base.length === 4 ? stated - 96 : stated;
  if (bits === null || bits < 0 || bits > base.length * 8) return null;
  return (text) => {
    const candidate = addressOf(text);
    return candidate !== null && candidate.length === base.length && samePrefix(candidate, base, bits);
  };
}

function prefixLength(text: string): number | null {
  return /^\d{1,3}$/.test(text) ? Number(text) : null;
}

function samePrefix(a: Uint8Array, b: Uint8Array, bits: number): boolean {
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = 0xff << (8 - rest);
  return ((a[whole] ?? 0) & mask) === ((b[whole] ?? 0) & mask);
}
