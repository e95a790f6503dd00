import { setTimeout as pause } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { WardkeepError, invariant, makeDirectory, messageOf, systemClock, systemRandom } from '#kernel';
import type { Log } from '#kernel';
import { Engine } from './engine/engine.ts';
import { Repair, drop, forget, planOf } from './engine/upkeep.ts';
import { activityOf, lookUp } from './engine/look-up.ts';
import { standInMaker } from './engine/stand-in.ts';
import { writeFailure } from './engine/files.ts';
import { ArchiveError, type ArchiveErrorCode } from './errors.ts';
import { exportResult } from './hunt/export.ts';
import { hunt } from './hunt/hunt.ts';
import { watchHeap } from './heap-watch.ts';
import type { BatchMessage, Call, Failure, FromWorker, Status, ToWorker, WorkerStart } from './protocol.ts';
import { unpackBatch } from './protocol.ts';

invariant(parentPort !== null, 'this file runs as a worker');
const port: MessagePort = parentPort;
const start = workerData as WorkerStart;
const clock = start.nowMs === null ? systemClock : { nowMs: () => start.nowMs ?? 0 };

function say(message: FromWorker): void {
  port.postMessage(message);
}

const log: Log = {
  debug: () => undefined,
  info: (message, fields = {}) => say({ kind: 'log', level: 'info', message, fields: plain(fields) }),
  warn: (message, fields = {}) => say({ kind: 'log', level: 'warn', message, fields: plain(fields) }),
  error: (message, error, fields = {}) =>
    say({ kind: 'log', level: 'error', message, fields: { ...plain(fields), error: messageOf(error) } }),
};

function plain(fields: Readonly<Record<string, unknown>>): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'number' ? value : String(value)]),
  );
}

let engine: Engine;
/** Aborted when no more work is begun. */
const closing = new AbortController();
let isDying = false;
/** The file that is being made again; one at a time. */
let repair: Repair | null = null;
/** Batches and whatever changes files run one after the other. */
let turn: Promise<unknown> = Promise.resolve();
const running = new Map<number, AbortController>();
/** What is being answered; `close` waits for all of it. */
const serving = new Set<Promise<void>>();

function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = turn.then(work);
  turn = next.catch(() => undefined);
  return next;
}

function statusOf(): Status {
  const { manifest, seenTo, damaged } = engine;
  return {
    sealedTo: manifest.sealedTo,
    seenTo,
    files: manifest.files.length,
    bytes: manifest.files.reduce((bytes, file) => bytes + file.bytes, 0),
    damaged: [...damaged],
  };
}

/** Pause after a seal that failed (a full disk), before the next attempt. */
const RETRY_MS = 5_000;

/** Batches are taken in order; while there is no room, none is, and the main thread notices that we are behind. */
let intake: Promise<void> = Promise.resolve();

async function take(message: BatchMessage): Promise<void> {
  while (engine.hasNoRoom && !isClosing()) {
    if (!(await sealed())) await pause(RETRY_MS, null, { ref: false, signal: closing.signal }).catch(() => undefined);
  }
  if (isClosing()) return;
  await inTurn(async () => engine.accept({ entries: unpackBatch(message), to: message.to }));
  if (engine.isFull && !isClosing()) await sealed();
  say({ kind: 'taken', bytes: message.body.length, status: statusOf() });
}

/** Whether it could be done; if not, the rows stay where they are. */
async function sealed(): Promise<boolean> {
  try {
    await inTurn(() => engine.seal());
    return true;
  } catch (error) {
    log.error('the archive could not seal', writeFailure(error));
    return false;
  }
}

async function answer(call: Call, signal: AbortSignal): Promise<unknown> {
  switch (call.name) {
    case 'events':
      return reading(() => lookUp(engine, call.query));
    case 'activity':
      return reading(() => activityOf(engine, { hours: call.hours, nowMs: clock.nowMs() }));
    case 'hunt':
      return reading(() => hunt(engine, call.sql, { ...call.options, signal }));
    case 'exportTo':
      return reading(() => exportResult(engine, call.sql, { ...call.options, path: call.path, signal }));
    case 'settled':
      await intake;
      return inTurn(async () => engine.flush());
    case 'seal':
      await intakeSettled();
      return inTurn(() => (call.all && !start.isReadOnly ? engine.seal() : engine.sealEnded()));
    case 'plan':
      await intakeSettled();
      return inTurn(async () => planOf(engine));
    case 'drop':
      return inTurn(() => drop(engine, call.files));
    case 'forget':
      return inTurn(() => forget(engine, call.gone, call.settled));
    case 'repairBegin':
      return inTurn(async () => {
        repair = await Repair.begin(engine, call.file);
      });
    case 'repairAdd':
      return inTurn(async () => repair?.add(unpackBatch(call.batch)));
    case 'repairEnd':
      return inTurn(async () => repair?.finish());
    case 'close':
      return close(() => engine.writer.interruptLookups());
  }
}

