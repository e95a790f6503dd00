import { findingOf } from '#detect/live';
import { DETECTION_FINDING, type Level } from '#detect/sigma';
import type { Log, RandomFill } from '#kernel';
import type { Ledger, StoredEntry } from '#ledger';
import { type RecordedAct, actOf } from './act.ts';
import { BATCH_FINDINGS_MAX } from './limits.ts';
import { openIncidents } from './incidents.ts';
import { HIDDEN_TEXT, SEVERITY_FREE_TEXT, SEVERITY_TEXT, WRITTEN_TEXT } from './finding.ts';
import { IncidentReplayStore } from './replay-store.ts';
import { severityChange } from './severity.ts';
import type { Database, IncidentRow } from './store-tables.ts';
import { IncidentStore } from './store.ts';
import type { Entity } from './types.ts';

export interface ReplayOptions {
  ledger: Ledger;
  /** New, with `INCIDENTS_MIGRATIONS` and without rows. */
  state: Database;
  /** What was there before, where it can be read: of it comes what the ledger does not have. */
  previous: Database | null;
  random: RandomFill;
  log: Log;
  zone: () => string;
  onProgress?: (done: number, total: number) => void;
}

export interface ReplaySummary {
  findings: number;
  incidents: number;
  /** People's acts that were done again. */
  acts: number;
  /** Acts about incidents that are not there any more, or whose record says too little. */
  actsLeftOut: number;
  /** Notes whose text the ledger does not have and nothing else had. */
  notesWithoutText: number;
  /** Titles that a person wrote, and nothing else had. */
  titlesLost: number;
  /** Suppressions of patients, whom the ledger does not name. */
  suppressionsLost: number;
  /** Notes, titles, histories and reasons that came from what was there before. */
  carried: number;
}

/**
 * Makes incidents anew: every finding in the order of the ledger, and between them what people did, as the ledger recorded it.
 * Free text never goes into the ledger; it comes from `previous`.
 * @throws {LedgerError} `corrupt`
 */
export async function replayIncidents(options: ReplayOptions): Promise<ReplaySummary> {
  const { ledger, onProgress } = options;
  const replay = new Replay(options);
  const to = ledger.size;
  for await (const batch of ledger.read({ to })) {
    for (const entry of batch) await replay.entry(entry);
    onProgress?.((batch.at(-1)?.index ?? 0) + 1, to);
  }
  return replay.finish();
}

type IncidentAct = Extract<RecordedAct, { kind: 'incident' }>;

const MERGED_TEXT = /^INC-(\d+) was merged into it$/;
/** An incident was made so soon after its finding, as a rule, ms. */
const MADE_WITHIN_MS = 5 * 60_000;

