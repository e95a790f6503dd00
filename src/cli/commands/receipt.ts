import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '#kernel';
import {
  OPENINGS_BYTES_MAX,
  POLICY_BYTES_MAX,
  PROOF_CHARS_MAX,
  type Policy,
  type ReceiptVerdict,
  TlogError,
  looksLikeOpenings,
  openingsPath,
  parsePolicy,
  parseVkey,
  policyOfKeys,
  verifyReceipt,
} from '#ledger';
import { type CliIo, EXIT } from '../io.ts';
import { usageSentence } from '../usage.ts';
import { wrap } from '../output/wrap.ts';
import { receiptJson, receiptText } from './receipt-output.ts';

const HELP = `Usage: wardkeep receipt verify FILE (--policy FILE | --key VKEY) [OPTIONS]

Checks a receipt without a network and without the log: that the log signed a
tree which holds this entry, that enough witnesses signed the same tree, and,
with --event, that the event you hold is the one that was logged.

  FILE             a receipt (.tlog-proof), as "wardkeep ledger prove" writes it
  --policy FILE    whom to trust: a tlog-policy: logs, witnesses and a quorum
  --key VKEY       trust this key of the log alone; may be given several times
  --event FILE     the openings file of the receipt, or the event itself (its
                   JSON, also as "wardkeep events" prints it, or its raw bytes),
                   compared with the openings
  --openings FILE  the openings file, where it does not lie beside the receipt
                   as NAME.openings.json
  --json           one JSON object instead of words

Keys inside a receipt are never trusted: get the policy or the key from the
hospital itself, by another way than the receipt. There, "wardkeep ledger keys
--data DIR" prints both.

Exit code: 0 good; 1 bad; 2 undecidable (no trusted key, a missing file, wrong
usage).

Example:
  wardkeep receipt verify access.tlog-proof --policy hospital.policy
`;

/** What the command line asks for. */
interface Request {
  receipt: string;
  policy: string | undefined;
  keys: readonly string[];
  event: string | undefined;
  openings: string | undefined;
  json: boolean;
}

/** A reason why nothing could be decided: wrong usage, a file that cannot be read, a key or policy that is none. */
class Unusable extends Error {}

/**
 * `receipt verify`: offline, touches nothing but the named files.
 * Gives the exit code: 0 good, 1 bad, 2 undecidable or wrong usage.
 */
export async function receiptCommand(argv: string[], io: CliIo): Promise<number> {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h')) {
    if (argv.length > 0) io.stdout(HELP);
    else io.stderr(HELP);
    return argv.length > 0 ? EXIT.ok : EXIT.usage;
  }
  try {
    const request = readRequest(argv);
    const verdict = verify(request, io.cwd);
    io.stdout(request.json ? receiptJson(verdict) : receiptText(verdict, io));
    return exitCode(verdict);
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    io.stderr(`${wrap(`wardkeep receipt: ${error.message}`, io.columns)}\nTry: wardkeep receipt --help\n`);
    return EXIT.usage;
  }
}

function exitCode({ outcome }: ReceiptVerdict): number {
  if (outcome === 'good') return EXIT.ok;
  return outcome === 'bad' ? EXIT.failed : EXIT.usage;
}

function readRequest(argv: string[]): Request {
  const { values, positionals } = parse(argv);
  const [verb, receipt, ...rest] = positionals;
  if (verb !== 'verify') throw new Unusable("the only thing to do with a receipt is 'verify'");
  if (receipt === undefined || rest.length > 0) throw new Unusable('name one receipt file');
  const { policy, key: keys = [], event, openings, json = false } = values;
  if (policy !== undefined && keys.length > 0) throw new Unusable('give --policy or --key, not both');
  if (policy === undefined && keys.length === 0) {
    throw new Unusable(
      'no trusted key: give --policy FILE or --key VKEY, obtained from the hospital by another way than the receipt',
    );
  }
  return { receipt, policy, keys, event, openings, json };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        policy: { type: 'string' },
        key: { type: 'string', multiple: true },
        event: { type: 'string' },
        openings: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Unusable(usageSentence(error));
  }
}

function verify(request: Request, cwd: string): ReceiptVerdict {
  const policy = readTrust(request, cwd);
  const receiptPath = resolve(cwd, request.receipt);
  const receipt = readFile(receiptPath, PROOF_CHARS_MAX);
  const claim = request.event === undefined ? null : readFile(resolve(cwd, request.event), OPENINGS_BYTES_MAX);
  const isOpenings = claim !== null && looksLikeOpenings(claim);
  const openingsFile = openingsFileOf(request, cwd, receiptPath);
  return verifyReceipt({
    receipt,
    trust: { policy },
    event: isOpenings ? null : claim,
    openings: isOpenings && request.openings === undefined ? claim : openingsFile,
  });
}

/** The named openings file, or the one beside the receipt where an event is to be compared; null when there is none. */
function openingsFileOf({ openings, event }: Request, cwd: string, receiptPath: string): Buffer | null {
  if (openings !== undefined) return readFile(resolve(cwd, openings), OPENINGS_BYTES_MAX);
  const beside = openingsPath(receiptPath);
  return event !== undefined && existsSync(beside) ? readFile(beside, OPENINGS_BYTES_MAX) : null;
}

function readTrust({ policy, keys }: Request, cwd: string): Policy {
  try {
    if (policy === undefined) return policyOfKeys(keys.map((key) => parseVkey(key.trim())));
    return parsePolicy(readFile(resolve(cwd, policy), POLICY_BYTES_MAX));
  } catch (error) {
    if (error instanceof TlogError) throw new Unusable(error.message);
    throw error;
  }
}

const CHUNK_BYTES = 256 * 1024;

/** The whole file, which may be a pipe; reading ends with an error where it goes on beyond `bytesMax`. */
function readFile(path: string, bytesMax: number): Buffer {
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    const chunks: Buffer[] = [];
    let total = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const bytes = readSync(handle, chunk);
      if (bytes === 0) return Buffer.concat(chunks, total);
      total += bytes;
      if (total > bytesMax)
        throw new Unusable(`${path} is longer than the ${bytesMax} bytes that such a file may have`);
      chunks.push(chunk.subarray(0, bytes));
    }
  } catch (error) {
    throw error instanceof Unusable ? error : new Unusable(`could not read ${path}: ${messageOf(error)}`);
  } finally {
    if (handle !== null) closeSync(handle);
  }
}
