import { setImmediate as nextTurn } from 'node:timers/promises';
import { BodyAudit } from './audit-bodies.ts';
import type { AuditKeys } from './audit-keys.ts';
import { openAuditKeys } from './audit-keys.ts';
import { AuditReport } from './audit-report.ts';
import { TileAudit } from './audit-tiles.ts';
import { readOptional } from './files.ts';
import type { Frame } from './frame.ts';
import { HASH_BYTES, LEAF_BYTES, decodeFrame, frameIsAuthentic } from './frame.ts';
import { layoutOf } from './layout.ts';
import type { Manifest } from './manifest.ts';
import { readManifest } from './manifest.ts';
import { marksAad } from './marks.ts';
import type { TreeHead } from './publisher.ts';
import type { ScannedFrame } from './segment.ts';
import { SegmentScanner, listSegments } from './segment.ts';
import { openCheckpoint, verifierKeys } from './signing.ts';
import { leafHashesInto } from './tlog/hash.ts';
import type { VerifierKey } from './tlog/keys.ts';

export interface AuditOptions {
  dir: string;
  /** Master key; default is where the ledger was made with. Without it only the tree is verified. */
  keyFile?: string;
  /** Whether bodies are opened and compared with their commitments; default true. */
  bodies?: boolean;
  /** Keys that the checkpoint must be signed by, from outside; default those that the ledger names itself. */
  trust?: readonly VerifierKey[];
  /** Called now and then with the entries verified so far and all entries of the checkpoint. */
  onProgress?: (done: number, total: number) => void;
}

/** Frames between two looks at the event loop. */
const FRAMES_PER_TURN = 64;
/** Entries between two comparisons of the root in the part that a checkpoint covers. */
const ENTRIES_PER_ROOT = 16_384;

/**
 * Verifies a whole ledger from its files: every frame of the journal, every tile, bundle and checkpoint,
 * and with the master key every body. Reads each file once and front to back, so it ends. It stops at the
 * first damage of the journal, because the tree behind it cannot be computed.
 * @throws {LedgerError} `missing`, `newer_format`, `key_open`.
 */
export async function auditLedger(options: AuditOptions): Promise<AuditReport> {
  const layout = layoutOf(options.dir);
  const manifest = readManifest(layout.manifest, options.dir);
  const report = new AuditReport(manifest.origin);
  const keys = openAuditKeys({ layout, manifest, keyFile: options.keyFile, dir: options.dir, report });
  const audit = new Audit({ options, manifest, keys, report });
  await audit.run();
  return report;
}

class Audit {
  readonly #options: AuditOptions;
  readonly #manifest: Manifest;
  readonly #keys: AuditKeys | null;
  readonly #report: AuditReport;
  readonly #tiles: TileAudit;
  readonly #bodies: BodyAudit | null;
  /** Published heads that the tree must pass through. */
  readonly #heads: { head: TreeHead; what: string }[] = [];
  #next = 0;
  /** Entries whose root has been compared with that in their batch. */
  #rooted = 0;

