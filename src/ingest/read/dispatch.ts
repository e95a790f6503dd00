import { NESTING_DEPTH_MAX, nestsDeeper } from '#kernel';
import type { JsonSource, LineSource, Parsed, Source, XmlSource } from '../source.ts';
import { splitEnvelope } from '../syslog/envelope.ts';
import type { NativeFields, Rejection } from '../types.ts';

/** What one record's text came to: by which source, and as what. */
export interface Understood {
  readonly source: Source | null;
  readonly parsed: Exclude<Parsed, null>;
}

const UNKNOWN: Understood = {
  source: null,
  parsed: { reject: 'unknown_format', reason: 'no source recognises this record' },
};
const NOT_AN_OBJECT: Rejection = { reject: 'bad_record', reason: 'the JSON value is not an object' };
const TOO_DEEP: Rejection = {
  reject: 'too_deep',
  reason: `the record is nested deeper than ${NESTING_DEPTH_MAX} levels`,
};

/** Members under which a JSON object carries its records, tried when no source knows the object itself. */
const WRAPPER_KEYS = ['Records', 'records', 'value', 'items', 'events', 'logs', 'data', 'entries', 'results'] as const;

/**
 * Gives each record to the source that knows it. The source that took the last record is asked first: records of one file
 * are mostly of one kind, and sources are specific, so the order decides speed and not the outcome.
 */
export class Dispatcher {
  readonly #json: readonly JsonSource[];
  readonly #lines: readonly LineSource[];
  readonly #xml: readonly XmlSource[];
  #lastJson: JsonSource | null = null;
  #lastLine: LineSource | null = null;

  constructor(sources: readonly Source[]) {
    this.#json = sources.filter((source) => source.shape === 'json');
    this.#lines = sources
      .filter((source) => source.shape === 'line')
      .toSorted((a, b) => (a.order ?? 50) - (b.order ?? 50));
    this.#xml = sources.filter((source) => source.shape === 'xml');
  }

  /** A JSON text, one value. */
  json(text: string): Understood {
    let value: unknown;
    try {
      // Of a name that stands twice the last counts, as everywhere; raw keeps both. To tell such records apart would take a
      // third of the time of parsing once more: their names have to be counted in the text (29 %) and in the value (8 %).
      value = JSON.parse(text);
    } catch {
      return { source: null, parsed: { reject: 'bad_json', reason: 'the record is not valid JSON' } };
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { source: null, parsed: NOT_AN_OBJECT };
    if (nestsDeeper(text, NESTING_DEPTH_MAX)) return { source: null, parsed: TOO_DEEP };
    return this.#jsonObject(value as NativeFields) ?? this.#wrapped(value as NativeFields) ?? UNKNOWN;
  }

  /** A line: JSON when it is an object, else text with or without a syslog header. Null where a line says nothing. */
  line(text: string): Understood {
    const first = text.charCodeAt(0);
    if (first === 0x7b && this.#json.length > 0) {
      const understood = this.json(text);
      if (understood !== UNKNOWN && !isBadJson(understood)) return understood;
      return this.#text(text) ?? understood;
    }
    return this.#text(text) ?? UNKNOWN;
  }

  /** One XML element. */
  xml(text: string): Understood {
    for (const source of this.#xml) {
      const parsed = source.parse(text);
      if (parsed !== null) return { source, parsed };
    }
    return UNKNOWN;
  }

  #jsonObject(value: NativeFields): Understood | null {
    const last = this.#lastJson;
    if (last !== null && last.accepts(value)) return understoodBy(last, last.parse(value));
    for (const source of this.#json) {
      if (source === last || !source.accepts(value)) continue;
      this.#lastJson = source;
      return understoodBy(source, source.parse(value));
    }
    return null;
  }

  /** `{"Records":[…]}` and its like, each element by itself. */
  #wrapped(value: NativeFields): Understood | null {
    for (const key of WRAPPER_KEYS) {
      const elements = value[key];
      if (!Array.isArray(elements) || elements.length === 0) continue;
      const inner = elements.map((element) => (isObject(element) ? this.#jsonObject(element) : null));
      const records = inner.flatMap((one) => (one === null || 'reject' in one.parsed ? [] : one.parsed));
      const source = inner.find((one) => one !== null)?.source ?? null;
      if (source !== null && inner.every((one) => one !== null && !('reject' in one.parsed)))
        return { source, parsed: records };
    }
    return null;
  }

  #text(line: string): Understood | null {
    const { envelope, text } = splitEnvelope(line);
    if (envelope !== null && text.charCodeAt(0) === 0x7b && this.#json.length > 0) {
      const understood = this.json(text);
      if (understood !== UNKNOWN && !isBadJson(understood)) return understood;
    }
    if (this.#xml.length > 0 && /^\uFEFF?\s*</.test(text)) {
      const understood = this.xml(text);
      if (understood !== UNKNOWN) return understood;
    }
    const last = this.#lastLine;
    // The catch-all must not stick: a later line may have a source of its own.
    if (last !== null && (last.order ?? 50) < 90) {
      const parsed = last.parse(text, envelope);
      if (parsed !== null) return { source: last, parsed };
    }
    for (const source of this.#lines) {
      if (source === last && (source.order ?? 50) < 90) continue;
      const parsed = source.parse(text, envelope);
      if (parsed === null) continue;
      this.#lastLine = source;
      return { source, parsed };
    }
    return null;
  }
}

function understoodBy(source: Source, parsed: Parsed): Understood {
  return { source, parsed: parsed ?? [] };
}

function isBadJson(understood: Understood): boolean {
  return 'reject' in understood.parsed && understood.parsed.reject === 'bad_json';
}

function isObject(value: unknown): value is NativeFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
