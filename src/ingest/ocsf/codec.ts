import { isIP } from 'node:net';

/**
 * How one native value becomes an OCSF value and comes back. `to` gives undefined for what it cannot hold. A value
 * whose way back does not read the same stays in `unmapped` too, so a codec may lose precision but never data.
 */
export interface Codec {
  readonly to: (value: unknown) => unknown;
  readonly from: (value: unknown) => unknown;
}

const same = (value: unknown): unknown => value;
const DECIMAL = /^-?(?:0|[1-9][0-9]{0,15})$/;
const HEX = /^0x[0-9a-fA-F]{1,13}$/;
const MAC = /^(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/;

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' || value === '-' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  return undefined;
}

function toInteger(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : undefined;
  if (typeof value !== 'string' || !DECIMAL.test(value)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Text that says something: the empty string and `-`, which stand for "none" in most logs, are left to `unmapped`. */
export const str: Codec = { to: toText, from: same };

/** A whole number, or its decimal string without leading zeros. */
export const int: Codec = { to: toInteger, from: same };

/** Any finite number, or its decimal string. */
export const float: Codec = {
  to(value) {
    if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
    if (typeof value !== 'string' || !/^-?\d{1,15}(?:\.\d{1,17})?$/.test(value)) return undefined;
    return Number(value);
  },
  from: same,
};

/** A truth value, or `true`/`false` in any case. */
export const bool: Codec = {
  to(value) {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string' || value.length > 5) return undefined;
    const word = value.toLowerCase();
    return word === 'true' ? true : word === 'false' ? false : undefined;
  },
  from: same,
};

/** Text in lower case. */
export const lower: Codec = { to: (value) => toText(value)?.toLowerCase(), from: same };

/** The last part of a file path of either kind; a copy beside the row that has the whole path. */
export const baseName: Codec = {
  to(value) {
    const text = toText(value);
    if (text === undefined) return undefined;
    const name = text.slice(Math.max(text.lastIndexOf('/'), text.lastIndexOf('\\')) + 1);
    return name === '' ? undefined : name;
  },
  from: same,
};

/** A whole number written in hexadecimal with `0x` (Windows process ids), or a plain one. */
export const hex: Codec = {
  to: (value) => (typeof value === 'string' && HEX.test(value) ? Number(value) : toInteger(value)),
  from: (value) => `0x${Number(value).toString(16)}`,
};

/** An IPv4 or IPv6 address without zone or port. */
export const ip: Codec = {
  to: (value) => (typeof value === 'string' && isIP(value) !== 0 ? value : undefined),
  from: same,
};

/** Text that is not an address: for sources that put either into one field. */
export const notIp: Codec = {
  to(value) {
    const text = toText(value);
    return text === undefined || isIP(text) !== 0 ? undefined : text;
  },
  from: same,
};

/** A MAC address of six pairs. */
export const mac: Codec = {
  to: (value) => (typeof value === 'string' && MAC.test(value) ? value : undefined),
  from: same,
};

/** A TCP or UDP port. */
export const port: Codec = {
  to(value) {
    const number = toInteger(value);
    return number === undefined || number < 0 || number > 65_535 ? undefined : number;
  },
  from: same,
};

/** An ISO 8601 time with its zone, as milliseconds; the way back is UTC with three fraction digits. */
export const msFromIso: Codec = {
  to(value) {
    if (typeof value !== 'string' || value.length > 40 || !ISO.test(value)) return undefined;
    const ms = Date.parse(value);
    return Number.isNaN(ms) ? undefined : ms;
  },
  from: isoOf,
};

function isoOf(value: unknown): string | undefined {
  const date = new Date(Number(value));
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** The same for times that state whole seconds: `2026-01-31T23:59:59Z`. */
export const msFromIsoSeconds: Codec = {
  to: msFromIso.to,
  from: (value) => isoOf(value)?.replace(/\.\d{3}Z$/, 'Z'),
};

/** Seconds since the epoch, with or without a fraction, as milliseconds rounded down. */
export const msFromSeconds: Codec = {
  to(value) {
    const seconds = float.to(value);
    return typeof seconds === 'number' ? Math.floor(seconds * 1000 + 5e-4) : undefined;
  },
  from: (value) => Number(value) / 1000,
};

/** An array of strings as it is. */
export const strings: Codec = {
  to: (value) => (Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined),
  from: same,
};

/** Any JSON value but null as it is. */
export const json: Codec = { to: (value) => value ?? undefined, from: same };

/** A whole number of this list, for enum attributes. */
export function oneOf(...values: number[]): Codec {
  const known = new Set(values);
  return {
    to(value) {
      const number = toInteger(value);
      return number !== undefined && known.has(number) ? number : undefined;
    },
    from: same,
  };
}

/** Native words for enum numbers. Two words for one number: the first is the way back. */
export function words(table: Readonly<Record<string, number>>): Codec {
  const forward = new Map(Object.entries(table));
  const back = new Map<number, string>();
  for (const [word, value] of forward) if (!back.has(value)) back.set(value, word);
  return {
    to: (value) => (typeof value === 'string' ? forward.get(value) : undefined),
    from: (value) => back.get(Number(value)),
  };
}

const kept = new WeakSet<Codec>();

/** Writes the attribute and leaves the native field in `unmapped` as well: for attributes that several fields may fill. */
export function keep(codec: Codec): Codec {
  const copy: Codec = { to: codec.to, from: codec.from };
  kept.add(copy);
  return copy;
}

/** Whether the codec came from `keep`. */
export function isKept(codec: Codec): boolean {
  return kept.has(codec);
}
