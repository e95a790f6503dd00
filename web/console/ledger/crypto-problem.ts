import { t } from '../../text/index.ts';

/** Why this browser cannot verify, as a sentence; null when it can. */
export async function cryptoProblem(): Promise<string | null> {
  const { notes } = t.ledger.verify;
  if (globalThis.crypto?.subtle === undefined) return notes.noCrypto;
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify']);
    return null;
  } catch (error) {
    // A browser without Ed25519 says NotSupportedError; this key alone is not what it stumbles over.
    return error instanceof DOMException && error.name === 'NotSupportedError' ? notes.noEd25519 : null;
  }
}
