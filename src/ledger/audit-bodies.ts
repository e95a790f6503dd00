import { messageOf } from '#kernel';
import type { AuditKeys } from './audit-keys.ts';
import type { AuditReport } from './audit-report.ts';
import { Committer } from './batch.ts';
import type { OpenBlock } from './block.ts';
import { SALTS_BYTES } from './block.ts';
import { nameOf } from './day-keys.ts';
import type { Frame } from './frame.ts';
import { LEAF_BYTES, positionsIn } from './frame.ts';
import { namedRemovals } from './own-events.ts';
import { PresentBodies, reportRestored } from './audit-restored.ts';
import type { Layout } from './layout.ts';
import { BodyOpener } from './reader.ts';

/**
 * Opens every body and compares it with the commitment in its leaf. A missing one must have been named by an event, and
 * one that an event named must be missing.
 */
export class BodyAudit {
  readonly #keys: AuditKeys;
  readonly #opener: BodyOpener;
  readonly #report: AuditReport;
  readonly #committer = new Committer();
  readonly #erased: number[] = [];
  /** Expired day keys, and the first index that each one covered. */
  readonly #expired = new Map<string, number>();
  /** What the events of the ledger say was removed, with the entry that says so. */
  readonly #namedIndexes = new Map<number, number>();
  readonly #namedKeys = new Map<string, number>();
  readonly #present = new PresentBodies();
  /** Day keys that opened a body, and the first index that each one covered. */
  readonly #openedKeys = new Map<string, number>();
  readonly #place: { origin: string; layout: Layout };

  constructor(place: { origin: string; layout: Layout }, keys: AuditKeys, report: AuditReport) {
    this.#place = place;
    this.#keys = keys;
    this.#opener = new BodyOpener(place.origin, keys.dayKeys);
    this.#report = report;
  }

  frame(frame: Frame): void {
    for (const [slot, block] of frame.blocks.entries()) {
      const positions = positionsIn(frame, slot);
      const index = frame.firstIndex + (positions[0] ?? 0);
      try {
        const opened = this.#opener.open(frame, slot, positions);
        if (opened === 'sealed') this.#report.bad(index, `the key of ${nameOf(block)} is lost`);
        else if (opened === 'expired') this.#noteExpired(nameOf(block), { index, count: positions.length });
        else {
          if (!this.#openedKeys.has(nameOf(block))) this.#openedKeys.set(nameOf(block), index);
          this.#block(frame, opened, positions);
        }
      } catch (error) {
        this.#report.bad(index, messageOf(error));
      }
    }
  }

  /** Compares what is missing with what the ledger's own events say was removed. */
  finish(): void {
    this.#reportUnnamed();
    reportRestored({
      ...this.#place,
      keys: this.#keys,
      report: this.#report,
      named: { indexes: this.#namedIndexes, keys: this.#namedKeys },
      opened: { bodies: this.#present, keys: this.#openedKeys },
    });
  }

  #reportUnnamed(): void {
    const unnamedKeys = [...this.#expired].filter(([key]) => !this.#namedKeys.has(key));
    const unnamed = this.#erased.filter((index) => !this.#namedIndexes.has(index));
    if (unnamedKeys.length === 0 && unnamed.length === 0) return;
    if ([...this.#expired.keys()].some((key) => key.endsWith('record'))) {
      this.#report.note('some erasures and expiries cannot be traced: the events that named them have expired');
      return;
    }
    for (const [key, index] of unnamedKeys)
      this.#report.bad(index, `the bodies of ${key} are gone, and no event says so`);
    for (const index of unnamed) this.#report.bad(index, 'a body is gone, and no event says so');
  }

  #noteExpired(key: string, what: { index: number; count: number }): void {
    this.#report.bodiesExpired += what.count;
    if (!this.#expired.has(key)) this.#expired.set(key, what.index);
  }

  #block(frame: Frame, block: OpenBlock, positions: readonly number[]): void {
    for (let inBlock = 0; inBlock < positions.length; inBlock += 1) {
      const position = positions[inBlock] ?? 0;
      if (block.erased(inBlock)) {
        this.#report.bodiesErased += 1;
        this.#erased.push(frame.firstIndex + position);
        continue;
      }
      const ends = [block.partStart(inBlock, 1), block.partStart(inBlock, 2), block.partStart(inBlock, 3)] as const;
      const start = block.partStart(inBlock, 0);
      this.#committer.commit(block.bytes, { start, ends, salts: block.salts, saltsAt: inBlock * SALTS_BYTES });
      if (!this.#committer.matches(frame.leaves, position * LEAF_BYTES)) {
        this.#report.bad(frame.firstIndex + position, 'a body does not match its commitment');
        continue;
      }
      this.#report.bodiesVerified += 1;
      this.#present.add(frame.firstIndex + position);
      this.#noteOwnEvent(frame, { block, inBlock, position });
    }
  }

  #noteOwnEvent(frame: Frame, place: { block: OpenBlock; inBlock: number; position: number }): void {
    const { block, inBlock, position } = place;
    if (block.partStart(inBlock, 2) - block.partStart(inBlock, 1) !== 32) return;
    const classUid = frame.leaves.readUInt32BE(position * LEAF_BYTES + 1);
    const body = block.body(inBlock);
    const named = body === null ? null : namedRemovals({ classUid, ...body }, this.#keys.master);
    for (const index of named?.indexes ?? []) this.#namedIndexes.set(index, frame.firstIndex + position);
    for (const key of named?.keys ?? []) this.#namedKeys.set(key, frame.firstIndex + position);
  }
}
