import type { Level } from '#detect/sigma';
import type { DurableFinding } from '#detect/live';
import { type Clock, type Log, type RandomFill, uuidv7 } from '#kernel';
import { type Account, Accounts } from './accounts.ts';
import { derive, recount, summariesOf } from './derive.ts';
import { IncidentsError } from './errors.ts';
import { changeAct, changed, incidentEvent, suppressionEvent } from './events.ts';
import { HIDDEN_TEXT, WRITTEN_TEXT, asFinding, changeTexts, numberText } from './finding.ts';
import { forgetEntries } from './forget.ts';
import { Inlet } from './inlet.ts';
import { BATCH_FINDINGS_MAX, NOTE_CHARS_MAX, TITLE_CHARS_MAX } from './limits.ts';
import { type Importance, confidenceOf, severityChange, severityWhyOf } from './severity.ts';
import { type FindingQuery, IncidentLists, type IncidentQuery, type Page } from './store-lists.ts';
import type { Database, IncidentRow } from './store-tables.ts';
import { gistOf } from './store-tallies.ts';
import { IncidentStore } from './store.ts';
import { type SuppressPreview, newSuppression, previewOf } from './suppressions.ts';
import { emptyRow, mergeIncidents, takeFindings } from './take.ts';
import type {
  Finding,
  Incident,
  IncidentChange,
  IncidentSummary,
  KeptFinding,
  SuppressRequest,
  Suppression,
} from './types.ts';
import { type Language, historyText, wordsIn } from './words/words.ts';

export interface IncidentsOptions {
  /** Opened with `INCIDENTS_MIGRATIONS`. */
  state: Database;
  clock: Clock;
  random: RandomFill;
  log: Log;
  /** The hospital's zone, IANA; times of the story are told in it. */
  zone: () => string;
  /** How much an asset matters, where somebody knows. */
  importance?: Importance;
  /** Appends an event to the ledger: what a person does to an incident is recorded before it is done. */
  record?: (event: Readonly<Record<string, unknown>>) => Promise<unknown>;
}

/** A change that lists and notifications follow. */
export interface IncidentNews {
  incident: IncidentSummary;
  isNew: boolean;
  /** A person wrote the title, and so it may say anything. */
  isNamedByHand: boolean;
}

export function openIncidents(options: IncidentsOptions): Incidents {
  return new Incidents(options);
}

/**
 * Findings become incidents. Each finding is taken once, in the order of the ledger; the same findings give the same
 * incidents. What people decide stays: a title or severity set by hand is not changed by later findings.
 */
