import { type FSWatcher, watch } from 'node:fs';
import { sourcesFor } from '#ingest';
import { FOLDERS_TOLD_MAX } from './limits.ts';
import type { Reading, SharedReading } from './reading.ts';
import { isRelatedPath } from './rotated-names.ts';
import { type Found, type Scan, scanPath } from './scan.ts';
import { TrackedFile } from './tracked-file.ts';
import type { ThreadPath, WatchedState } from './types.ts';

/** What a file has to know of all others. */
export type OtherFiles = Pick<Reading, 'isAboutToStart' | 'isUnmarked' | 'isAnyToStart'>;

/** One watched path: looks at what is there, when the system tells of a change and from time to time, and reads it. */
export class Watch implements Disposable {
  readonly path: ThreadPath;
  readonly #reading: Reading;
  readonly #tracked = new Map<string, TrackedFile>();
  readonly #told = new Map<string, FSWatcher>();
  #problems: readonly string[] = [];
  #waiting = 0;
  #hasLooked = false;
  #timer: NodeJS.Timeout | null = null;
  #looking = false;
  #isToLookAgain = false;
  #isGathering = false;
  #isClosed = false;

  constructor(path: ThreadPath, shared: SharedReading, others: OtherFiles) {
    this.path = path;
    this.#reading = {
      ...shared,
      sourceId: path.sourceId,
      options: {
        sources: sourcesFor(path.format),
        zone: path.zone ?? undefined,
        labels: [`source:${path.sourceId}`, 'transport:file'],
      },
      sinceMs: path.sinceMs,
      ...others,
      onReplaced: (file) => this.#replaced(file),
    };
  }

  /** Looks, and goes on looking. */
  async look(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#looking) {
      this.#isToLookAgain = true;
      return;
    }
    this.#looking = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const scan = await scanPath(this.path.path);
    this.#seen(scan);
    this.#looking = false;
    const { pollMs, gatherMs } = this.#reading.timing;
    this.#lookIn(this.#isToLookAgain ? gatherMs : pollMs);
    this.#isToLookAgain = false;
  }

  /** Whether a file of this path is there that has not said yet which mark it goes on from. */
  isAboutToStart(path: string, other: TrackedFile): boolean {
    return [...this.#tracked.values()].some(
      (one) => one !== other && one.isRunning && !one.isStarted && one.found.path === path,
    );
  }

  /** Whether a file of this path is read that `path` may be a rotated copy of, and of which nothing is on its way yet. */
  isUnmarked(path: string, other: TrackedFile): boolean {
    return [...this.#tracked.values()].some(
      (one) =>
        one !== other && one.isRunning && !one.hasSent && one.found.size > 0 && isRelatedPath(path, one.found.path),
    );
  }

  /** Whether files may be there that have not said yet which mark they go on from. */
  isAnyToStart(other: TrackedFile): boolean {
    return (
      !this.#hasLooked || [...this.#tracked.values()].some((one) => one !== other && !one.isStarted && !one.isGone)
    );
  }

  state(): WatchedState {
    const { sourceId, path } = this.path;
    const all = [...this.#tracked.values()];
    const unreadable = all.filter(({ problem }) => problem !== null);
    const says = [...this.#problems];
    if (unreadable.length > 0) {
      const files = unreadable.length === 1 ? 'a file' : `${unreadable.length} files`;
      says.push(`${files} of it ${unreadable[0]?.problem ?? ''}`);
    }
    if (this.#waiting > 0) says.push(`${this.#waiting} files of it wait until others have ended: too many are open`);
    return {
      sourceId,
      path,
      files: all.length,
      unreadable: unreadable.length,
      behindBytes: all.reduce((sum, one) => sum + one.behind, 0),
      problem: says.length === 0 ? null : says.join('; '),
    };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const watcher of this.#told.values()) watcher.close();
    for (const file of this.#tracked.values()) file.unseen();
  }

  #seen(scan: Scan): void {
    if (this.#isClosed) return;
    const keys = new Set<string>();
    for (const found of scan.files) {
      if (keys.has(found.key)) continue;
      keys.add(found.key);
      this.#note(found);
    }
    // What cannot be looked at has not gone.
    if (!scan.isBlind) for (const [key, file] of this.#tracked) if (!keys.has(key)) this.#unseen(key, file);
    this.#problems = scan.problems;
    this.#hasLooked = true;
    this.#begin();
    this.#beTold(scan.folders);
  }

  #note(found: Found): void {
    const known = this.#tracked.get(found.key);
    if (known === undefined) this.#tracked.set(found.key, new TrackedFile(found, this.#reading));
    else known.seen(found);
  }

  #unseen(key: string, file: TrackedFile): void {
    file.unseen();
    if (file.isRunning) return;
    this.#tracked.delete(key);
    this.#reading.marks.release(file);
  }

  /** The newest first: what is written now matters most. */
  #begin(): void {
    const due = [...this.#tracked.values()].filter((file) => file.isDue && !file.isGone);
    due.sort((a, b) => b.found.modifiedMs - a.found.modifiedMs);
    this.#waiting = 0;
    for (const file of due) {
      if (this.#reading.room.files > 0) void this.#run(file);
      else this.#waiting += 1;
    }
  }

  async #run(file: TrackedFile): Promise<void> {
    const { room } = this.#reading;
    room.files -= 1;
    await file.run();
    room.files += 1;
    // One that was written anew is not in the table any more.
    if (file.isGone || this.#tracked.get(file.found.key) !== file) {
      this.#reading.marks.release(file);
      if (this.#tracked.get(file.found.key) === file) this.#tracked.delete(file.found.key);
    }
    if (this.#waiting > 0) this.#lookIn(this.#reading.timing.gatherMs);
  }

  /** What the file holds now is read as another one. */
  #replaced(file: TrackedFile): void {
    this.#tracked.delete(file.found.key);
    this.#lookIn(0);
  }

  #lookIn(ms: number): void {
    if (this.#isClosed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), ms);
  }

  /** Where the system cannot tell of changes (a network mount, too many folders), looking from time to time does. */
  #beTold(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, FOLDERS_TOLD_MAX));
    for (const [folder, watcher] of this.#told) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#told.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#told.has(folder)) continue;
      try {
        const watcher = watch(folder, () => this.#changed());
        this.#told.set(folder, watcher);
        watcher.on('error', () => {
          watcher.close();
          this.#told.delete(folder);
        });
      } catch {
        return;
      }
    }
  }

  #changed(): void {
    if (this.#isGathering || this.#isClosed) return;
    this.#isGathering = true;
    setTimeout(() => {
      this.#isGathering = false;
      void this.look();
    }, this.#reading.timing.gatherMs);
  }
}
