import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { type Clock, messageOf, replaceFile } from '#kernel';
import type { Config } from '#kernel/config';
import { ServerError } from './errors.ts';

/** A server certificate is renewed when less than this is left of it. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const PRIVATE = 0o600;
const PUBLIC = 0o644;

/** What a TLS listener needs, PEM. */
export interface TlsMaterial {
  certificate: string;
  key: string;
  /** The authority that signs, when it is our own; null for certificates that were given. */
  authority: string | null;
  /** Where a browser or sender can get the authority from; null as above. */
  authorityFile: string | null;
  expiresMs: number;
}

/**
 * The certificate that `tls.certificate` and `tls.key` name; without them one of an own authority under `DIR/tls`, made
 * at the first start and renewed in time, for this machine's names and addresses and those in `tls.names`.
 * @throws {ServerError} `bad_certificate`, `not_writable`
 */
export async function tlsMaterial(dir: string, config: Config['tls'], clock: Clock): Promise<TlsMaterial> {
  if (config.certificate !== undefined || config.key !== undefined) return given(config);
  return own(join(dir, 'tls'), namesOf(config.names), clock.nowMs());
}

function given({ certificate, key }: Config['tls']): TlsMaterial {
  if (certificate === undefined || key === undefined)
    throw new ServerError('bad_certificate', 'tls.certificate and tls.key must be set both, or neither');
  const pair = { certificate: readPem(certificate), key: readPem(key) };
  return { ...pair, authority: null, authorityFile: null, expiresMs: expiryOf(pair, certificate) };
}

async function own(folder: string, names: readonly string[], nowMs: number): Promise<TlsMaterial> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ServerError('not_writable', `${folder} cannot be made (${messageOf(error)})`, { cause: error });
  }
  const authorityFile = join(folder, 'authority.pem');
  const serverFile = join(folder, 'server.pem');
  if (!existsSync(authorityFile)) {
    const { createAuthority } = await import('./authority.ts');
    const made = await createAuthority(nowMs);
    // The certificate comes last: without it an earlier making was cut short.
    replaceFile(join(folder, 'authority.key'), made.key, PRIVATE);
    replaceFile(authorityFile, made.certificate, PUBLIC);
  }
  if (!isGood(serverFile, new X509Certificate(readPem(authorityFile)), names, nowMs)) {
    const { createServerCertificate } = await import('./authority.ts');
    const authority = { certificate: readPem(authorityFile), key: readPem(join(folder, 'authority.key')) };
    const made = await createServerCertificate(authority, names, nowMs);
    replaceFile(join(folder, 'server.key'), made.key, PRIVATE);
    replaceFile(serverFile, made.certificate, PUBLIC);
  }
  const pair = { certificate: readPem(serverFile), key: readPem(join(folder, 'server.key')) };
  const authority = readPem(authorityFile);
  return {
    certificate: pair.certificate + authority,
    key: pair.key,
    authority,
    authorityFile,
    expiresMs: expiryOf(pair, serverFile),
  };
}

/** Whether the certificate is there, lasts, is of the key beside it and of the authority, and covers all names. */
function isGood(file: string, authority: X509Certificate, names: readonly string[], nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(file));
    createSecureContext({ cert: readFileSync(file), key: readFileSync(file.replace(/\.pem$/, '.key')) });
    const covered = new Set((certificate.subjectAltName ?? '').split(', ').map((one) => one.replace(/^[^:]+:/, '')));
    return (
      certificate.validToDate.getTime() - nowMs > RENEW_BEFORE_MS &&
      certificate.validFromDate.getTime() <= nowMs &&
      certificate.checkIssued(authority) &&
      names.every((name) => covered.has(name))
    );
  } catch {
    return false;
  }
}

/** This machine as others may reach it. Link-local addresses change and are left out. */
function namesOf(more: readonly string[]): string[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((one) => one ?? [])
    .filter(({ address, family }) => family === 'IPv4' && !address.startsWith('169.254.'))
    .map(({ address }) => address);
  return [...new Set(['localhost', hostname().toLowerCase(), '127.0.0.1', ...addresses, ...more])];
}

function expiryOf({ certificate, key }: { certificate: string; key: string }, file: string): number {
  try {
    createSecureContext({ cert: certificate, key });
    return new X509Certificate(certificate).validToDate.getTime();
  } catch (error) {
    throw new ServerError('bad_certificate', `${file} and its key do not fit together (${messageOf(error)})`, {
      cause: error,
      advice: 'tls.certificate takes the PEM chain, server first; tls.key the PEM private key without a passphrase',
    });
  }
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ServerError('bad_certificate', `${path} cannot be read (${messageOf(error)})`, { cause: error });
  }
}
