import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BaseMatcher, loadRules, matchesOf, shippedRulesDir } from '#detect/sigma';
import { type NativeFields, type OcsfEvent, SOURCES, normalise } from '#ingest';
import { type BufferIo, bufferIo } from '../../test/support/buffer-io.ts';
import { detectCommand } from './commands/detect.ts';
import { eventsCommand } from './commands/events.ts';
import { ingestCommand } from './commands/ingest.ts';
import { rulesCommand } from './commands/rules.ts';
import { explainEvent } from './explained-event.ts';
import { UsageError } from './usage.ts';

const RULES = [
  ['windows, category: process_creation', "Image|endswith: '\\vssadmin.exe', CommandLine|contains|windash: ' -quiet'"],
  ['windows, service: security', "EventID: 4625, TargetUserName: 'ada'"],
  ['linux, service: sshd', "'|all': ['Failed password', 'root']"],
  ['zeek, service: conn', "id.resp_p: 3389, id.orig_h|cidr: '10.0.0.0/8'"],
  ['wardkeep, category: network_activity', 'dst_endpoint.port: 3389'],
  ['wardkeep, category: authentication', "user.name: 'ada'"],
];

const LOGS: Record<string, string> = {
  'windows.ndjson': [
    {
      Channel: 'Microsoft-Windows-Sysmon/Operational',
      EventID: 1,
      UtcTime: '2026-11-24 08:00:00.000',
      Computer: 'WARD-PC-07',
      User: 'HOSP\\a.bauer',
      Image: 'C:\\Windows\\System32\\vssadmin.exe',
      CommandLine: 'vssadmin.exe Delete Shadows /All /Quiet',
    },
    {
      Channel: 'Security',
      EventID: 4688,
      EventTime: '2026-11-24T08:00:01Z',
      Hostname: 'WARD-PC-07',
      NewProcessName: 'C:\\Windows\\System32\\vssadmin.exe',
      CommandLine: 'vssadmin.exe Delete Shadows /All /Quiet',
    },
  ]
    .map((one) => `${JSON.stringify(one)}\n`)
    .join(''),
  'security.xml': `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><TimeCreated SystemTime="2026-11-24T08:00:00.0000000Z"/><EventRecordID>7</EventRecordID><Channel>Security</Channel><Computer>dc01.h.org</Computer></System><EventData><Data Name="TargetUserName">ada</Data><Data Name="IpAddress">10.0.0.9</Data><Data Name="LogonType">3</Data></EventData></Event>\n`,
  'auth.log': '2026-11-24T08:00:00Z pc1 sshd[77]: Failed password for root from 10.0.0.9 port 4711 ssh2\n',
  'conn.log': `${JSON.stringify({ ts: 1_795_507_200.5, uid: 'C1', 'id.orig_h': '10.0.0.9', 'id.orig_p': 51_000, 'id.resp_h': '192.0.2.4', 'id.resp_p': 3389, proto: 'tcp', conn_state: 'SF' })}\n`,
};

function placeOf(t: TestContext): string {
  const base = mkdtempSync(join(tmpdir(), 'wardkeep-explain-'));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(LOGS)) writeFileSync(join(base, name), text);
  for (const [n, [logsource, selection]] of RULES.entries()) {
    const id = `00000000-0000-4000-8000-00000000000${n}`;
    writeFileSync(
      join(base, `${n}.yml`),
      `title: Rule ${n}\nid: ${id}\nlevel: high\nlogsource: {product: ${logsource}}\ndetection: {selection: {${selection}}, condition: selection}\n`,
    );
  }
  return base;
}

async function run(
  command: (argv: string[], io: BufferIo) => Promise<number>,
  base: string,
  argv: string[],
): Promise<string> {
  const io = bufferIo({ cwd: base, env: { XDG_DATA_HOME: join(base, 'share') } });
  assert.equal(await command(argv, io), 0, io.err());
  return io.out();
}

