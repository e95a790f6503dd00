import { entryOf } from '#kernel';
import { type Codec, keep, str } from '../../../ocsf/codec.ts';

/** A constant wherever the field is there: for attributes that an object needs beside the field's own. */
export function always(value: unknown): Codec {
  return keep({ to: () => value, from: (made) => made });
}

/** Text as it is, `-` too: for a name that its object cannot do without. */
export const verbatim: Codec = {
  to: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  from: (value) => value,
};

/** The last part of a Windows or POSIX path. */
export const baseName: Codec = {
  to(value) {
    const path = str.to(value);
    if (typeof path !== 'string') return undefined;
    const at = Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/'));
    return at === path.length - 1 ? undefined : path.slice(at + 1);
  },
  from: (value) => value,
};

/** The file at a path: its name is the path's last part. OCSF's type 1 is a regular file. */
export const fileAt: Codec = {
  to(value) {
    const name = typeof value === 'string' ? baseName.to(value) : undefined;
    return name === undefined ? undefined : { name, path: value, type_id: 1 };
  },
  from: (file) => (typeof file === 'object' && file !== null && 'path' in file ? file.path : undefined),
};

/** The account of `DOMAIN\account`, or of a name without domain. */
export const accountPart: Codec = keep({ to: baseName.to, from: baseName.from });

/** The domain of `DOMAIN\account`. */
export const domainPart: Codec = keep({
  to: (value) => (typeof value === 'string' && value.includes('\\') ? value.slice(0, value.indexOf('\\')) : undefined),
  from: (value) => value,
});

/** The key of a registry path whose last part is the name of a value. */
export const keyPart: Codec = keep({
  to: (value) =>
    typeof value === 'string' && value.lastIndexOf('\\') > 0 ? value.slice(0, value.lastIndexOf('\\')) : undefined,
  from: (value) => value,
});

const ALGORITHMS: Readonly<Record<string, number>> = { MD5: 1, SHA1: 2, SHA256: 3 };
const ALGORITHM_NAMES: Readonly<Record<number, string>> = { 1: 'MD5', 2: 'SHA1', 3: 'SHA256' };
/** OCSF's number for an algorithm that its list does not have; the name then says which. */
const OTHER = 99;
/** Sysmon knows four algorithms. */
const HASHES_MAX = 8;

interface Fingerprint {
  algorithm_id: number;
  algorithm?: string;
  value: string;
}

/** Sysmon's `SHA1=…,MD5=…,SHA256=…,IMPHASH=…` as fingerprints, in their order. */
export const hashes: Codec = {
  to(value) {
    if (typeof value !== 'string' || value.length < 5) return undefined;
    const made: Fingerprint[] = [];
    for (const pair of value.split(',', HASHES_MAX + 1)) {
      const at = pair.indexOf('=');
      if (at < 1 || at === pair.length - 1 || made.length >= HASHES_MAX) return undefined;
      made.push(fingerprint(pair.slice(0, at), pair.slice(at + 1)));
    }
    return made;
  },
  from: (value) =>
    Array.isArray(value) ? value.map((one: Fingerprint) => `${hashName(one)}=${one.value}`).join(',') : undefined,
};

function fingerprint(name: string, value: string): Fingerprint {
  const id = entryOf(ALGORITHMS, name);
  return id === undefined ? { algorithm_id: OTHER, algorithm: name, value } : { algorithm_id: id, value };
}

function hashName({ algorithm_id: id, algorithm }: Fingerprint): string {
  return algorithm ?? ALGORITHM_NAMES[id] ?? '';
}

/** How Windows parts the privileges of one list. */
const PRIVILEGE_SEPARATOR = '\n\t\t\t';
/** Windows knows fewer than fifty privileges. */
const PRIVILEGES_MAX = 256;

/** A list of privileges, one a line; `-` is none. */
export const privileges: Codec = {
  to(value) {
    if (typeof value !== 'string' || value === '-') return undefined;
    const list = value.split(/\s+/, PRIVILEGES_MAX).filter((name) => name !== '');
    return list.length === 0 ? undefined : list;
  },
  from: (value) => (Array.isArray(value) ? value.join(PRIVILEGE_SEPARATOR) : undefined),
};

/** Event numbers are numbers in native records, `event_code` is text. */
export const eventCode: Codec = {
  to: (value) => (typeof value === 'number' ? String(value) : str.to(value)),
  from: (value) => (typeof value === 'string' && /^(?:0|[1-9]\d{0,4})$/.test(value) ? Number(value) : value),
};

/** Words, in any case, for enum numbers; what is not in the table is 0. A copy: the field itself stands elsewhere. */
export function numberOf(table: Readonly<Record<string, number>>, otherwise: number): Codec {
  const known = new Map(Object.entries(table));
  return keep({
    to: (value) => (typeof value === 'string' ? (known.get(value.toLowerCase()) ?? otherwise) : undefined),
    from: (value) => value,
  });
}

/** PowerShell's text of a script, which OCSF has as an object. */
export const longText: Codec = {
  to: (value) => (typeof value === 'string' && value !== '' ? { value } : undefined),
  from: (value) => (typeof value === 'object' && value !== null && 'value' in value ? value.value : undefined),
};