export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #store: IncidentStore;
  readonly #lists: IncidentLists;
  readonly #listeners: ((news: IncidentNews) => void)[] = [];
  readonly #accounts = new Accounts();
  readonly #inlet: Inlet;
  /** The oldest finding that could not be kept: a restart goes on there. */
  #missed = Infinity;
  #work: Promise<unknown> = Promise.resolve();

  /** Through `openIncidents` only. */
  constructor(options: IncidentsOptions) {
    this.#options = options;
    this.#store = new IncidentStore(options.state);
    this.#lists = new IncidentLists(options.state);
    this.#inlet = new Inlet(
      (findings) =>
        this.#take(findings).catch((error: unknown) => {
          if (findings.length === 1) this.#missed = Math.min(this.#missed, findings[0]?.index ?? Infinity);
          throw error;
        }),
      (work) => this.#inTurn(work),
    );
  }

  /** Where `findingsSince` goes on after a restart: every finding in front of it is kept. */
  async position(): Promise<number> {
    return this.#store.position();
  }

  /**
   * Every finding in front of `position` was handed over: once they are kept, a restart need not look for findings there. On
   * quiet days nothing else moves the position, and years of events would be read again.
   */
  async passed(position: number): Promise<void> {
    await this.#inTurn(async () => {
      const to = Math.min(position, this.#missed, this.#inlet.oldest);
      if (to > (await this.#store.position())) await this.#store.setPosition(to);
    });
  }

  onChange(listener: (news: IncidentNews) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Takes a finding; in order, and each once. Resolves when it is kept. Findings that come without waiting for the one before
   * are kept together, which costs a fraction.
   */
  accept(finding: DurableFinding): Promise<void> {
    return this.#inlet.accept(asFinding(finding));
  }

  /** As `accept` for each, in order; resolves when all are kept. */
  async acceptAll(findings: AsyncIterable<DurableFinding>): Promise<void> {
    let waiting: Promise<void>[] = [];
    for await (const finding of findings) {
      waiting.push(this.accept(finding));
      if (waiting.length < BATCH_FINDINGS_MAX) continue;
      await Promise.all(waiting);
      waiting = [];
    }
    await Promise.all(waiting);
  }

  async list(query: IncidentQuery): Promise<Page<IncidentSummary>> {
    const { items, next } = await this.#lists.incidents(query);
    return { items: await summariesOf(this.#store, items), next };
  }

  async counts(): Promise<{ open: number; bySeverity: Record<Level, number> }> {
    const bySeverity = await this.#lists.counts();
    return { open: Object.values(bySeverity).reduce((sum, count) => sum + count, 0), bySeverity };
  }

  /** Null when there is none; the id of one that was merged gives the one it went into. What people wrote stays as it is. */
  async get(id: string, language: Language = 'en'): Promise<Incident | null> {
    const row = await this.#store.incident(id);
    if (row === null) return null;
    if (row.merged_into !== null) return this.get(row.merged_into, language);
    const [summary] = await summariesOf(this.#store, [row]);
    if (summary === undefined) return null;
    const gist = gistOf(row);
    const words = wordsIn(language);
    const merged = await this.#store.mergedInto(id);
    const said = async (kind: 'note' | 'history') =>
      (await this.#store.said(kind, id)).map(({ id, author, at_ms: atMs, text }) => ({ id, author, atMs, text }));
    return {
      ...summary,
      ...(await this.#account(row, language)),
      confidence: confidenceOf(await this.#store.tallies.rules(id), gist, words),
      isSeverityFixed: row.fixed_severity === 1,
      severityWhy: row.fixed_severity === 1 ? words.severity.setByHand : severityWhyOf(gist, words),
      notes: await said('note'),
      history: (await said('history')).map(({ author, atMs, text }) => ({
        author,
        atMs,
        text: historyText(text, words),
      })),
      mergedFrom: merged.map(({ number }) => numberText(number)),
    };
  }

  /** @throws {IncidentsError} `no_such_incident`, `bad_change` */
  async change(id: string, change: IncidentChange, by: string): Promise<Incident> {
    await this.#inTurn(async () => {
      const row = await this.#required(id);
      const title = change.title?.trim();
      if (title === '' || (title?.length ?? 0) > TITLE_CHARS_MAX)
        throw new IncidentsError('bad_change', `a title has 1 to ${TITLE_CHARS_MAX} characters`);
      await this.#record(() => incidentEvent(changed(row, change), changeAct(change, by, this.#nowMs)));
      await this.#store.together(async (store) => {
        await store.changeIncident(row.id, {
          ...(change.state === undefined ? {} : { state: change.state }),
          ...(change.verdict === undefined ? {} : { verdict: change.verdict }),
          ...(change.assignee === undefined ? {} : { assignee: change.assignee }),
          ...severityChange(row, change.severity),
          ...(title === undefined ? {} : { title, fixed_title: 1 }),
        });
        for (const text of changeTexts(change)) await this.#log(store, row.id, by, text);
      });
    });
    return this.#changed(id);
  }

  /** @throws {IncidentsError} `no_such_incident`, `bad_change` */
  async note(id: string, text: string, by: string): Promise<Incident> {
    const trimmed = text.trim();
    if (trimmed === '' || trimmed.length > NOTE_CHARS_MAX)
      throw new IncidentsError('bad_change', `a note has 1 to ${NOTE_CHARS_MAX} characters`);
    const row = await this.#required(id);
    const { clock, random } = this.#options;
    const atMs = clock.nowMs();
    await this.#record(() => incidentEvent(row, { by, atMs, texts: [WRITTEN_TEXT] }));
    await this.#store.say('note', {
      id: uuidv7(clock, random),
      incident: row.id,
      author: by,
      at_ms: atMs,
      text: trimmed,
    });
    return this.#changed(row.id);
  }

  /** The others go into the first. @throws {IncidentsError} `no_such_incident`, `bad_change` */
  async merge(id: string, ids: readonly string[], by: string): Promise<Incident> {
    await this.#inTurn(async () => {
      const into = await this.#required(id);
      const others: IncidentRow[] = [];
      for (const one of new Set(ids)) if (one !== into.id) others.push(await this.#required(one));
      if (others.length === 0) throw new IncidentsError('bad_change', 'name another incident to merge with');
      const texts = others.map(({ number }) => `${numberText(number)} was merged into it`);
      const merged = others.map((other) => other.id);
      await this.#record(() => incidentEvent(into, { by, atMs: this.#nowMs, texts, merged }));
      await this.#store.together(async (store) => {
        const world = { ...this.#options, by };
        for (const other of others) await mergeIncidents(store, { into: into.id, from: other.id }, world);
        await derive(store, [into.id]);
      });
    });
    return this.#changed(id);
  }

  /** Takes findings out into a new incident. @throws {IncidentsError} `no_such_incident`, `bad_change` */
  async split(id: string, findings: readonly number[], by: string): Promise<Incident> {
    const fresh = await this.#inTurn(async () => {
      const row = await this.#required(id);
      const taken = await this.#store.entriesOf(row.id, findings);
      if (taken.length === 0 || taken.length === row.findings)
        throw new IncidentsError('bad_change', 'name some of the findings of the incident, and not all of them');
      const texts = [splitText(taken.length)];
      await this.#record(() => incidentEvent(row, { by, atMs: this.#nowMs, texts, split: taken }));
      return this.#store.together(async (store) => {
        const fresh = emptyRow(this.#options, { number: await store.nextNumber(), splitFrom: row.id });
        const made = fresh.id;
        await store.batch.putIncidents([fresh]);
        await store.setIncident(taken, made);
        await store.keepApart(row.id, made);
        await this.#log(store, made, by, `split from ${numberText(row.number)}`);
        await this.#log(store, row.id, by, splitText(taken.length));
        for (const id of [row.id, made]) await recount(store, id, this.#options.importance);
        return made;
      });
    });
    await this.#changed(id);
    return this.#changed(fresh);
  }

  /** Hides what the rule finds about these from now on; the incident is judged a false positive and closed. */
  async suppress(id: string, request: SuppressRequest, by: string): Promise<Suppression> {
    const suppression = newSuppression(request, by, this.#options);
    await this.#inTurn(async () => {
      const row = await this.#required(id);
      const change = { state: 'closed', verdict: 'false-positive' } as const;
      const atMs = this.#nowMs;
      await this.#record(() => suppressionEvent(suppression, 'made', { by, atMs }));
      await this.#record(() => incidentEvent(changed(row, change), changeAct(change, by, atMs)));
      await this.#store.together(async (store) => {
        await store.addSuppression(suppression);
        await store.changeIncident(row.id, change);
        await this.#log(store, row.id, by, HIDDEN_TEXT);
      });
    });
    await this.#changed(id);
    return suppression;
  }

  async suppressPreview(_id: string, request: SuppressRequest): Promise<SuppressPreview> {
    return previewOf(request, { store: this.#store, lists: this.#lists, clock: this.#options.clock });
  }

  async suppressions(): Promise<Suppression[]> {
    return this.#store.suppressions();
  }

  /** @throws {IncidentsError} `no_such_incident` when there is no such suppression, or it has ended. */
  async unsuppress(id: string, by: string): Promise<void> {
    const found = (await this.#store.suppressions()).find((one) => one.id === id && one.expiresMs > this.#nowMs);
    if (found !== undefined) await this.#record(() => suppressionEvent(found, 'ended', { by, atMs: this.#nowMs }));
    if (!(await this.#store.endSuppression(id, this.#options.clock.nowMs())))
      throw new IncidentsError('no_such_incident', 'there is no suppression of this id in force');
  }

  /** What it is called, also where it was merged into another; null when there is none. */
  async named(id: string): Promise<{ title: string; isNamedByHand: boolean } | null> {
    const row = await this.#store.incident(id);
    return row === null ? null : { title: row.title, isNamedByHand: row.fixed_title === 1 };
  }

  async findings(query: FindingQuery): Promise<Page<KeptFinding>> {
    return this.#lists.findings(query);
  }

  /**
   * Takes out what is kept of entries that are to be erased: values and names of the findings that are or rest on them, and
   * titles made of those. Rule, time and severity stay, and so does what people wrote. Says how many findings those were.
   */
  async forget(indexes: readonly number[]): Promise<number> {
    const { findings, incidents } = await this.#inTurn(() => forgetEntries(this.#options, indexes));
    this.#accounts.clear();
    for (const id of incidents) await this.#changed(id);
    return findings;
  }

  async #take(findings: readonly Finding[]): Promise<void> {
    const last = Math.max(...findings.map(({ index }) => index));
    const news = await this.#store.together(async (store) => {
      const { rows, made } = await takeFindings(store, findings, this.#options);
      await store.setPosition(Math.max(await store.position(), Math.min(last + 1, this.#missed)));
      if (this.#listeners.length === 0) return [];
      const summaries = await summariesOf(store, rows);
      return summaries.map((incident, at) => ({
        incident,
        isNew: made.has(incident.id),
        isNamedByHand: rows[at]?.fixed_title === 1,
      }));
    });
    for (const one of news) this.#tell(one);
  }

  async #account({ id, revision }: IncidentRow, language: Language): Promise<Account> {
    const findings = (): Promise<Finding[]> => this.#store.findingsOf(id);
    return this.#accounts.of({ id, revision, zone: this.#options.zone(), language }, findings);
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  async #record(event: () => Readonly<Record<string, unknown>>): Promise<void> {
    await this.#options.record?.(event());
  }

  async #required(id: string): Promise<IncidentRow> {
    const row = await this.#store.incident(id);
    if (row !== null) return row;
    throw new IncidentsError('no_such_incident', 'there is no such incident');
  }

  async #changed(id: string): Promise<Incident> {
    const incident = await this.get(id);
    if (incident === null) throw new IncidentsError('no_such_incident', 'there is no such incident');
    const isNamedByHand = (await this.#required(incident.id)).fixed_title === 1;
    this.#tell({ incident, isNew: false, isNamedByHand });
    return incident;
  }

  async #log(store: IncidentStore, incident: string, author: string, text: string): Promise<void> {
    const { clock, random } = this.#options;
    await store.say('history', { id: uuidv7(clock, random), incident, author, at_ms: clock.nowMs(), text });
  }

  #tell(news: IncidentNews): void {
    for (const listener of this.#listeners) listener(news);
  }

  /** One change after the other: grouping reads what it then writes. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#work.then(work);
    this.#work = result.catch(() => undefined);
    return result;
  }
}

function splitText(count: number): string {
  return count === 1 ? 'a finding was split off' : `${count} findings were split off`;
}
