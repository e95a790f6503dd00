import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, WardkeepError, messageOf, systemErrorWords } from '#kernel';
import { type Config, readConfig } from '#kernel/config';
import { openLedger } from '#ledger';
import { readStatus } from '../status-file.ts';
import { checkDisk } from './disk.ts';
import { checkFiles } from './files.ts';
import { checkKeys } from './keys.ts';
import { checkClock, checkMachine } from './machine.ts';
import { checkPorts, portsOf } from './ports.ts';
import { checkRules } from './rules.ts';
import { type Diagnosis, fail, good, warn } from './types.ts';

export interface DoctorOptions {
  dir: string;
  keyFile?: string | undefined;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
}

/** Looks at everything that a running Wardkeep rests on. Changes nothing; also beside a running server. */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis[]> {
  const { dir, clock } = options;
  const config = configOf(dir);
  const reading = readStatus(dir, clock);
  const running = reading.kind === 'running';
  const found: Diagnosis[] = [...checkMachine()];
  if (existsSync(dir)) found.push(...checkDisk(dir));
  found.push(...(await checkLedger(options)));
  if ('state' in config) found.push(config);
  else if (running) found.push(good('ports', 'Wardkeep is running and holds its ports'));
  else found.push(...(await checkPorts(portsOf(config))));
  if (!('state' in config)) found.push(...(await checkFiles(config)));
  // What the server has noticed itself, the disk apart, which was looked at above.
  if (reading.kind === 'running')
    for (const { code, text, advice } of reading.status.troubles)
      if (code !== 'disk-space') found.push(fail(code, text, advice));
  found.push(checkRules(options), checkWeb());
  return found;
}

function configOf(dir: string): Config | Diagnosis {
  try {
    return readConfig(dir);
  } catch (error) {
    const advice = error instanceof WardkeepError ? error.advice : undefined;
    return fail('configuration', messageOf(error), advice ?? 'mend wardkeep.json');
  }
}

async function checkLedger({ dir, keyFile, clock }: DoctorOptions): Promise<Diagnosis[]> {
  try {
    if (statSync(join(dir, 'ledger', 'ledger.json'), { throwIfNoEntry: false }) === undefined)
      return [
        warn('ledger', `there is no ledger in ${dir} yet`, 'the first `wardkeep up` makes one'),
        checkClock(clock, { newestMs: null }),
      ];
    await using ledger = await openLedger({ dir, mode: 'read', ...(keyFile === undefined ? {} : { keyFile }) });
    const newest = await ledger.entry(ledger.size - 1);
    return [
      good('ledger', `${ledger.origin} opens, ${ledger.size.toLocaleString('en-US')} entries`),
      ...checkKeys({ keyFile: keyFile ?? ledger.manifest.keyFile, anchor: ledger.manifest.anchor }),
      checkClock(clock, { newestMs: newest?.receivedMs ?? null }),
    ];
  } catch (error) {
    const words = systemErrorWords(error);
    const advice = error instanceof WardkeepError ? error.advice : words?.advice;
    return [
      fail('ledger', words?.sentence ?? messageOf(error), advice ?? `wardkeep ledger verify --data ${dir} says more`),
      checkClock(clock, { newestMs: null }),
    ];
  }
}

/** The pages are built when Wardkeep is installed. */
function checkWeb(): Diagnosis {
  const page = new URL('../../../dist/web/index.html', import.meta.url);
  if (existsSync(page)) return good('console', 'the pages of the console are built');
  return warn(
    'console',
    'the pages of the console are not built',
    'run `npm ci` again; `wardkeep up` builds them, too',
  );
}
