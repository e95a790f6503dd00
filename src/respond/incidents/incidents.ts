import { LEVELS, type Level } from '#detect/sigma';
import type { DurableFinding } from '#detect/live';
import { type Clock, type Log, type RandomFill, uuidv7 } from '#kernel';
import { storyOf, tacticsOfAll, timelineOf } from './account.ts';
import { actionsFor } from './actions.ts';
import { IncidentsError } from './errors.ts';
import { changeAct, changed, incidentEvent, suppressionEvent } from './events.ts';
import { forgetEntries } from './forget.ts';
import { asFinding, changeTexts, countedEntities, numberText } from './finding.ts';
import { group } from './grouping.ts';
import { NOTE_CHARS_MAX, TITLE_CHARS_MAX } from './limits.ts';
import { type Importance, confidenceOf, severityOf, titleOf } from './severity.ts';
import { type Database, type IncidentRow, IncidentStore } from './store.ts';
import { type FindingQuery, IncidentLists, type IncidentQuery, type Page } from './store-lists.ts';
import { type SuppressPreview, hiding, newSuppression, previewOf } from './suppressions.ts';
import type {
  Finding,
  Incident,
  IncidentChange,
  IncidentSummary,
  KeptFinding,
  SuppressRequest,
  Suppression,
} from './types.ts';

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
  #work: Promise<unknown> = Promise.resolve();

  /** Through `openIncidents` only. */
  constructor(options: IncidentsOptions) {
    this.#options = options;
    this.#store = new IncidentStore(options.state);
    this.#lists = new IncidentLists(options.state);
  }

  /** Index behind the last finding taken: where `findingsSince` goes on after a restart. */
  async position(): Promise<number> {
    return this.#store.position();
  }

  onChange(listener: (news: IncidentNews) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes a finding; in order, and each once. Resolves when it is kept. */
  async accept(finding: DurableFinding): Promise<void> {
    const news = await this.#inTurn(() => this.#take(asFinding(finding)));
    for (const one of news) this.#tell(one);
  }

  async list(query: IncidentQuery): Promise<Page<IncidentSummary>> {
    const { items, next } = await this.#lists.incidents(query);
    return { items: await Promise.all(items.map((row) => this.#summary(row))), next };
  }

  async counts(): Promise<{ open: number; bySeverity: Record<Level, number> }> {
    const bySeverity = await this.#lists.counts();
    return { open: Object.values(bySeverity).reduce((sum, count) => sum + count, 0), bySeverity };
  }

  /** Null when there is none; the id of one that was merged gives the one it went into. */
  async get(id: string): Promise<Incident | null> {
    const row = await this.#store.incident(id);
    if (row === null) return null;
    if (row.merged_into !== null) return this.get(row.merged_into);
    const findings = await this.#store.findingsOf(id);
    const merged = await this.#store.mergedInto(id);
    const said = async (kind: 'note' | 'history') =>
      (await this.#store.said(kind, id)).map(({ id, author, at_ms: atMs, text }) => ({ id, author, atMs, text }));
    return {
      ...(await this.#summary(row, findings)),
      story: storyOf(findings, this.#options.zone()),
      actions: actionsFor(findings),
      confidence: confidenceOf(findings),
      severityWhy: this.#severityWhy(row, findings),
      timeline: timelineOf(findings),
      notes: await said('note'),
      history: (await said('history')).map(({ author, atMs, text }) => ({ author, atMs, text })),
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
          ...(change.severity === undefined ? {} : { severity: change.severity, fixed_severity: 1 }),
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
    await this.#record(() => incidentEvent(row, { by, atMs, texts: ['a note was written'] }));
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
      await this.#record(() => incidentEvent(into, { by, atMs: this.#nowMs, texts }));
      await this.#store.together(async (store) => {
        for (const other of others) await this.#mergeInto(store, into.id, other, by);
        await this.#refresh(store, into.id);
      });
    });
    return this.#changed(id);
  }

  /** Takes findings out into a new incident. @throws {IncidentsError} `no_such_incident`, `bad_change` */
  async split(id: string, findings: readonly number[], by: string): Promise<Incident> {
    const fresh = await this.#inTurn(async () => {
      const row = await this.#required(id);
      const all = (await this.#store.findingsOf(row.id)).map(({ index }) => index);
      const taken = all.filter((index) => findings.includes(index));
      if (taken.length === 0 || taken.length === all.length)
        throw new IncidentsError('bad_change', 'name some of the findings of the incident, and not all of them');
      const texts = [splitText(taken.length)];
      await this.#record(() => incidentEvent(row, { by, atMs: this.#nowMs, texts }));
      return this.#store.together(async (store) => {
        const made = await this.#create(store, row.id);
        await store.setIncident(taken, made);
        await this.#log(store, made, by, `split from ${numberText(row.number)}`);
        await this.#log(store, row.id, by, splitText(taken.length));
        await this.#refresh(store, row.id);
        await this.#refresh(store, made);
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
        await this.#log(store, row.id, by, 'judged a false positive; later ones like it are hidden for a time');
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

  async findings(query: FindingQuery): Promise<Page<KeptFinding>> {
    return this.#lists.findings(query);
  }

  /**
   * Takes out what is kept of entries that are to be erased: values and names of the findings that are or rest on them, and
   * titles made of those. Rule, time and severity stay, and so does what people wrote. Says how many findings those were.
   */
  async forget(indexes: readonly number[]): Promise<number> {
    const { findings, incidents } = await this.#inTurn(() => forgetEntries(this.#options.state, indexes));
    for (const id of incidents) await this.#changed(id);
    return findings;
  }

  async #take(finding: Finding): Promise<IncidentNews[]> {
    if (await this.#store.hasFinding(finding.index)) return [];
    const hidden = hiding(await this.#store.suppressions(), finding, this.#options.clock.nowMs());
    return this.#store.together(async (store) => {
      await store.setPosition(finding.index + 1);
      const level = LEVELS.indexOf(finding.rule.level);
      if (hidden !== null) {
        await store.addFinding(finding, level, { incident: null, suppressedBy: hidden.id });
        await store.countHidden(hidden.id);
        return [];
      }
      const { incidents, makesIncident, loose } = await group(store, finding);
      const [oldest, ...others] = incidents;
      if (oldest === undefined && !makesIncident) {
        await store.addFinding(finding, level, { incident: null, suppressedBy: null });
        return [];
      }
      const id = oldest ?? (await this.#create(store));
      await store.addFinding(finding, level, { incident: id, suppressedBy: null });
      await store.setIncident(loose, id);
      for (const other of others) await this.#connect(store, id, other);
      const row = await this.#refresh(store, id);
      const incident = await this.#summary(row, undefined, store);
      return [{ incident, isNew: oldest === undefined, isNamedByHand: row.fixed_title === 1 }];
    });
  }

  async #create(store: IncidentStore, splitFrom: string | null = null): Promise<string> {
    const { clock, random } = this.#options;
    const id = uuidv7(clock, random);
    const nowMs = clock.nowMs();
    await store.addIncident({
      id,
      number: await store.nextNumber(),
      title: '',
      severity: 'informational',
      fixed_title: 0,
      fixed_severity: 0,
      state: 'new',
      verdict: null,
      assignee: null,
      first_ms: nowMs,
      last_ms: nowMs,
      created_ms: nowMs,
      findings: 0,
      merged_into: null,
      split_from: splitFrom,
    });
    return id;
  }

  /** A finding connects two incidents: they are one, unless a person took them apart. */
  async #connect(store: IncidentStore, id: string, other: string): Promise<void> {
    const [into, from] = [await store.incident(id), await store.incident(other)];
    if (into === null || from === null || into.split_from === other || from.split_from === id) return;
    await this.#mergeInto(store, id, from, 'Wardkeep');
  }

  async #mergeInto(store: IncidentStore, id: string, other: IncidentRow, by: string): Promise<void> {
    await store.moveFindings(other.id, id);
    await store.changeIncident(other.id, { state: 'closed', merged_into: id });
    await this.#log(store, id, by, `${numberText(other.number)} was merged into this one`);
  }

  /** What follows from the findings: title, severity, span. What a person has set stays. */
  async #refresh(store: IncidentStore, id: string): Promise<IncidentRow> {
    const row = await store.incident(id);
    if (row === null) throw new IncidentsError('no_such_incident', 'there is no such incident');
    const findings = await store.findingsOf(id);
    const change = {
      first_ms: Math.min(...findings.map(({ firstMs }) => firstMs)),
      last_ms: Math.max(...findings.map(({ atMs }) => atMs)),
      findings: findings.length,
      ...(row.fixed_title === 1 ? {} : { title: titleOf(findings).slice(0, TITLE_CHARS_MAX) }),
      ...(row.fixed_severity === 1 ? {} : { severity: severityOf(findings, this.#importance).severity }),
    };
    await store.changeIncident(id, change);
    return { ...row, ...change };
  }

  async #summary(row: IncidentRow, known?: readonly Finding[], store = this.#store): Promise<IncidentSummary> {
    const findings = known ?? (await store.findingsOf(row.id));
    return {
      id: row.id,
      number: numberText(row.number),
      title: row.title,
      severity: row.severity,
      state: row.state,
      verdict: row.verdict,
      assignee: row.assignee,
      firstMs: row.first_ms,
      lastMs: row.last_ms,
      createdMs: row.created_ms,
      findings: row.findings,
      tactics: tacticsOfAll(findings),
      entities: countedEntities(findings),
    };
  }

  #severityWhy(row: IncidentRow, findings: readonly Finding[]): string {
    if (row.fixed_severity === 1) return 'It was set by hand.';
    return severityOf(findings, this.#importance).severityWhy;
  }

  get #nowMs(): number {
    return this.#options.clock.nowMs();
  }

  async #record(event: () => Readonly<Record<string, unknown>>): Promise<void> {
    await this.#options.record?.(event());
  }

  #importance: Importance = (entity) => this.#options.importance?.(entity) ?? null;

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
