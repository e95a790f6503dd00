import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { systemErrorCode } from '#kernel';
import { type ReceiptVerdict as Verdict, looksLikeOpenings, parseVkey, policyOfKeys, verifyReceipt } from '#ledger';
import type { LedgerStatus, ReceiptVerdict } from '../api.ts';
import { ConsoleError } from '../errors.ts';
import { ledgerFigures } from '../ledger-figures.ts';
import { RECEIPT_BODY_BYTES_MAX } from '../limits.ts';
import { type Route, route } from '../route.ts';
import { LedgerStatusSchema, ReceiptCheckSchema, ReceiptVerdictSchema } from '../schemas/ledger.ts';
import type { Services } from '../services.ts';

const READER = { right: 'read', scope: 'read' } as const;
/** Tiles and entry bundles as C2SP tlog-tiles names them: levels 0 to 5, `x` groups, partial widths. */
const TILE_PATH = /^(?:[0-5]|entries)\/(?:x\d{3}\/){0,4}\d{3}(?:\.p\/(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-5]))?$/;
const YEAR_S = 31_536_000;

export const LEDGER_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ledger',
    summary: 'The ledger: size, root, checkpoint, keys, retention, holds.',
    access: READER,
    reply: LedgerStatusSchema,
    run: ({ services }) => statusOf(services),
  }),
  route({
    method: 'GET',
    path: '/ledger/checkpoint',
    summary: 'The published checkpoint, a signed note (C2SP tlog-checkpoint).',
    access: READER,
    reply: { type: 'text/plain; charset=utf-8', description: 'A signed note.' },
    async run({ services }) {
      const note = await treeFile(services, 'checkpoint');
      if (note === null) throw new ConsoleError('not_found', 'no checkpoint was published yet');
      return new Response(new Uint8Array(note), { headers: { 'content-type': 'text/plain; charset=utf-8' } });
    },
  }),
  route({
    method: 'GET',
    path: '/ledger/tile/:path{.+}',
    summary: 'A file of the published tree (C2SP tlog-tiles): hashes, or leaves without bodies.',
    access: READER,
    params: z.strictObject({ path: z.string().regex(TILE_PATH, 'not the path of a tile') }),
    reply: { type: 'application/octet-stream', description: 'The bytes of a tile.' },
    async run({ services, params }) {
      const bytes = await treeFile(services, `tile/${params.path}`);
      if (bytes === null) throw new ConsoleError('not_found', 'there is no such tile');
      const headers = {
        'content-type': 'application/octet-stream',
        // A tile never changes; a partial one is followed by another of a new name.
        'cache-control': `private, max-age=${YEAR_S}, immutable`,
      };
      return new Response(new Uint8Array(bytes), { headers });
    },
  }),
  route({
    method: 'POST',
    path: '/ledger/receipt',
    summary: 'Checks a receipt against the keys of this ledger; with `event`, also what it opens.',
    access: READER,
    body: ReceiptCheckSchema,
    bodyBytesMax: RECEIPT_BODY_BYTES_MAX,
    reply: ReceiptVerdictSchema,
    run: async ({ services, body }) => verdictOf(checkReceipt(services, body)),
  }),
];

/** The ledger as the console shows it. */
export async function statusOf(services: Services): Promise<LedgerStatus> {
  const { ledger } = services;
  const { retentionDays, holds } = ledger.manifest;
  const vkeys = vkeysOf(services);
  const figures = await ledgerFigures(services);
  return {
    origin: ledger.origin,
    size: ledger.size,
    root: ledger.rootHash().toString('base64'),
    checkpoint: (await treeFile(services, 'checkpoint'))?.toString('utf8') ?? null,
    checkpointMs: await checkpointMs(services),
    vkeys: vkeys.flatMap(({ ed25519, mldsa }) => [
      { name: ledger.origin, algorithm: 'Ed25519' as const, vkey: ed25519 },
      { name: ledger.origin, algorithm: 'ML-DSA-44' as const, vkey: mldsa },
    ]),
    policy: `${vkeys.map(({ ed25519, mldsa }) => `log ${ed25519}\nlog ${mldsa}`).join('\n')}\nquorum none\n`,
    retention: { recordDays: retentionDays.record, telemetryDays: retentionDays.telemetry },
    holds: holds.map(({ name, fromDay, toDay }) => ({
      id: name,
      reason: name,
      fromMs: fromDay === null ? null : Date.parse(fromDay),
      toMs: toDay === null ? null : Date.parse(toDay),
    })),
    ...figures,
  };
}

/** When the published checkpoint was written; null before the first. */
export async function checkpointMs({ dataDirectory }: Services): Promise<number | null> {
  try {
    return Math.floor((await stat(treePath(dataDirectory, 'checkpoint'))).mtimeMs);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** A file of the published tree, or null when there is none. The paths that come here were checked. */
async function treeFile({ dataDirectory }: Services, path: string): Promise<Buffer | null> {
  try {
    return await readFile(treePath(dataDirectory, path));
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
    throw error;
  }
}

function treePath(dataDirectory: string, path: string): string {
  return join(dataDirectory, 'ledger', 'tree', path);
}

/** Newest first; receipts under older keys stay good. */
function vkeysOf({ ledger }: Services): { ed25519: string; mldsa: string }[] {
  return ledger.manifest.signing.toReversed().map(({ ed25519, mldsa }) => ({ ed25519, mldsa }));
}

function checkReceipt(services: Services, { receipt, event }: { receipt: string; event?: string }): Verdict {
  const keys = vkeysOf(services).flatMap(({ ed25519, mldsa }) => [parseVkey(ed25519), parseVkey(mldsa)]);
  const bytes = event === undefined ? null : Buffer.from(event);
  const isOpenings = bytes !== null && looksLikeOpenings(bytes);
  return verifyReceipt({
    receipt,
    openings: isOpenings ? bytes : null,
    event: isOpenings ? null : bytes,
    trust: { policy: policyOfKeys(keys) },
  });
}

function verdictOf(verdict: Verdict): ReceiptVerdict {
  if (verdict.outcome === 'good') {
    const { index, leaf } = verdict.facts;
    return {
      verdict: 'good',
      sentence: `This receipt is good: entry ${index} stands in this ledger as it was written.`,
      index,
      classUid: leaf.classUid,
      minuteMs: leaf.receivedMs,
    };
  }
  const words = verdict.outcome === 'bad' ? 'This receipt is not good' : 'This could not be decided';
  return {
    verdict: verdict.outcome,
    sentence: `${words}: ${verdict.detail}.`,
    index: null,
    classUid: null,
    minuteMs: null,
  };
}
