import { Secret, TOTP } from 'otpauth';
import type { RandomFill } from '#kernel';
import { sameSecret } from '#kernel';

const ISSUER = 'Wardkeep';
/** What every authenticator app knows: HMAC-SHA-1, six digits, 30 s (RFC 6238; RFC 4226 asks for 160 bits). */
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const SECRET_BYTES = 20;
/** Steps before and after the present one that are taken too: clocks differ. */
const STEPS_APART_MAX = 1;

/** A new secret, in Base32 as people type it. */
export function newTotpSecret(random: RandomFill): string {
  const bytes = new Uint8Array(SECRET_BYTES);
  random(bytes);
  return new Secret({ buffer: bytes.buffer }).base32;
}

/** The `otpauth://` address that an authenticator app reads from a QR code. */
export function totpUri(secret: string, account: string): string {
  return totpOf(secret, account).toString();
}

/** Steps that the last one taken may lie ahead of now: an hour, for a clock that is set right. */
export const STEPS_AHEAD_MAX = 120;

/**
 * The time step that a code belongs to, or null when it is not the code of a step near `nowMs`, or of one that is not
 * after `lastStep`: a code that was used, or an older one, is never taken again (RFC 6238 §5.2).
 */
export function totpStep(
  code: string,
  options: { secret: string; nowMs: number; lastStep: number | null },
): number | null {
  const { secret, nowMs, lastStep } = options;
  const totp = totpOf(secret, '');
  const present = Math.floor(nowMs / 1000 / FORM.period);
  // A step of a far future was taken while the clock was wrong: it must not keep its owner out until then.
  const last = lastStep !== null && lastStep - present > STEPS_AHEAD_MAX ? null : lastStep;
  let found: number | null = null;
  for (let step = present - STEPS_APART_MAX; step <= present + STEPS_APART_MAX; step += 1) {
    const isSame = sameSecret(totp.generate({ timestamp: step * FORM.period * 1000 }), code);
    if (isSame && (last === null || step > last)) found = step;
  }
  return found;
}

function totpOf(secret: string, label: string): TOTP {
  return new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret), ...FORM });
}
