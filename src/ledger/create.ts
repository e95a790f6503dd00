import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Clock, Log, RandomFill } from '#kernel';
import { makeDirectory, silentLog, syncPath, systemClock, systemRandom, uuidv7 } from '#kernel';
import { placeAnchor } from './anchor.ts';
import { LedgerError } from './errors.ts';
import { replaceFile } from './files.ts';
import { createSegment } from './journal.ts';
import type { Layout } from './layout.ts';
import { FORMAT_VERSION, layoutOf } from './layout.ts';
import { WriteLock } from './lock.ts';
import { writeManifest } from './manifest.ts';
import { createMasterKey, defaultKeyFile, refuseKeyInside } from './master-key.ts';
import { SEGMENT_HEAD_BYTES_MAX } from './segment.ts';
import { CheckpointSigner, createSigningKeys } from './signing.ts';
import { EMPTY_ROOT } from './tlog/hash.ts';

/** Six years, as HIPAA asks for records of access (45 CFR 164.316(b)(2)(i)). */
export const RECORD_DAYS = 2_192;
export const TELEMETRY_DAYS = 30;

export interface CreateOptions {
  /** Data directory; the ledger lies in its folder `ledger`. Made when missing. */
  dir: string;
  /** Name of the log, for good; default `wardkeep.invalid/<uuid>`. */
  origin?: string;
  /** Master key; made (mode 0600) when missing, in a folder that is there. Default under `$XDG_CONFIG_HOME/wardkeep/`. */
  keyFile?: string;
  /** Where a copy of each checkpoint goes: on another disk it shows a rollback of the whole directory. */
  anchor?: string;
  /** The log whose place this one takes, with its last checkpoint. */
  predecessor?: { origin: string; checkpoint: string };
  clock?: Clock;
  random?: RandomFill;
  log?: Log;
}

const ORIGIN_FORM = /^[^\s+\p{Cc}]{1,200}$/u;

/**
 * Makes an empty ledger: master key outside `dir`, signing keys wrapped by it, an empty journal and the
 * checkpoint of the empty tree. The manifest comes last, so that a crash leaves no half a ledger.
 * @throws {LedgerError} `exists`, `locked`, `key_inside`, `key_wrong`, `bad_option`, `disk_full`, `write_failed`.
 */
export async function createLedger(options: CreateOptions): Promise<void> {
  const { clock = systemClock, random = systemRandom, log = silentLog } = options;
  const dir = resolve(options.dir);
  const layout = layoutOf(dir);
  refuseExisting(dir);
  const origin = options.origin ?? `wardkeep.invalid/${uuidv7(clock, random)}`;
  refuseBadOrigin(origin);
  const keyFile = resolve(options.keyFile ?? defaultKeyFile(origin.replaceAll(/[^A-Za-z0-9.-]/g, '_')));
  refuseKeyInside(keyFile, dir);
  if (options.keyFile !== undefined) refuseKeyNowhere(keyFile);
  if (options.anchor !== undefined) refuseAnchorInside(options.anchor, dir);
  makeDirectory(layout.root);
  // Two that make the same ledger at once: the second must not cut off what the first has stored since.
  const lock = new WriteLock(layout.root);
  try {
    refuseExisting(dir);
    writeLedger({ layout, origin, keyFile, nowMs: clock.nowMs() }, options);
  } finally {
    lock[Symbol.dispose]();
  }
  log.info('a ledger was made', { origin, keyFile });
}

function writeLedger(
  place: { layout: Layout; origin: string; keyFile: string; nowMs: number },
  { clock = systemClock, random = systemRandom, anchor, predecessor }: CreateOptions,
): void {
  const { layout, origin, keyFile, nowMs } = place;
  const master = createMasterKey(keyFile, random);
  for (const path of [layout.journal, layout.keys, layout.tree]) makeDirectory(path);
  const signing = { keysDir: layout.keys, generation: 1, origin, master, random, nowMs };
  const { seeds, publicKeys } = createSigningKeys(signing);
  createSegment(layout.journal, { origin, firstIndex: 0, root: EMPTY_ROOT });
  const signer = new CheckpointSigner({ origin, seeds: [seeds], clock });
  const checkpoint = signer.sign({ size: 0, root: EMPTY_ROOT });
  replaceFile(layout.checkpoint, checkpoint);
  if (anchor !== undefined) placeAnchor(resolve(anchor), checkpoint);
  const manifest = {
    format: FORMAT_VERSION,
    origin,
    createdMs: nowMs,
    keyFile,
    anchor: anchor === undefined ? null : resolve(anchor),
    signing: [publicKeys],
    retentionDays: { record: RECORD_DAYS, telemetry: TELEMETRY_DAYS },
    holds: [],
    predecessor: predecessor ?? null,
    closed: null,
  };
  writeManifest(layout.manifest, manifest, master);
  syncPath(dirname(layout.root));
}

function refuseExisting(dir: string): void {
  const layout = layoutOf(dir);
  if (existsSync(layout.manifest)) {
    throw new LedgerError('exists', `there is a ledger in ${dir} already`, {
      advice: 'use it as it is, or name another directory with --data',
    });
  }
  // Entries without a manifest mean that the manifest was lost, not that a first attempt was cut short.
  const segments = existsSync(layout.journal) ? readdirSync(layout.journal) : [];
  const isFilled = (name: string): boolean => statSync(join(layout.journal, name)).size > SEGMENT_HEAD_BYTES_MAX;
  if (segments.length > 1 || segments.some(isFilled) || existsSync(join(layout.tree, 'tile'))) {
    throw new LedgerError('exists', `the journal in ${layout.root} holds entries, but its manifest is missing`, {
      advice: 'restore ledger/ledger.json from its backup',
    });
  }
}

function refuseBadOrigin(origin: string): void {
  if (ORIGIN_FORM.test(origin) && Buffer.byteLength(origin) <= 255) return;
  throw new LedgerError(
    'bad_option',
    'an origin has 1 to 200 characters, without spaces, plus signs and control characters',
    {
      advice: 'use a name like log.hospital.example/access',
    },
  );
}

/** A folder that is missing is a mistyped one, or a volume that is not mounted: a key made there would be lost with it. */
function refuseKeyNowhere(keyFile: string): void {
  const folder = dirname(keyFile);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  throw new LedgerError('bad_option', `there is no folder ${folder} for the key file`, {
    advice: `make the folder first, for its owner alone (mkdir -p -m 700 ${folder}), or name another key file`,
  });
}

function refuseAnchorInside(anchor: string, dir: string): void {
  try {
    refuseKeyInside(anchor, dir);
  } catch (cause) {
    throw new LedgerError('bad_option', `the anchor ${anchor} lies inside the data directory`, {
      cause,
      advice: 'name a place on another disk: beside the data it would be rolled back together with it',
    });
  }
}
