import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { JournalEnd } from './journal.ts';

/*
 * How far the journal is durable, for readers beside the writer: what lies behind is written but perhaps not synced,
 * and was not acknowledged. The writer says so before each answer, without a sync: the word is good for as long as
 * the system runs, and after its start all that can be read has come from the disk.
 *
 *   u64 segment ‖ u64 offset ‖ boot id[36] ‖ u32 CRC-32 of the bytes before
 */
const BOOT_ID_AT = 16;
const BOOT_ID_BYTES = 36;
const CRC_AT = BOOT_ID_AT + BOOT_ID_BYTES;
const FILE_BYTES = CRC_AT + 4;
/** Readings of a file that is just being written over before it counts as damaged. */
const READINGS_MAX = 5;

/** Names the present run of the system; empty where it has no such name (then a reader goes by whole frames alone). */
function bootId(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return id.length === BOOT_ID_BYTES ? id : '';
  } catch {
    return '';
  }
}

/** The writer's side. */
export class DurableEndFile implements Disposable {
  readonly #fd: number | null;
  readonly #bytes = Buffer.alloc(FILE_BYTES);

  constructor(path: string) {
    const id = bootId();
    this.#bytes.write(id, BOOT_ID_AT, 'latin1');
    this.#fd = id === '' ? null : openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  set(end: JournalEnd): void {
    if (this.#fd === null) return;
    this.#bytes.writeBigUInt64BE(BigInt(end.segment), 0);
    this.#bytes.writeBigUInt64BE(BigInt(end.offset), 8);
    this.#bytes.writeUInt32BE(crc32(this.#bytes.subarray(0, CRC_AT)), CRC_AT);
    writeSync(this.#fd, this.#bytes, 0, FILE_BYTES, 0);
  }

  [Symbol.dispose](): void {
    if (this.#fd !== null) closeSync(this.#fd);
  }
}

/** What the writer said last in the present run of the system; null when it said nothing. */
export function readDurableEnd(path: string): JournalEnd | null {
  for (let reading = 0; reading < READINGS_MAX; reading += 1) {
    const bytes = readHead(path);
    if (bytes === null) return null;
    if (crc32(bytes.subarray(0, CRC_AT)) !== bytes.readUInt32BE(CRC_AT)) continue;
    if (bytes.toString('latin1', BOOT_ID_AT, CRC_AT) !== bootId()) return null;
    return { segment: Number(bytes.readBigUInt64BE(0)), offset: Number(bytes.readBigUInt64BE(8)) };
  }
  return null;
}

function readHead(path: string): Buffer | null {
  const bytes = Buffer.alloc(FILE_BYTES);
  try {
    const fd = openSync(path, 'r');
    try {
      return readSync(fd, bytes, 0, FILE_BYTES, 0) === FILE_BYTES ? bytes : null;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}
