import { type Engine, type Match, MatchFields, createCorrelator, createEngine, looksAtOcsf } from '#detect/sigma';
import {
  type Item,
  MemberReader,
  type NativeFields,
  type NativeRecord,
  type OcsfEvent,
  type Source,
  eventOf,
  familyOf,
  sourcesFor,
} from '#ingest';
import type { BaseMatch, BlockResult, EvaluatorOptions, MemberInfo, TimeSource } from './types.ts';

/** Rejections described one by one for each block; the rest is counted. */
const SAMPLES_MAX = 3;

/** Reads blocks of members and evaluates the rules on each record; one an thread. */
export class Evaluator {
  readonly #engine: Engine;
  readonly #options: EvaluatorOptions;
  readonly #sources: readonly Source[];
  readonly #ruleIndex: ReadonlyMap<unknown, number>;
  readonly #fields: MatchFields;
  /** Whether rules are about OCSF events. */
  readonly #ocsf: boolean;
  readonly #readers = new Map<number, MemberReader>();
  readonly #lineReaders = new Map<number, MemberReader>();

  constructor(options: EvaluatorOptions) {
    const { rules, correlations } = options.ruleSet;
    this.#options = options;
    this.#engine = createEngine(options.ruleSet);
    this.#sources = sourcesFor(options.format);
    this.#ocsf = rules.some(({ logsource }) => looksAtOcsf(logsource));
    this.#ruleIndex = new Map(rules.map((rule, index) => [rule, index]));
    this.#fields = new MatchFields(createCorrelator(correlations, rules).fieldsRead);
  }

  /** The next bytes of a member that is read from its beginning to its end. */
  chunk(memberId: number, info: MemberInfo, bytes: Buffer, last: boolean): BlockResult {
    const reader = this.#reader(this.#readers, memberId, info);
    const before = reader.records;
    const result = emptyResult();
    if (bytes.length > 0) this.#evaluate(reader.each(bytes), before, info, result);
    if (last) {
      this.#evaluate(reader.end(), before, info, result);
      this.#readers.delete(memberId);
    }
    result.records = reader.records - before;
    return result;
  }

  /** Whole lines from somewhere in a member; `offset` is that of their first byte. */
  lines(memberId: number, info: MemberInfo, bytes: Buffer, offset: number): BlockResult {
    const reader = this.#reader(this.#lineReaders, memberId, info);
    if (this.#lineReaders.size > 1)
      for (const id of this.#lineReaders.keys()) if (id !== memberId) this.#lineReaders.delete(id);
    const result = emptyResult();
    this.#evaluate(reader.block(bytes, offset), 0, info, result);
    result.records = reader.records;
    return result;
  }

  #reader(readers: Map<number, MemberReader>, memberId: number, info: MemberInfo): MemberReader {
    let reader = readers.get(memberId);
    if (reader === undefined) {
      reader = new MemberReader(info.member ?? info.file, Buffer.from(info.head), { sources: this.#sources });
      readers.set(memberId, reader);
    }
    return reader;
  }

  /** One record after the other, so that none has to be kept while the others of its block are looked at. */
  #evaluate(items: Iterable<Item>, base: number, info: MemberInfo, result: BlockResult): void {
    const cutBefore = this.#engine.counters.regexInputsCut;
    for (const item of items) {
      const { parsed, source } = item;
      if ('reject' in parsed) {
        result.rejected[parsed.reject] = (result.rejected[parsed.reject] ?? 0) + 1;
        if (result.samples.length < SAMPLES_MAX)
          result.samples.push({
            record: item.record - base,
            offset: item.offset,
            code: parsed.reject,
            reason: parsed.reason,
          });
      } else if (source !== null) this.#match(item, parsed, source, base, info, result.matches);
    }
    result.regexInputsCut += this.#engine.counters.regexInputsCut - cutBefore;
  }

  #match(item: Item, record: NativeRecord, source: Source, base: number, info: MemberInfo, into: BaseMatch[]): void {
    const { zone, year } = this.#options;
    const context = { receivedMs: 0, zone, year, referenceMs: info.modifiedMs, format: source.name };
    const { file, member } = info;
    const toEvent = (): OcsfEvent => eventOf(item, { file, member, record: item.record, offset: item.offset }, context);
    const { matches, event } = this.#matchesOf(record, toEvent);
    if (matches.length === 0) return;
    const time = familyOf(source, record).time(record.fields, context);
    const classUid = (event ?? toEvent()).class_uid;
    for (const found of matches) {
      const read = this.#fields.of(found, found.fields);
      into.push({
        file,
        member,
        record: item.record - base,
        part: item.part,
        rule: found.index,
        timeMs: time?.ms ?? null,
        timeSource: timeSourceOf(time),
        classUid,
        matched: { ...found.matched },
        ...(read === null ? {} : { fields: read }),
      });
    }
  }

  /**
   * Matches on the native record and, where rules speak of OCSF events, on its event; each rule once, in the order of the
   * rule set. Otherwise only what matched becomes an event: reading and evaluating stay cheap.
   */
  #matchesOf(
    { family, fields }: NativeRecord,
    toEvent: () => OcsfEvent,
  ): { matches: Found[]; event: OcsfEvent | null } {
    const found = new Map<number, Found>();
    const look = (family: string, fields: NativeFields): void => {
      for (const match of this.#engine.match(family, fields)) {
        const index = this.#ruleIndex.get(match.rule) ?? -1;
        if (!found.has(index)) found.set(index, { ...match, index, fields });
      }
    };
    if (family !== 'ocsf') look(family, fields);
    const event = this.#ocsf || family === 'ocsf' ? toEvent() : null;
    if (event === null) return { matches: [...found.values()], event };
    look('ocsf', event);
    return { matches: [...found.values()].toSorted((a, b) => a.index - b.index), event };
  }
}

/** A match with what it was found in. */
interface Found extends Match {
  index: number;
  fields: NativeFields;
}

function emptyResult(): BlockResult {
  return { matches: [], records: 0, rejected: {}, samples: [], regexInputsCut: 0 };
}

function timeSourceOf(time: { labels?: readonly string[] } | null): TimeSource {
  if (time === null) return 'none';
  if (time.labels?.includes('time:year-assumed') === true) return 'year-assumed';
  return time.labels?.includes('time:zone-assumed') === true ? 'zone-assumed' : 'event';
}
