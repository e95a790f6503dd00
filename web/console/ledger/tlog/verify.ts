import { MalformedError, sameBytes, toBase64 } from './bytes.ts';
import { type NoteKey, type SignedNote, checkSignature, parseCheckpointNote, parseVkey } from './note.ts';
import { type FetchTile, TileTree, tilePath, tilesOf } from './tiles.ts';

/** Tiles that a verification fetches: 2,000 of level 0 cover half a million entries in 16 MB. */
export const TILES_MAX = 2_000;

/** Tiles that are looked at in one go between two reports of progress. */
const TILES_AT_ONCE = 32;

/** What this browser keeps of a ledger between visits. */
export interface Remembered {
  vkey: string;
  size: number;
  /** base64 */
  root: string;
  /** When it was seen, ms. */
  atMs: number;
}

export type StepName = 'checkpoint' | 'signature' | 'root' | 'tiles' | 'remembered';

type SignatureNote = 'signatureGood' | 'signatureFirst' | 'signatureBad' | 'keyChanged' | 'keyMissing';

/** One thing that was checked; `ok` is null where it could not be decided. The page has the words for `note`. */
export interface Step {
  step: StepName;
  ok: boolean | null;
  note:
    | { kind: 'checkpoint'; size: number }
    | { kind: 'malformed'; why: string }
    | { kind: 'tileBad' | 'tileMissing'; path: string }
    | { kind: 'tilesAll'; count: number }
    | { kind: 'tilesSample'; checked: number; all: number }
    | { kind: 'consistent'; size: number; atMs: number }
    | { kind: 'inconsistent' | 'shrunk'; size: number }
    | { kind: SignatureNote }
    | { kind: 'rootGood' | 'rootBad' | 'first' };
}

export interface LedgerVerdict {
  outcome: 'good' | 'bad' | 'undecided';
  steps: Step[];
  /** What to remember from now on; null unless good. */
  remember: Remembered | null;
}

export interface VerifyOptions {
  /** The signed note, as the server gives it. */
  checkpoint: string;
  /** Keys that the server shows. Trusted on first sight only. */
  vkeys: readonly string[];
  remembered: Remembered | null;
  fetchTile: FetchTile;
  nowMs: number;
  /** From 0 to below 1: which tiles are picked where there are too many. */
  random: () => number;
  onProgress?: (done: number, all: number) => void;
}

/**
 * Verifies the ledger without believing the server: the checkpoint's Ed25519 signature by the key that this browser remembers,
 * the root recomputed from hash tiles, the tiles themselves (all, or above `TILES_MAX` a sample), and that the tree is a
 * continuation of the one that was seen before. Ends at the first step that fails. Throws only what the caller's own code
 * throws.
 */
export async function verifyLedger(options: VerifyOptions): Promise<LedgerVerdict> {
  const steps: Step[] = [];
  const end = (outcome: LedgerVerdict['outcome'], step?: Step): LedgerVerdict => {
    if (step !== undefined) steps.push(step);
    return { outcome, steps, remember: null };
  };
  let note: SignedNote;
  try {
    note = parseCheckpointNote(options.checkpoint);
  } catch (error) {
    return end('bad', { step: 'checkpoint', ok: false, note: whyMalformed(error) });
  }
  const { size, root } = note.checkpoint;
  steps.push({ step: 'checkpoint', ok: true, note: { kind: 'checkpoint', size } });

  const signed = await signatureStep(note, options);
  steps.push(signed.step);
  if (signed.vkey === null) return end(signed.step.ok === false ? 'bad' : 'undecided');

  const tree = new TileTree(size, options.fetchTile);
  const failed = await rootStep(tree, root, steps);
  if (failed !== null) return end('bad', failed);
  const tiles = await tilesStep(tree, options);
  steps.push(tiles);
  if (tiles.ok === false) return end('bad');
  const continued = await continuationStep(tree, options.remembered);
  steps.push(continued);
  if (continued.ok === false) return end('bad');
  return {
    outcome: 'good',
    steps,
    remember: { vkey: signed.vkey, size, root: toBase64(root), atMs: options.nowMs },
  };
}

