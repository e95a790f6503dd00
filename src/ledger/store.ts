import type { KeyObject } from 'node:crypto';
import { createSecretKey } from 'node:crypto';
import type { Clock, Log, RandomFill } from '#kernel';
import type { SealingTools } from './batch.ts';
import { placeAnchor, refuseMissingAnchor } from './anchor.ts';
import { DayKeys } from './day-keys.ts';
import { readDurableEnd } from './durable-end.ts';
import { LedgerError } from './errors.ts';
import { readOptional } from './files.ts';
import type { CommittedFrame } from './appender.ts';
import type { JournalEnd } from './journal.ts';
import type { Layout } from './layout.ts';
import { layoutOf } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { manifestIsAuthentic, plainManifest, readManifest, writeManifest } from './manifest.ts';
import { MarkSealer, writeMarksSnapshot } from './marks.ts';
import type { MasterKey } from './master-key.ts';
import { readMasterKey, refuseKeyInside } from './master-key.ts';
import type { TreeHead } from './publisher.ts';
import type { FramePositions, JournalState } from './reader.ts';
import { BodyOpener, JournalReader } from './reader.ts';
import type { Recovered } from './recovery.ts';
import { compareWithAnchor, recover } from './recovery.ts';
import { openCheckpoint, verifierKeys } from './signing.ts';
import { rootFromTiles } from './tlog/prove.ts';
import { tileReader } from './tree-files.ts';
import type { EntryInput, SourceMark } from './types.ts';

/** What is passed in from outside. */
export interface World {
  clock: Clock;
  random: RandomFill;
  log: Log;
}

/** An opened ledger without its writing side: manifest, keys, the durable state, and the means to read it. */
export class Store implements JournalState {
  readonly dir: string;
  readonly layout: Layout;
  readonly master: MasterKey;
  readonly world: World;
  readonly dayKeys: DayKeys;
  readonly markSealer: MarkSealer;
  readonly macKey: KeyObject;
  readonly reader: JournalReader;
  readonly opener: BodyOpener;
  readonly marks: Map<string, SourceMark>;
  /** The last published tree head as found at the opening; null when there was none. */
  readonly published: TreeHead | null;
  #manifest: Manifest;
  readonly #needsAnchor: boolean;
  #segments: number[];
  #end: JournalEnd;
  #head: TreeHead;
  #positions: FramePositions;
  readonly #recovered: Recovered;