function keyOf({ by, atMs }: Pick<RecordedAct, 'by' | 'atMs'>): string {
  return `${atMs} ${by}`;
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #store: IncidentStore;
  readonly #rows: IncidentReplayStore;
  readonly #incidents: ReturnType<typeof openIncidents>;
  readonly #acted = new Set<string>();
  readonly #summary: ReplaySummary = {
    findings: 0,
    incidents: 0,
    acts: 0,
    actsLeftOut: 0,
    notesWithoutText: 0,
    titlesLost: 0,
    suppressionsLost: 0,
    carried: 0,
  };
  readonly #waiting: Promise<void>[] = [];
  /** Findings were erased: numbers may have moved. */
  #hasGaps = false;
  /** Who made the last suppression, and when: the act on its incident bears the same. */
  #suppressedBy = '';
  /** What was done is done again at its own time. */
  #nowMs = 0;

  constructor(options: ReplayOptions) {
    const { state, random, log, zone } = options;
    this.#options = options;
    this.#store = new IncidentStore(state);
    this.#rows = new IncidentReplayStore(state);
    this.#incidents = openIncidents({ state, clock: { nowMs: () => this.#nowMs }, random, log, zone });
  }

  async entry(entry: StoredEntry): Promise<void> {
    const finding = await findingOf(this.#options.ledger, entry);
    if (finding !== null) {
      // Findings of one moment are kept together, which costs a fraction.
      if (entry.receivedMs !== this.#nowMs || this.#waiting.length >= BATCH_FINDINGS_MAX) await this.#settled();
      this.#nowMs = entry.receivedMs;
      this.#waiting.push(this.#incidents.accept(finding));
      this.#summary.findings += 1;
      return;
    }
    if (entry.classUid === DETECTION_FINDING && entry.state !== 'present') this.#hasGaps = true;
    const act = actOf(entry);
    if (act === null) return;
    await this.#settled();
    this.#nowMs = act.atMs;
    const isDone = act.kind === 'suppression' ? await this.#suppression(act) : await this.#act(act);
    if (isDone) this.#summary.acts += 1;
    else this.#summary.actsLeftOut += 1;
  }

  async finish(): Promise<ReplaySummary> {
    await this.#settled();
    await this.#incidents.passed(this.#options.ledger.size);
    const { previous } = this.#options;
    if (previous !== null) this.#summary.carried = await this.#rows.carryFrom(previous, this.#acted);
    const { notes, titles } = await this.#rows.withoutText();
    this.#summary.notesWithoutText = notes;
    this.#summary.titlesLost = titles;
    this.#summary.incidents = await this.#rows.count();
    return this.#summary;
  }

  async #settled(): Promise<void> {
    await Promise.all(this.#waiting.splice(0));
  }

  async #act(act: IncidentAct): Promise<boolean> {
    const row = await this.#rowOf(act);
    if (row === null) return false;
    this.#acted.add(row.id);
    if (act.split !== null) return this.#split(row, act.split, act.by);
    if (act.texts.every((text) => MERGED_TEXT.test(text))) return this.#merge(row, act);
    if (act.texts.some((text) => text.includes('split off'))) return false;
    if (act.texts.includes(WRITTEN_TEXT)) {
      await this.#rows.noteWithoutText(row.id, act.by, act.atMs);
      return true;
    }
    const set = act.texts.flatMap((text) => SEVERITY_TEXT.exec(text)?.[1] ?? []).at(0) as Level | undefined;
    const severity = act.texts.includes(SEVERITY_FREE_TEXT) ? null : set;
    const { state, verdict, assignee } = act;
    await this.#store.changeIncident(row.id, {
      state,
      verdict,
      assignee,
      ...severityChange(row, severity),
    });
    const isHidden = this.#suppressedBy === keyOf(act);
    for (const text of isHidden ? [HIDDEN_TEXT] : act.texts) await this.#rows.history(row.id, act.by, act.atMs, text);
    return true;
  }

  /** The incident of an act, under the id that it had then. */
  async #rowOf({
    id,
    number,
    createdMs,
  }: {
    id: string;
    number: number;
    createdMs: number;
  }): Promise<IncidentRow | null> {
    const known = await this.#store.incident(id);
    if (known !== null) return known;
    const row = await this.#rows.byNumber(number);
    // One that was acted on has its id already: this is another one that bears the number by now.
    if (row === null || this.#acted.has(row.id)) return null;
    if (this.#hasGaps && Math.abs(createdMs - row.created_ms) > MADE_WITHIN_MS) return null;
    await this.#rows.rename(row.id, id, createdMs);
    return this.#store.incident(id);
  }

  /** The text has the numbers, in the order of the ids; older records have no ids. */
  async #merge(row: IncidentRow, { texts, merged, by, createdMs }: IncidentAct): Promise<boolean> {
    const ids: string[] = [];
    for (const [at, text] of texts.entries()) {
      const number = Number(MERGED_TEXT.exec(text)?.[1]);
      const id = merged?.[at];
      const known = id === undefined ? null : await this.#store.incident(id);
      const other = known ?? (await this.#rows.byNumber(number));
      if (other === null || other.id === row.id) return false;
      if (id !== undefined && known === null)
        await this.#rows.rename(other.id, id, Math.min(other.created_ms, createdMs));
      ids.push(id ?? other.id);
    }
    await this.#incidents.merge(row.id, ids, by);
    return true;
  }

  async #split(row: IncidentRow, findings: readonly number[], by: string): Promise<boolean> {
    try {
      await this.#incidents.split(row.id, findings, by);
      return true;
    } catch {
      return false;
    }
  }

  async #suppression(act: Extract<RecordedAct, { kind: 'suppression' }>): Promise<boolean> {
    const { id, isMade, rule, by, atMs, expiresMs } = act;
    if (!isMade) return this.#store.endSuppression(id, atMs);
    this.#suppressedBy = keyOf(act);
    const { previous } = this.#options;
    const before = previous === null ? [] : await new IncidentStore(previous).suppressions();
    const known = before.find((one) => one.id === id);
    const entities = known?.entities ?? act.entities.filter((one): one is Entity => one.name !== undefined);
    if (entities.length < act.entities.length) {
      this.#summary.suppressionsLost += 1;
      return false;
    }
    await this.#store.addSuppression({
      id,
      ruleId: rule,
      entities,
      reason: known?.reason ?? '(its reason is not kept in the ledger)',
      author: by,
      createdMs: atMs,
      expiresMs,
      hiddenSoFar: 0,
    });
    return true;
  }
}