async function signatureStep(
  note: SignedNote,
  { vkeys, remembered }: VerifyOptions,
): Promise<{ step: Step; vkey: string | null }> {
  const trusted = remembered === null ? vkeys : [remembered.vkey];
  for (const vkey of trusted) {
    const key = await keyOrNull(vkey);
    // The log signs under its own name; a cosigner's key says nothing here.
    if (key === null || key.name !== note.checkpoint.origin) continue;
    const verdict = await checkSignature(note, key);
    if (verdict === 'bad') return { step: signatureSaid(false, 'signatureBad'), vkey: null };
    if (verdict === 'good')
      return { step: signatureSaid(true, remembered === null ? 'signatureFirst' : 'signatureGood'), vkey };
  }
  // A key that was rotated and one that was replaced by a thief look alike from here: a person must decide.
  return { step: signatureSaid(null, remembered === null ? 'keyMissing' : 'keyChanged'), vkey: null };
}

function signatureSaid(ok: boolean | null, kind: SignatureNote): Step {
  return { step: 'signature', ok, note: { kind } };
}

async function keyOrNull(vkey: string): Promise<NoteKey | null> {
  try {
    return await parseVkey(vkey);
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

/** Null when the root holds; else the step that failed. */
async function rootStep(tree: TileTree, root: Uint8Array, steps: Step[]): Promise<Step | null> {
  try {
    if (!sameBytes(await tree.root(tree.size), root)) return { step: 'root', ok: false, note: { kind: 'rootBad' } };
  } catch (error) {
    return { step: 'root', ok: false, note: whyMalformed(error) };
  }
  steps.push({ step: 'root', ok: true, note: { kind: 'rootGood' } });
  return null;
}

async function tilesStep(tree: TileTree, options: VerifyOptions): Promise<Step> {
  const { picked, all } = pickTiles(tree.size, options.random);
  for (let at = 0; at < picked.length; at += TILES_AT_ONCE) {
    const bad = await Promise.all(picked.slice(at, at + TILES_AT_ONCE).map((ref) => faultOf(tree, ref)));
    const fault = bad.find((one) => one !== null);
    if (fault !== undefined && fault !== null) return { step: 'tiles', ok: false, note: fault };
    options.onProgress?.(Math.min(picked.length, at + TILES_AT_ONCE), picked.length);
  }
  const note =
    picked.length === all
      ? ({ kind: 'tilesAll', count: all } as const)
      : ({ kind: 'tilesSample', checked: picked.length, all } as const);
  return { step: 'tiles', ok: true, note };
}

type Ref = { level: number; index: number };

/** Full tiles to check, the upper levels first (they are few): all of them, or as many as the limit allows, at random. */
export function pickTiles(size: number, random: () => number): { picked: Ref[]; all: number } {
  const levels = tilesOf(size).toReversed();
  const all = levels.reduce((sum, { full }) => sum + full, 0);
  const picked: Ref[] = [];
  for (const { level, full } of levels) {
    const room = TILES_MAX - picked.length;
    if (full <= room) for (let index = 0; index < full; index += 1) picked.push({ level, index });
    else for (const index of distinct(room, full, random)) picked.push({ level, index });
  }
  return { picked, all };
}

/** `count` different numbers below `below` (Floyd's sampling). */
function distinct(count: number, below: number, random: () => number): Set<number> {
  const chosen = new Set<number>();
  for (let top = below - count; top < below; top += 1) {
    const one = Math.floor(random() * (top + 1));
    chosen.add(chosen.has(one) ? top : one);
  }
  return chosen;
}

async function faultOf(tree: TileTree, { level, index }: Ref): Promise<Step['note'] | null> {
  const path = tilePath(tree.tileRef(level, index));
  try {
    return (await tree.isLinked(level, index)) ? null : { kind: 'tileBad', path };
  } catch (error) {
    return error instanceof MalformedError ? { kind: 'tileBad', path } : { kind: 'tileMissing', path };
  }
}

async function continuationStep(tree: TileTree, remembered: Remembered | null): Promise<Step> {
  if (remembered === null) return { step: 'remembered', ok: true, note: { kind: 'first' } };
  const { size, root, atMs } = remembered;
  if (size > tree.size) return { step: 'remembered', ok: false, note: { kind: 'shrunk', size } };
  try {
    const before = toBase64(await tree.root(size));
    if (before !== root) return { step: 'remembered', ok: false, note: { kind: 'inconsistent', size } };
  } catch (error) {
    return { step: 'remembered', ok: false, note: whyMalformed(error) };
  }
  return { step: 'remembered', ok: true, note: { kind: 'consistent', size, atMs } };
}

function whyMalformed(error: unknown): { kind: 'malformed'; why: string } {
  return { kind: 'malformed', why: error instanceof Error ? error.message : String(error) };
}
