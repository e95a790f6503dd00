import { createHmac } from 'node:crypto';
import { type RandomFill, sameSecret } from '#kernel';
import { newId } from './secrets.ts';

/** Marks of browsers in which a user has signed in before; what the server must know of them is its key alone. */
export interface Devices {
  issue(userId: string): string;
  /** The mark's nonce when it was given to this user, else null. */
  nonceOf(mark: string | null, userId: string | null): string | null;
}

const MARK_CHARS_MAX = 128;

export function createDevices(key: Uint8Array, random: RandomFill): Devices {
  const mac = (nonce: string, userId: string): string =>
    createHmac('sha256', key).update(`${nonce}\0${userId}`).digest('base64url');
  return {
    issue(userId) {
      const nonce = newId(random);
      return `${nonce}.${mac(nonce, userId)}`;
    },
    nonceOf(mark, userId) {
      if (mark === null || userId === null || mark.length > MARK_CHARS_MAX) return null;
      const [nonce = '', stated = ''] = mark.split('.');
      return sameSecret(stated, mac(nonce, userId)) ? nonce : null;
    },
  };
}
