import { createCipheriv, createDecipheriv, createHash, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { RandomFill } from './ids.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals small secrets that lie in a database: AES-256-GCM under a key of its own purpose. */
export interface Sealer {
  /** Nonce ‖ ciphertext ‖ tag. `place` (table, column, row) is bound to it, so that a sealed value cannot be moved. */
  seal(plain: string, place: string): Uint8Array;
  /** Null when it was changed, moved, or sealed under another key. */
  open(sealed: Uint8Array, place: string): string | null;
}

/** A sealer for one `purpose`; `key` is 32 bytes. Random nonces: fewer than 2³² values a key (NIST SP 800-38D §8.3). */
export function createSealer(options: { key: Uint8Array; purpose: string; random: RandomFill }): Sealer {
  const key = deriveKey(options.key, options.purpose);
  return {
    seal(plain, place) {
      const nonce = Buffer.alloc(NONCE_BYTES);
      options.random(nonce);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
      return Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, place) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(place))
        .setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
      try {
        const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
        return Buffer.concat([plain, decipher.final()]).toString('utf8');
      } catch {
        return null;
      }
    },
  };
}

/** A 32-byte key for one purpose out of a 32-byte key for many (HKDF-SHA-256, RFC 5869). */
export function deriveKey(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, new Uint8Array(0), `wardkeep/${purpose}`, 32));
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function sameSecret(one: string, other: string): boolean {
  return timingSafeEqual(sha256(one), sha256(other));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