/** A full disk must not stop reading: so long it waits for what was accepted before it. */
const INTAKE_WAIT_MS = 2_000;

async function intakeSettled(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, INTAKE_WAIT_MS);
  await Promise.race([intake, promise]);
  clearTimeout(timer);
}

/** Sees all that was accepted before; once more when a damaged file was in the way. */
async function reading<T>(work: () => Promise<T>): Promise<T> {
  await intakeSettled();
  await inTurn(async () => engine.flush());
  try {
    return await work();
  } catch (error) {
    if (error instanceof ArchiveError || isClosing() || !(await inTurn(() => engine.findDamaged(error)))) throw error;
    return work();
  }
}

function isClosing(): boolean {
  return closing.signal.aborted;
}

/** Pause between two attempts to break off what runs: what has just begun may miss one. */
const BREAK_OFF_MS = 50;

/** Begins nothing more, breaks off what may be, and closes when all that runs natively is over. */
async function close(breakOff: () => void): Promise<void> {
  closing.abort();
  for (const controller of running.values()) controller.abort();
  breakOff();
  const again = setInterval(breakOff, BREAK_OFF_MS);
  try {
    await Promise.allSettled(serving);
    await intake;
    await inTurn(() => engine.close());
  } finally {
    clearInterval(again);
  }
}

async function serve(id: number, call: Call): Promise<void> {
  const controller = new AbortController();
  if (call.name !== 'close') running.set(id, controller);
  try {
    const value = await answer(call, controller.signal);
    say({ kind: 'reply', id, value, status: statusOf() });
  } catch (error) {
    say({ kind: 'failure', id, failure: failureOf(error) });
  } finally {
    running.delete(id);
    if (call.name === 'close') port.close();
  }
}

function failureOf(error: unknown): Failure {
  const isOurs = error instanceof WardkeepError;
  return {
    code: isOurs ? (error.code as ArchiveErrorCode) : null,
    text: messageOf(error),
    advice: isOurs ? error.advice : undefined,
  };
}

/** So long what runs is waited for; then the thread ends under it, and with it perhaps the process. */
const DYING_MS_MAX = 30_000;

/**
 * Ends the thread for a fault of ours; the main thread starts another one, which reads from the ledger what this one had
 * not sealed. DuckDB's binding ends the whole process when its thread goes away under native work. So all of it is broken
 * off and waited for, and then the thread is not ended, but left without anything to wait for: native work would hold it.
 */
function die(what: string, error: unknown): void {
  log.error(what, error);
  if (isDying) return;
  isDying = true;
  process.exitCode = 1;
  say({ kind: 'dying', what });
  setTimeout(() => process.exit(1), DYING_MS_MAX).unref();
  // Who closes it already waits for all of it, too.
  if (!isClosing()) void leave();
}

async function leave(): Promise<void> {
  try {
    if (await opened) await close(() => engine.interrupt());
  } catch (error) {
    log.error('the archive was not closed in order', error);
  } finally {
    port.close();
  }
}

process.on('uncaughtException', (error) => die('it has a fault', error));
process.on('unhandledRejection', (error) => die('it has a fault', error));
watchHeap(start.heapMb, (usedMb) =>
  die('its memory is full', new Error(`${usedMb} MiB of ${start.heapMb} MiB are in use`)),
);

function hear(message: ToWorker): void {
  if (isDying) return;
  if (message.kind === 'batch')
    intake = intake.then(() => take(message)).catch((error: unknown) => die('it could not take entries in', error));
  else if (message.kind === 'cancel') running.get(message.id)?.abort();
  else if (message.call.name === 'close') void serve(message.id, message.call);
  else {
    const served = serve(message.id, message.call).finally(() => serving.delete(served));
    serving.add(served);
  }
}

/** Whether it could be opened. */
async function open(): Promise<boolean> {
  const { root, origin, ledgerSize, isReadOnly, classNames } = start;
  try {
    if (!isReadOnly) makeDirectory(root);
    const context = { classNames, standIn: standInMaker(root, { random: systemRandom, isReadOnly }) };
    engine = await Engine.open({ root, origin, ledgerSize, isReadOnly, context, clock, log });
    return true;
  } catch (error) {
    say({ kind: 'stopped', failure: failureOf(error) });
    port.close();
    return false;
  }
}

port.on('message', hear);
const opened = open();
if ((await opened) && !isDying) say({ kind: 'ready', status: statusOf() });
