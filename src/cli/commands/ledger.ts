import { UsageError } from '../usage.ts';
import { type CliIo, EXIT } from '../io.ts';
import type { LedgerSubcommand } from './ledger/subcommand.ts';

const HELP = `Usage: wardkeep ledger COMMAND --data DIR [OPTIONS]

Looks after the ledger: the log of all that happened, which nobody can rewrite.

  init         make a ledger: [--origin NAME] [--key-file FILE] [--anchor FILE];
               the key file's folder must be there, but for the default one
  verify       check every entry, tile and body: [--tree-only] [--key VKEY]...
               (both keys that "ledger keys" printed, one --key each; else
               against those that the directory itself names)
  prove INDEX  write a receipt for one entry: [--open normal,raw,patient]
               [--compact] [--out FILE]; without --out it is printed
  export OUT   write the published tree as static files that any C2SP client
               reads; leaves alone, so that it needs no master key
  checkpoint   publish and print the signed checkpoint: [--new-anchor] where
               the anchor is lost for good
  keys         print the public keys and a policy for those who verify receipts
  rotate       make new signing keys; old receipts stay valid
  close        end the log; with --successor DIR a new one goes on:
               [--origin NAME] [--successor-key-file FILE]
  erase        erase bodies: --index N[,N...] --reason TEXT; their leaves stay;
               findings and open correlations that quote them go with them
  hold         legal holds: [--place NAME [--from DAY] [--to DAY]]
               [--release NAME]; else a list
  retention    [--record DAYS] [--telemetry DAYS] [--apply]; else what is set;
               refused where the clock is 7 days or more beyond the newest
               entry: [--clock-is-right]

Each takes --data DIR, --json, and --key-file FILE where the master key does not
lie in its default place. Without the master key, verify checks the tree alone,
export works as ever, and all else refuses.
Exit code: 0 done or good; 1 failed or bad; 2 wrong usage.

Examples:
  wardkeep ledger init --data /srv/wardkeep --origin log.hospital.example/access
  wardkeep ledger verify --data /srv/wardkeep
  wardkeep ledger prove 47 --data /srv/wardkeep --open normal --out a.tlog-proof
`;

/** `ledger …`: see its help. Gives the exit code. */
export async function ledgerCommand(argv: string[], io: CliIo): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || argv.includes('--help') || argv.includes('-h')) {
    if (name === undefined) io.stderr(HELP);
    else io.stdout(HELP);
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const subcommand = await loaded(name);
  if (subcommand === null) throw new UsageError(`there is no command "ledger ${name}"`);
  return subcommand(rest, io);
}

/** Whoever verifies does not wait for the code of what changes; null where there is no such command. */
async function loaded(name: string): Promise<LedgerSubcommand | null> {
  const { readCommands } = await import('./ledger/read.ts');
  if (Object.hasOwn(readCommands, name)) return readCommands[name as keyof typeof readCommands];
  const { changeCommands } = await import('./ledger/change.ts');
  return Object.hasOwn(changeCommands, name) ? changeCommands[name as keyof typeof changeCommands] : null;
}