test('explain says of a stored event, as events prints it, that the rules of its findings match', async (t) => {
  const base = placeOf(t);
  const where = ['--data', join(base, 'data'), '--key-file', join(base, 'key')];
  const paths = RULES.map((_rule, n) => join(base, `${n}.yml`));
  await run(ingestCommand, base, ['--json', ...where, ...Object.keys(LOGS).map((name) => join(base, name))]);
  const rules = paths.flatMap((path) => ['--rules', path]);
  const { listed } = JSON.parse(await run(detectCommand, base, [...where, ...rules, '--json'])) as {
    listed: { rule: { id: string; title: string }; indexes: number[] }[];
  };
  const found = new Set(listed.map(({ rule }) => rule.title));
  assert.deepEqual(
    [...found].toSorted(),
    RULES.map((_rule, n) => `Rule ${n}`),
  );
  const lines = (await run(eventsCommand, base, [...where, '--output', 'ndjson'])).trim().split('\n');
  for (const line of lines) {
    const { index, class_uid: classUid } = JSON.parse(line) as { index: number; class_uid: number };
    if (classUid === 2004) continue;
    writeFileSync(join(base, 'event.json'), line);
    for (const [n, path] of paths.entries()) {
      const explained = JSON.parse(await run(rulesCommand, base, ['explain', path, 'event.json', '--json'])) as {
        matches: boolean;
      };
      const detected = listed.some(({ rule, indexes }) => rule.title === `Rule ${n}` && indexes.includes(index));
      assert.equal(explained.matches, detected, `rule ${n} on entry ${index}`);
    }
  }
});

test('a finding of Wardkeep itself is not explained, for rules do not look at it', () => {
  const event = { index: 3, class_uid: 2004, metadata: { log_format: 'wardkeep/finding' } };
  const any = {} as Parameters<typeof explainEvent>[0];
  assert.throws(() => explainEvent(any, event, undefined), /a finding of Wardkeep itself/);
  assert.throws(() => explainEvent(any, [event, event], undefined), /holds 2 events/);
});

test('what calls itself an event of the ledger and is none is refused in words', async () => {
  const { rules } = await loadRules([shippedRulesDir()], {});
  const [rule] = rules;
  assert.ok(rule !== undefined);
  const event = { class_uid: 3002, metadata: { log_format: 'ocsf/3002', labels: 7 }, unmapped: 5 };
  for (const family of ['windows/security/4624', 'zeek/conn', 'ocsf/3002', 'sshd/login', 'cef/x'])
    for (const broken of [event, { ...event, unmapped: null, actor: 5 }, { class_uid: 0, metadata: {} }]) {
      const value = { ...broken, metadata: { ...broken.metadata, log_format: family } };
      try {
        explainEvent(rule, value, undefined);
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }
});

interface PackTest {
  rule: string;
  family: string;
  positive: unknown[];
  negative: unknown[];
}

/** All events of the tests of the shipped rules, alone and in sequences. */
function* packEvents(): Generator<{ family: string; fields: NativeFields }> {
  const folder = join(shippedRulesDir(), 'tests');
  for (const name of readdirSync(folder)) {
    const { family, positive, negative } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as PackTest;
    for (const one of [...positive, ...negative].flat() as NativeFields[])
      yield { family, fields: (one['event'] as NativeFields | undefined) ?? one };
  }
}

test('explain on a stored event of the shipped tests gives the answer of detection over the ledger', async () => {
  const { rules } = await loadRules([shippedRulesDir()], {});
  const matcher = new BaseMatcher(rules, new Map());
  let matches = 0;
  for (const { family, fields } of packEvents()) {
    const source = SOURCES.find(({ families }) => families.some(({ name }) => name === family));
    // Rules for what no source reads yet.
    if (source === undefined) continue;
    const context = { receivedMs: 0, zone: undefined, year: undefined, referenceMs: 0, format: source.name };
    const event = JSON.parse(JSON.stringify(normalise({ family, fields }, source, context))) as OcsfEvent;
    const detected = matchesOf(matcher, event).map(({ ruleId }) => ruleId);
    const printed = { index: 5, ...event, raw_data: 'vssadmin delete shadows' };
    const explained = rules.filter((rule) => explainEvent(rule, printed, undefined).matches).map(({ id }) => id);
    assert.deepEqual(explained.toSorted(), detected.toSorted(), JSON.stringify(fields));
    matches += detected.length;
  }
  assert.ok(matches > 50, `${matches} matches`);
});