  constructor(parts: { options: AuditOptions; manifest: Manifest; keys: AuditKeys | null; report: AuditReport }) {
    this.#options = parts.options;
    this.#manifest = parts.manifest;
    this.#keys = parts.keys;
    this.#report = parts.report;
    const layout = layoutOf(parts.options.dir);
    const { tree, checkpoint } = layout;
    this.#readHead(checkpoint, 'the checkpoint');
    const published = this.#heads[0]?.head ?? null;
    if (this.#manifest.anchor !== null) this.#readHead(this.#manifest.anchor, 'the anchor');
    this.#report.checkpointSize = published?.size ?? null;
    this.#tiles = new TileAudit(tree, { publishedSize: published?.size ?? 0, report: this.#report });
    const wanted = parts.options.bodies !== false && this.#keys !== null;
    this.#bodies =
      wanted && this.#keys !== null
        ? new BodyAudit({ origin: this.#manifest.origin, layout }, this.#keys, this.#report)
        : null;
  }

  async run(): Promise<void> {
    this.#checkHeads(0);
    const whole = await this.#journal();
    this.#report.size = this.#tiles.size;
    this.#report.root = this.#tiles.root();
    for (const { head, what } of this.#heads) {
      if (head.size > this.#tiles.size && whole)
        this.#report.bad(this.#tiles.size, `entries are missing: ${what} has ${head.size}`);
    }
    this.#tiles.finish(whole);
    if (whole) this.#bodies?.finish();
    this.#report.bodiesChecked = this.#bodies !== null;
    this.#options.onProgress?.(this.#next, this.#next);
  }

  /** Walks the journal; gives whether it is whole. */
  async #journal(): Promise<boolean> {
    const { journal } = layoutOf(this.#options.dir);
    const segments = listSegments(journal);
    if (segments[0] !== 0) return this.#report.bad(0, 'the first segment of the journal is missing');
    for (const [at, segment] of segments.entries()) {
      using scanner = new SegmentScanner(journal, segment);
      const last = at === segments.length - 1;
      if (!this.#segmentHead(scanner, { segment, last }))
        return last && scanner.head === null && scanner.end.kind === 'torn' && this.#tornTail(scanner);
      for (let scanned = scanner.next(), n = 1; scanned !== null; scanned = scanner.next(), n += 1) {
        if (!this.#frame(scanned)) return false;
        if (n % FRAMES_PER_TURN === 0) await this.#pause();
      }
      if (scanner.end.kind === 'clean') continue;
      if (last && scanner.end.kind === 'torn' && !scanner.wholeFrameAfter(scanner.end.offset))
        return this.#tornTail(scanner);
      return this.#report.bad(this.#damagedIndex(scanner), scanner.end.reason);
    }
    return true;
  }

  async #pause(): Promise<void> {
    this.#options.onProgress?.(this.#next, Math.max(this.#next, this.#heads[0]?.head.size ?? 0));
    await nextTurn();
  }

  #segmentHead(scanner: SegmentScanner, place: { segment: number; last: boolean }): boolean {
    const { head } = scanner;
    const { segment, last } = place;
    if (head === null) {
      if (last && scanner.end.kind === 'torn') return false;
      return this.#report.bad(this.#next, 'the head of a segment is damaged');
    }
    if (head.origin !== this.#manifest.origin) return this.#report.bad(this.#next, 'a segment belongs to another log');
    if (segment !== this.#next || head.firstIndex !== segment) {
      return this.#report.bad(Math.min(segment, this.#next), 'entries are missing or doubled between two segments');
    }
    return head.root.equals(this.#tiles.root()) || this.#report.bad(segment, 'a segment stands on another tree');
  }

  /** What a crash leaves behind the last acknowledged batch is no damage, unless a checkpoint covers it. */
  #tornTail(scanner: SegmentScanner): boolean {
    this.#report.note(
      `a torn batch behind index ${this.#next} will be dropped at the next opening: ${scanner.end.reason}`,
    );
    return true;
  }

  #frame(scanned: ScannedFrame): boolean {
    const { firstIndex, count } = scanned.head;
    if (firstIndex !== this.#next)
      return this.#report.bad(Math.min(firstIndex, this.#next), 'a batch is missing or out of order');
    const frame = decodeFrame(scanned.bytes, scanned.head);
    if (frame === null) return this.#report.bad(firstIndex, 'a batch does not fit together');
    const wrong = firstWrongLeaf(frame);
    if (wrong !== null) return this.#report.bad(firstIndex + wrong, 'a leaf does not match its hash');
    if (!this.#authentic(scanned, frame)) return false;
    this.#grow(frame);
    this.#next = firstIndex + count;
    if (!this.#rootMatches(frame)) return false;
    this.#bodies?.frame(frame);
    return true;
  }

  /** Adds the leaves of a batch and stops at the sizes of the published heads; one of another history may lie inside it. */
  #grow({ firstIndex, count, leaves, leafHashes }: Frame): void {
    const stops = this.#heads.map(({ head }) => head.size - firstIndex).filter((at) => at > 0 && at < count);
    let from = 0;
    for (const to of [...new Set([...stops, count])].toSorted((a, b) => a - b)) {
      this.#tiles.append({
        leaves: leaves.subarray(from * LEAF_BYTES, to * LEAF_BYTES),
        leafHashes: leafHashes.subarray(from * HASH_BYTES, to * HASH_BYTES),
      });
      this.#checkHeads(firstIndex + to);
      from = to;
    }
  }

  /** Every root behind the checkpoint is compared, before it one in some thousand entries: the checkpoint covers those. */
  #rootMatches(frame: Frame): boolean {
    const covered = this.#next <= (this.#report.checkpointSize ?? 0);
    if (frame.count === 0 || (covered && this.#next - this.#rooted < ENTRIES_PER_ROOT)) return true;
    const from = this.#rooted;
    this.#rooted = this.#next;
    return this.#tiles.root().equals(frame.root) || this.#report.bad(from, 'the root of a batch does not match');
  }

  #authentic(scanned: ScannedFrame, frame: Frame): boolean {
    if (this.#keys === null) return true;
    const { firstIndex } = scanned.head;
    if (!frameIsAuthentic(scanned.bytes, scanned.head, this.#keys.macKey)) {
      return this.#report.bad(firstIndex, 'a batch was not written by the holder of the key');
    }
    const marks = this.#keys.markSealer.open(frame.marks, marksAad(this.#manifest.origin, firstIndex));
    return marks !== null || this.#report.bad(firstIndex, 'the source marks of a batch do not open');
  }

  /** Compares the tree with the checkpoint and the anchor when it has reached their size. */
  #checkHeads(size: number): void {
    for (const { head, what } of this.#heads) {
      if (head.size === size && !this.#tiles.root().equals(head.root)) {
        this.#report.bad(Math.max(0, size - 1), `the root of the tree is not that of ${what}`);
      }
    }
    if (size === this.#report.checkpointSize) this.#tiles.atCheckpoint();
  }

  #readHead(path: string, what: string): void {
    const note = readOptional(path);
    if (note === null) {
      if (what === 'the anchor')
        this.#report.note('the anchor is missing: a rollback of the whole directory could not be noticed');
      else this.#report.bad(0, `${what} is missing`);
      return;
    }
    const keys = this.#options.trust ?? verifierKeys(this.#manifest.signing);
    const head = openCheckpoint(note, { origin: this.#manifest.origin, keys });
    if (head === null) this.#report.bad(0, `${what} is not signed by this log`);
    else this.#heads.push({ head, what });
  }

  /** The first index whose leaf is wrong in a batch that fails its checksum; else the batch's first. */
  #damagedIndex(scanner: SegmentScanner): number {
    const damaged = scanner.damaged();
    const wrong = damaged === null || damaged.head.firstIndex !== this.#next ? null : firstWrongOf(damaged);
    return this.#next + (wrong ?? 0);
  }
}

function firstWrongOf(scanned: ScannedFrame): number | null {
  const frame = decodeFrame(scanned.bytes, scanned.head);
  return frame === null ? null : firstWrongLeaf(frame);
}

/** Position of the first leaf that does not match its hash, or null. */
function firstWrongLeaf(frame: Frame): number | null {
  const hashes = Buffer.allocUnsafe(frame.count * HASH_BYTES);
  leafHashesInto(frame.leaves, LEAF_BYTES, hashes);
  if (hashes.equals(frame.leafHashes)) return null;
  for (let position = 0; position < frame.count; position += 1) {
    const at = position * HASH_BYTES;
    if (hashes.compare(frame.leafHashes, at, at + HASH_BYTES, at, at + HASH_BYTES) !== 0) return position;
  }
  return null;
}
