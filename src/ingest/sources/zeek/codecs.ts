import { msFromSeconds, type Codec } from '../../ocsf/codec.ts';

const ADDRESS = /^[^<>]*<([^<>\s]{3,320})>\s*$/;

/** A list of names as objects of one attribute, e.g. DNS answers. An empty list stays native. */
export function objectsOf(attribute: string): Codec {
  return {
    to(value) {
      if (!Array.isArray(value) || value.length === 0) return undefined;
      return value.every((item) => typeof item === 'string') ? value.map((item) => ({ [attribute]: item })) : undefined;
    },
    from(value) {
      return Array.isArray(value) ? value.map((item: Record<string, unknown>) => item[attribute]) : undefined;
    },
  };
}

/** The address in `Name <address>`, or the text when it is one. */
export const mailAddress: Codec = {
  to(value) {
    if (typeof value !== 'string' || value.length > 1024) return undefined;
    return ADDRESS.exec(value)?.[1] ?? value;
  },
  from: (value) => value,
};

/** A list of such addresses. */
export const mailAddresses: Codec = {
  to(value) {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const addresses = value.map(mailAddress.to);
    return addresses.includes(undefined) ? undefined : addresses;
  },
  from: (value) => value,
};

/** One number as a list. */
export const oneNumber: Codec = {
  to: (value) => (typeof value === 'number' && Number.isSafeInteger(value) ? [value] : undefined),
  from: (value) => (Array.isArray(value) ? value[0] : undefined),
};

/** An interval in seconds as milliseconds. */
export const interval: Codec = {
  to: (value) => {
    const ms = msFromSeconds.to(value);
    return typeof ms === 'number' && ms >= 0 ? ms : undefined;
  },
  from: msFromSeconds.from,
};
