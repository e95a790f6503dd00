import type { SyslogEnvelope } from '../source.ts';
import { NO_STRUCTURED_DATA, parseStructuredData } from './structured-data.ts';

/** A line taken apart: its syslog header, if it has one, and the message behind it. */
export interface SplitLine {
  readonly envelope: SyslogEnvelope | null;
  readonly text: string;
}

interface Priority {
  readonly facility: number | null;
  readonly severity: number | null;
}

const NO_PRIORITY: Priority = { facility: null, severity: null };
const NIL = '-';
const BOM = 0xfeff;

/** `Oct 10 12:34:56`, with a year before or behind the day or the time, a fraction or a zone as devices write them. */
const BSD_TIME =
  /[*.]?(?:\d{4} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d(?: \d{4})? \d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: \d{4}(?= ))?(?: (?:[A-Z]{3,4}(?=: )|(?:UTC|GMT|[+-]\d\d:?\d\d)(?=:? )))?/y;
const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?(?=:? )/y;
/** `sshd[42]:`, `sudo:`, `postfix/smtpd[7]:`, `CRON[1]`: a process id may stand for the colon. */
const TAG = /([A-Za-z_/][\w./@()\-+]{0,127})(?:\[([^\]\s]{0,64})\]:?|:)(?: |$)/y;
/** What begins the message of a known format; a colon in it does not make its first word a program. */
const OWN_MARK = /(?:CEF|LEEF):\d|%[A-Z][A-Z\d_]*-|[A-Z_]+=|type=|%%/y;

/**
 * Splits a syslog line into header and message: RFC 5424, or RFC 3164 as devices write it (without priority, host or
 * tag; with year, zone or ISO time; Cisco's colons). `envelope` is null for a line that has no such header, and `text`
 * is then the whole line. Never throws; linear in the length of the line.
 */
export function splitEnvelope(line: string): SplitLine {
  const start = line.charCodeAt(0) === BOM ? 1 : 0;
  const behind = priorityEnd(line, start);
  const priority = behind === start ? NO_PRIORITY : priorityOf(line.slice(start + 1, behind - 1));
  if (behind !== start && isVersion(line, behind)) {
    const split = splitRfc5424(line, behind + 2, priority);
    if (split !== null) return split;
  }
  return splitRfc3164(line, behind, priority, behind !== start) ?? { envelope: null, text: line.slice(start) };
}

/** Behind `<PRI>`, or `start` when there is none. */
function priorityEnd(line: string, start: number): number {
  if (line.charCodeAt(start) !== 0x3c) return start;
  let at = start + 1;
  while (at < start + 4 && isDigit(line.charCodeAt(at))) at += 1;
  const isWhole = at > start + 1 && line.charCodeAt(at) === 0x3e && Number(line.slice(start + 1, at)) <= 191;
  return isWhole ? at + 1 : start;
}

function priorityOf(digits: string): Priority {
  const value = Number(digits);
  return { facility: value >> 3, severity: value & 7 };
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isVersion(line: string, at: number): boolean {
  return line.charCodeAt(at) === 0x31 && line.charCodeAt(at + 1) === 0x20;
}

function splitRfc5424(line: string, start: number, priority: Priority): SplitLine | null {
  const time = line.indexOf(' ', start);
  const host = line.indexOf(' ', time + 1);
  const app = line.indexOf(' ', host + 1);
  const proc = line.indexOf(' ', app + 1);
  const msg = line.indexOf(' ', proc + 1);
  if (time === -1 || host === -1 || app === -1 || proc === -1 || msg === -1) return null;
  const timestamp = line.slice(start, time);
  if (timestamp !== NIL && !isDigit(timestamp.charCodeAt(0))) return null;
  const tail = tailOf(line, msg + 1);
  const envelope: SyslogEnvelope = {
    rfc: 5424,
    facility: priority.facility,
    severity: priority.severity,
    timestamp: orNull(timestamp),
    hostname: orNull(line.slice(time + 1, host)),
    app: orNull(line.slice(host + 1, app)),
    procId: orNull(line.slice(app + 1, proc)),
    msgId: orNull(line.slice(proc + 1, msg)),
    structuredData: tail.data,
  };
  return { envelope, text: tail.text };
}

/** Structured data and message. Senders that leave the structured data out get their message all the same. */
function tailOf(line: string, start: number): { data: SyslogEnvelope['structuredData']; text: string } {
  const code = line.charCodeAt(start);
  if (code === 0x2d && (start + 1 === line.length || line.charCodeAt(start + 1) === 0x20))
    return { data: NO_STRUCTURED_DATA, text: messageAt(line, start + 2) };
  if (code === 0x5b) {
    const parsed = parseStructuredData(line, start);
    const isWhole = parsed !== null && (parsed.end === line.length || line.charCodeAt(parsed.end) === 0x20);
    if (isWhole) return { data: parsed.data, text: messageAt(line, parsed.end + 1) };
  }
  return { data: NO_STRUCTURED_DATA, text: messageAt(line, start) };
}

function messageAt(line: string, start: number): string {
  return line.slice(line.charCodeAt(start) === BOM ? start + 1 : start);
}

function orNull(value: string): string | null {
  return value === NIL || value === '' ? null : value;
}

function splitRfc3164(line: string, begin: number, priority: Priority, hasPriority: boolean): SplitLine | null {
  // Cisco's EMBLEM format has a colon behind the priority.
  const start = hasPriority && line.charCodeAt(begin) === 0x3a ? begin + 1 : begin;
  const time = matchAt(BSD_TIME, line, start) ?? matchAt(ISO_TIME, line, start);
  if (time === null && !hasPriority) return null;
  let at = start + (time?.[0].length ?? 0);
  const closed = time !== null && line.charCodeAt(at) === 0x3a;
  if (closed) at += 1;
  const gap = blanksEnd(line, at);
  if (time !== null && gap === at && gap < line.length) return null;
  at = gap;
  // Behind `timestamp:` and behind a bare priority there is no host.
  const host = time === null || closed ? null : hostAt(line, at);
  if (host !== null) at = blanksEnd(line, at + host.length);
  if (host !== null && line.startsWith(': ', at)) at += 2;
  const tag = matchAt(OWN_MARK, line, at) === null ? matchAt(TAG, line, at) : null;
  if (tag !== null) at += tag[0].length;
  const envelope: SyslogEnvelope = {
    rfc: 3164,
    facility: priority.facility,
    severity: priority.severity,
    timestamp: time?.[0] ?? null,
    hostname: host,
    app: tag?.[1] ?? null,
    procId: tag?.[2] ?? null,
    msgId: null,
    structuredData: NO_STRUCTURED_DATA,
  };
  return { envelope, text: messageAt(line, at) };
}

/** The word at `start` when it is a host: neither a tag (`sshd[1]:`) nor the beginning of a message. */
function hostAt(line: string, start: number): string | null {
  const space = line.indexOf(' ', start);
  // A counted message may have its text on a line of its own.
  const feed = line.indexOf('\n', start);
  const blank = feed !== -1 && (space === -1 || feed < space) ? feed : space;
  if (blank === -1 || matchAt(TAG, line, start) !== null || matchAt(OWN_MARK, line, start) !== null) return null;
  const word = line.slice(start, blank);
  return word.length <= 255 && /^[\w.:%\-[\]]+$/.test(word) && word !== ':' ? word : null;
}

function blanksEnd(line: string, start: number): number {
  let at = start;
  while (line.charCodeAt(at) === 0x20) at += 1;
  return at;
}

function matchAt(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(line);
}
