import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  HEAD_BYTES,
  IngestError,
  type Member,
  PrefixChanged,
  type Resumption,
  isArchive,
  isBinary,
  isCapture,
  isOfMemberAlone,
  openFile,
  produceMember,
} from '#ingest';
import { GrowingFile } from './growing-file.ts';
import { CLOSED_BYTES_MAX } from './limits.ts';
import { type Reading, memberOptions } from './reading.ts';
import { type Found, keyOf, reasonOf } from './scan.ts';
import { type FileView, Superseded, startOf } from './start.ts';

/** Pause while a file waits to be whole, ms. */
const WAIT_MS = 100;
const LINE_FEED = 0x0a;

interface FileTime {
  size: number;
  modifiedMs: number;
}

/** One file under a watched path, from when it was found to its end. */
export class TrackedFile implements FileView {
  found: Found;
  /** Why it cannot be read, as the end of a sentence; null while all is well. */
  problem: string | null = null;
  isDone = false;
  isRunning = false;
  isGone = false;
  isStarted = false;
  /** Records of it are on their way. */
  hasSent = false;
  /** As it was when its reading ended; null when it failed in a way that may pass. */
  #endedAt: FileTime | null = null;
  #retryMs = 0;
  /** When it was last seen to change, ms. */
  #changedMs: number;
  #file: GrowingFile | null = null;
  readonly #reading: Reading;

  constructor(found: Found, reading: Reading) {
    this.found = found;
    this.#reading = reading;
    this.#changedMs = Math.min(found.modifiedMs, reading.clock.nowMs());
  }