  /**
   * Opens what is in `dir` and brings its state back from the journal.
   * @throws {LedgerError} as `openLedger`.
   */
  constructor(options: {
    dir: string;
    keyFile: string | undefined;
    repair: boolean;
    newAnchor?: boolean;
    world: World;
  }) {
    const { dir, world } = options;
    this.dir = dir;
    this.world = world;
    this.#needsAnchor = options.repair && options.newAnchor !== true;
    this.layout = layoutOf(dir);
    const stored = readManifest(this.layout.manifest, dir);
    const keyFile = options.keyFile ?? stored.keyFile;
    refuseKeyInside(keyFile, dir);
    this.master = readMasterKey(keyFile);
    if (!manifestIsAuthentic(stored, this.master)) throw wrongKey(keyFile);
    this.#manifest = plainManifest(stored);
    this.dayKeys = new DayKeys({ dir: this.layout.keys, master: this.master, random: world.random });
    this.markSealer = new MarkSealer(this.master, world.random);
    this.macKey = frameMacKey(this.master);
    // In the order opposite to the writer's: so neither is newer here than what is read behind it.
    const { anchor } = this.#manifest;
    const anchored = anchor === null ? null : this.#readCheckpoint(anchor);
    this.published = this.#readCheckpoint(this.layout.checkpoint);
    const { origin, markSealer, macKey, published, layout } = this;
    this.#recovered = recover({
      layout,
      origin,
      markSealer,
      macKey,
      published,
      repair: options.repair,
      durable: options.repair ? null : readDurableEnd(layout.durable),
      log: world.log,
    });
    this.#refuseBehind(anchored);
    this.marks = this.#recovered.marks;
    this.#segments = this.#recovered.segments;
    this.#end = this.#recovered.end;
    this.#positions = this.#recovered.positions;
    this.#head = { size: this.#recovered.edge.size, root: this.#recovered.edge.root() };
    this.reader = new JournalReader(this);
    this.opener = new BodyOpener(this.origin, this.dayKeys);
  }

  get origin(): string {
    return this.#manifest.origin;
  }

  get manifest(): Readonly<Manifest> {
    return this.#manifest;
  }

  /** Size and root of the durable tree. */
  get head(): TreeHead {
    return this.#head;
  }

  get end(): JournalEnd {
    return this.#end;
  }

  get recovered(): Recovered {
    return this.#recovered;
  }

  get journalDir(): string {
    return this.layout.journal;
  }

  get sealingTools(): SealingTools {
    const { origin, dayKeys, markSealer, macKey } = this;
    return { origin, dayKeys, markSealer, macKey, random: this.world.random };
  }

  segments(): readonly number[] {
    return this.#segments;
  }

  limitOf(segment: number): number {
    return segment === this.#end.segment ? this.#end.offset : Number.MAX_SAFE_INTEGER;
  }

  positionsOf(segment: number): FramePositions | null {
    return segment === this.#end.segment ? this.#positions : null;
  }

  /**
   * Puts the published checkpoint where the anchor should be and is not.
   * @throws {LedgerError} `disk_full`, `write_failed`.
   */
  renewAnchor(): void {
    const { anchor } = this.#manifest;
    const checkpoint = readOptional(this.layout.checkpoint);
    if (anchor !== null && checkpoint !== null && readOptional(anchor) === null) placeAnchor(anchor, checkpoint);
  }

  /** Changes the manifest durably. */
  saveManifest(change: Partial<Manifest>): void {
    this.#manifest = { ...this.#manifest, ...change };
    writeManifest(this.layout.manifest, this.#manifest, this.master);
  }

  /** Notes a frame that has become durable. */
  noteCommitted({ frame, segment, offset }: CommittedFrame): void {
    this.#end = { segment, offset: offset + frame.bytes.length };
    this.#head = { size: frame.size, root: frame.root };
    for (const mark of frame.marks) this.marks.set(mark.sourceId, mark);
    if (frame.count === 0) return;
    this.#positions.first.push(frame.firstIndex);
    this.#positions.offset.push(offset);
  }

  /** Notes a new segment; its start is a good place for a snapshot of the marks. */
  noteRotated(end: JournalEnd): void {
    this.#segments = [...this.#segments, end.segment];
    this.#end = end;
    this.#positions = { first: [], offset: [] };
    try {
      const tools = { sealer: this.markSealer, origin: this.origin };
      writeMarksSnapshot(this.layout.marks, { segment: end.segment, marks: this.marks.values() }, tools);
    } catch (error) {
      // It only shortens the next opening; an older snapshot serves as well.
      this.world.log.error('could not write the snapshot of the source marks', error);
    }
  }

  #readCheckpoint(path: string): TreeHead | null {
    const note = readOptional(path);
    if (note === null) return null;
    const head = openCheckpoint(note, { origin: this.origin, keys: verifierKeys(this.#manifest.signing) });
    if (head !== null) return head;
    throw new LedgerError('corrupt', `the checkpoint ${path} is not signed by this log`, {
      advice: 'nothing has been changed; restore the file, or see what is affected with: wardkeep ledger verify',
    });
  }

  #refuseBehind(anchored: TreeHead | null): void {
    const { anchor } = this.#manifest;
    if (anchor === null) return;
    if (anchored === null) {
      // A reader changes nothing, and may stand on a machine that never had the disk of the anchor.
      if (this.#needsAnchor) refuseMissingAnchor(anchor);
      this.world.log.warn('the anchor is missing: a rollback of the whole directory could not be noticed', { anchor });
      return;
    }
    compareWithAnchor(anchored, this.#recovered, (size) => this.#rootAt(size));
  }

  /** The root at a size that is not above the recovered one. */
  #rootAt(size: number): Buffer {
    const { edge } = this.#recovered;
    if (size === edge.size) return edge.root();
    if (this.published !== null && size <= this.published.size)
      return rootFromTiles(size, tileReader(this.layout.tree));
    throw new LedgerError('forked', `the anchor has ${size} entries, the last checkpoint of the log has fewer`, {
      advice: 'the checkpoint was rolled back: restore the ledger/tree folder that belongs to the anchor',
    });
  }
}

/** The key that authenticates frames. */
export function frameMacKey(master: MasterKey): KeyObject {
  return createSecretKey(master.derive('frame'));
}

export function wrongKey(keyFile: string): LedgerError {
  return new LedgerError(
    'key_wrong',
    `the key ${keyFile} does not belong to this ledger, or its manifest was changed`,
    {
      advice: 'name the right key file with --key-file; without it only the tree can be verified',
    },
  );
}

/** Bytes of the bodies of one call; a text is counted by its characters while no count of bytes could exceed `limit`. */
export function bodyBytes(entries: readonly EntryInput[], limit: number): number {
  let bytes = 0;
  let characters = 0;
  for (const entry of entries) {
    if (typeof entry.normal === 'string') characters += entry.normal.length;
    else bytes += entry.normal.length;
    bytes += entry.raw.length + (entry.patient?.length ?? 0);
  }
  if (bytes + characters * 3 <= limit) return bytes + characters;
  for (const { normal } of entries) if (typeof normal === 'string') bytes += Buffer.byteLength(normal);
  return bytes;
}
