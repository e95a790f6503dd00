import { entryOf } from '#kernel';
import { textAt } from '../native-value.ts';
import { defineFieldMap, type Row } from '../ocsf/field-map.ts';
import { put } from '../ocsf/native.ts';
import { defineFamily } from '../ocsf/table-family.ts';
import type { JsonSource, LineSource } from '../source.ts';
import { isoTime } from '../time.ts';
import type { NativeFields } from '../types.ts';

// Log fields: https://www.authelia.com/configuration/miscellaneous/logging/

type Kind = 'signin' | 'other';

const ROWS: Row[] = [
  ['time', 'metadata.original_time'],
  ['level', 'severity'],
  ['msg', 'message'],
  ['error', 'status_detail'],
];

const SIGNIN_ROWS: Row[] = [
  ...ROWS,
  ['remote_ip', 'src_endpoint.ip'],
  ['path', 'http_request.url.path'],
  ['method', 'http_request.http_method'],
];

const PRODUCT = { 'metadata.product.name': 'Authelia', 'metadata.product.vendor_name': 'Authelia' };
const ATTEMPT = /^(Uns|S)uccessful (\w+) authentication attempt (?:made )?by user '([^']*)'/;
const UNKNOWN_USER = /^Error occurred getting details for user with username input '([^']*)'/;
const SEVERITY: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 1,
  info: 1,
  warning: 2,
  warn: 2,
  error: 3,
  fatal: 6,
  panic: 6,
};

/** Method in the message → auth_factor.factor_type_id. */
const FACTORS: Readonly<Record<string, number>> = { '1FA': 11, TOTP: 7, Duo: 5, U2F: 9, WebAuthn: 10, Webauthn: 10 };

interface Attempt {
  user: string;
  succeeded: boolean;
  method: string | undefined;
}

function attemptOf(fields: NativeFields): Attempt | null {
  const message = textAt(fields, 'msg') ?? '';
  const attempt = ATTEMPT.exec(message);
  if (attempt !== null) return { user: attempt[3] ?? '', succeeded: attempt[1] === 'S', method: attempt[2] };
  const unknown = UNKNOWN_USER.exec(message);
  return unknown === null ? null : { user: unknown[1] ?? '', succeeded: false, method: undefined };
}

const family = defineFamily<Kind>({
  name: 'authelia',
  title: 'Authelia',
  maps: { signin: defineFieldMap(SIGNIN_ROWS, PRODUCT), other: defineFieldMap(ROWS, PRODUCT) },
  kind: (fields) => (attemptOf(fields) === null ? 'other' : 'signin'),
  time: (fields, context) => isoTime(fields['time'], context),
  fill(fields, draft) {
    draft.severityId = entryOf(SEVERITY, textAt(fields, 'level')) ?? 0;
    const attempt = attemptOf(fields);
    if (attempt === null) return;
    draft.classUid = 3002;
    draft.activityId = 1;
    draft.statusId = attempt.succeeded ? 1 : 2;
    draft.set('user.name', attempt.user);
    draft.set('service.name', 'Authelia');
    if (attempt.method === undefined) return;
    draft.set('auth_factors.0.factor_type', attempt.method);
    draft.set('auth_factors.0.factor_type_id', entryOf(FACTORS, attempt.method) ?? 99);
    draft.set('is_mfa', attempt.method !== '1FA');
  },
});

/** Pairs in one line; Authelia writes about eight. */
const PAIRS_MAX = 100;
const PAIR = /([A-Za-z_]\w{0,63})=(?:"((?:[^"\\]|\\.)*)"|(\S*))(?: |$)/gy;

/** `key=value key="quoted \"value\""`: logfmt. Null when the line is anything else. */
function parseLogfmt(text: string): NativeFields | null {
  const fields: NativeFields = {};
  let end = 0;
  let count = 0;
  for (const match of text.matchAll(PAIR)) {
    if (++count > PAIRS_MAX) return null;
    const [all, name = '', quoted, bare] = match;
    put(fields, name, quoted === undefined ? bare : unescape(quoted));
    end = match.index + all.length;
  }
  return end === text.length && count > 0 ? fields : null;
}

function unescape(quoted: string): string {
  return quoted.includes('\\') ? quoted.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char) : quoted;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

const isAuthelia = (fields: NativeFields): boolean =>
  typeof fields['msg'] === 'string' &&
  typeof fields['level'] === 'string' &&
  typeof fields['time'] === 'string' &&
  ('remote_ip' in fields || 'method' in fields || attemptOf(fields) !== null);

const SHARED = { families: [family], oracle: 'CrowdSec hub logs' };

/** `log.format: text`. */
export const authelia: LineSource = {
  ...SHARED,
  name: 'authelia',
  title: 'Authelia (text log)',
  shape: 'line',
  order: 40,
  parse(text) {
    if (!text.startsWith('time="')) return null;
    const fields = parseLogfmt(text.trimEnd());
    return fields !== null && isAuthelia(fields) ? { family: 'authelia', fields } : null;
  },
};

/** `log.format: json`. */
export const autheliaJson: JsonSource = {
  ...SHARED,
  name: 'authelia-json',
  title: 'Authelia (JSON log)',
  shape: 'json',
  accepts: (value) =>
    isAuthelia(value) && (attemptOf(value) !== null || (textAt(value, 'path') ?? '').startsWith('/api/')),
  parse: (value) => ({ family: 'authelia', fields: value }),
};