  /** Bytes that are not read yet, as far as it was looked. */
  get behind(): number {
    return this.isDone ? 0 : (this.#file?.behind ?? this.found.size);
  }

  get offset(): number {
    return this.#file?.offset ?? this.found.size;
  }

  get isAtEnd(): boolean {
    return this.isStarted && this.#file?.behind === 0;
  }

  get quietMs(): number {
    return this.#reading.clock.nowMs() - this.#changedMs;
  }

  /** Whether it is to be read: for the first time, since it changed, or again after a failure. */
  get isDue(): boolean {
    if (this.isRunning) return false;
    if (!this.isDone) return true;
    const at = this.#endedAt;
    if (at === null) return this.#reading.clock.nowMs() >= this.#retryMs;
    return at.size !== this.found.size || at.modifiedMs !== this.found.modifiedMs;
  }

  /** It was seen again, maybe under another name. */
  seen(found: Found): void {
    const { size, modifiedMs, isSibling } = this.found;
    const isChanged = found.size !== size || found.modifiedMs !== modifiedMs;
    if (isChanged) this.#changedMs = this.#reading.clock.nowMs();
    this.isGone = false;
    this.found = { ...found, isSibling: found.isSibling && isSibling };
    if (isChanged || !this.isStarted || this.quietMs >= this.#reading.timing.idleEndMs) this.#file?.wake();
  }

  /** It was not seen: what is open is read to its end. */
  unseen(): void {
    if (!this.isGone) this.#changedMs = this.#reading.clock.nowMs();
    this.isGone = true;
    this.#file?.wake();
  }

  /** Reads it until it is over. Never throws: a failure is its `problem`. */
  async run(): Promise<void> {
    this.isRunning = true;
    this.isDone = false;
    this.#endedAt = timeOf(this.found);
    try {
      await this.#read();
      this.problem = null;
    } catch (error) {
      if (!(error instanceof Superseded)) this.#failed(error);
    } finally {
      this.#file = null;
      this.isRunning = false;
      this.isStarted = true;
      this.isDone = true;
    }
  }

  #failed(error: unknown): void {
    const { clock, timing } = this.#reading;
    this.#retryMs = clock.nowMs() + timing.retryMs;
    const isPassing = !(error instanceof IngestError) || error.code === 'unreadable';
    if (isPassing) this.#endedAt = null;
    this.problem = error instanceof IngestError ? `cannot be read (${error.code})` : reasonOf(error);
  }

  async #read(): Promise<void> {
    await using handle = await openSafely(this.found);
    const file = new GrowingFile({
      handle,
      turns: this.#reading.turns,
      isOver: () => this.#isOver(),
      onReplaced: () => this.#replaced(),
      onGrown: () => {
        if (this.isGone) this.#changedMs = this.#reading.clock.nowMs();
      },
    });
    this.#file = file;
    const refuted = new Set<string>();
    const done = new Set<string>();
    for (;;) {
      const head = await this.#ready(file);
      if (head === null || isCapture(head)) return;
      try {
        if (isArchive(head) || isBinary(head, this.#reading.options.sources))
          await this.#readWhole(handle, { refuted, done });
        else await this.#readGrowing(file, head, refuted);
        return;
      } catch (error) {
        if (!(error instanceof PrefixChanged) || refuted.has(error.sourceId)) throw error;
        refuted.add(error.sourceId);
      }
    }
  }

  /** Its beginning, once there is a line of it or it does not change; null when it ends without any. */
  async #ready(file: GrowingFile): Promise<Buffer | null> {
    for (;;) {
      const head = await file.head();
      const isQuiet = this.quietMs >= this.#reading.timing.settleMs;
      const isReady = head.includes(LINE_FEED) || head.length >= HEAD_BYTES || isQuiet || this.isGone;
      if (head.length > 0 && isReady) {
        this.problem = null;
        return head;
      }
      if (this.isGone) return null;
      // An empty file goes on from nothing, so that nobody has to wait for it.
      this.isStarted = head.length === 0;
      await file.woken();
    }
  }

  async #readGrowing(file: GrowingFile, head: Buffer, refuted: ReadonlySet<string>): Promise<void> {
    const { path, size, modifiedMs } = this.found;
    const start = await startOf(this, this.#reading, { base: path, refuted, head: () => file.head(), size });
    if (start === null) return;
    const bytes = file.bytes();
    const resumption = {
      ...start,
      get headHash() {
        return file.headHash;
      },
    };
    try {
      await this.#produce({ file: path, member: null, modifiedMs, head, bytes }, resumption);
    } finally {
      await bytes.return(undefined);
    }
  }

  /** Archives and binary files are read when they do not change any more, and again as a whole when they did. */
  async #readWhole(handle: FileHandle, { refuted, done }: { refuted: Set<string>; done: Set<string> }): Promise<void> {
    while (this.quietMs < this.#reading.timing.settleMs && !this.isGone) await sleep(WAIT_MS);
    const { size, mtimeMs } = await handle.stat();
    this.#endedAt = { size, modifiedMs: Math.floor(mtimeMs) };
    const { path } = this.found;
    // By its descriptor, where the system has a name for it: the path may lead elsewhere by now.
    const place = process.platform === 'linux' ? `/proc/self/fd/${handle.fd}` : path;
    let fault: IngestError | null = null;
    const onFault = (error: IngestError): void => {
      fault ??= error;
    };
    for await (const opened of openFile(place, onFault)) {
      const member = { ...opened, file: path };
      const base = member.member === null ? path : `${path}#${member.member}`;
      if (done.has(base)) continue;
      const start = await startOf(this, this.#reading, { base, refuted, head: async () => member.head, size: 0 });
      try {
        if (start !== null) await this.#produce(member, { ...start, headHash: sha256(member.head) });
      } catch (error) {
        if (!isOfMemberAlone(error, member)) throw error;
        onFault(error);
      }
      done.add(base);
    }
    // What could be read is in; the rest is said.
    if (fault !== null) throw fault;
  }

  async #produce(member: Member, resumption: Resumption): Promise<void> {
    const { send, sourceId } = this.#reading;
    const tapped: [number, unknown][] = [];
    for await (const batch of produceMember(member, resumption, memberOptions(this.#reading, tapped)))
      if (batch !== 'known') {
        this.hasSent = true;
        await send(sourceId, batch, tapped.splice(0));
      }
  }

  /** Whether what is there now is all that will come. Half a line at the end of a file that lives on waits. */
  #isOver(): boolean {
    const { goneQuietMs, idleEndMs } = this.#reading.timing;
    if (this.isGone) return this.quietMs >= goneQuietMs;
    return this.quietMs >= idleEndMs && this.offset <= CLOSED_BYTES_MAX;
  }

  /** A copy may be under way that has the end of the last line: it gets the time to turn up and to go on from here. */
  async #replaced(): Promise<void> {
    const { marks, timing, onReplaced } = this.#reading;
    const held = marks.heldBy(this);
    this.isDone = true;
    onReplaced(this);
    await sleep(timing.holdMs);
    if (held.some((id) => marks.holderOf(id) !== this)) throw new Superseded();
    this.isDone = false;
  }
}

function timeOf({ size, modifiedMs }: Found): FileTime {
  return { size, modifiedMs };
}

/**
 * Opens what was found, and nothing that has taken its place since: a link that leads elsewhere is another file. A pipe does
 * not make it wait.
 */
async function openSafely({ path, key }: Found): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  const info = await handle.stat({ bigint: true });
  if (info.isFile() && keyOf(info) === key) return handle;
  await handle.close();
  throw Object.assign(new Error('another file has taken its place'), { code: 'ESTALE' });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
