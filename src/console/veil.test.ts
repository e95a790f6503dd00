import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { KeptFinding } from '#respond/incidents';
import type { IncidentSummary, RuleSummary, Suppression } from './api.ts';
import { coverageOf } from './coverage.ts';
import { consoleWordsIn } from './words/words.ts';
import { verdictOf } from './routes/overview.ts';
import { createVeil } from './veil.ts';

const veil = createVeil((patient) => `patient-${patient.length}`);

function incident(title: string, patients: readonly string[]): IncidentSummary {
  return {
    id: 'i',
    number: 'INC-1',
    title,
    severity: 'high',
    state: 'new',
    verdict: null,
    assignee: null,
    firstMs: 0,
    lastMs: 0,
    createdMs: 0,
    findings: 1,
    tactics: [],
    entities: patients.map((name) => ({ kind: 'patient', name, count: 1 })),
  };
}

test('a name is hidden as a whole word in any case, and parts of other words stay', () => {
  const hidden = (title: string, ...patients: string[]): string => veil.incident(incident(title, patients)).title;
  assert.equal(hidden('ANNA ROE, anna roe and Anna Roes', 'Anna Roe'), 'patient-8, patient-8 and Anna Roes');
  assert.equal(hidden('4711 and 47112', '4711'), 'patient-4 and 47112');
  assert.equal(hidden('Anna Roe', 'Anna', 'Anna Roe'), 'patient-8', 'the longest name first');
  assert.equal(hidden('a.b (a.b)', 'a.b'), 'patient-3 (patient-3)');
  assert.equal(hidden('nobody', ''), 'nobody');
});

test('no name of a patient is left in what is shown', () => {
  const name = fc.stringMatching(/^[A-Z]{2,6} [0-9]{3,6}$/);
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (patients, around) => {
      const title = patients.map((one, n) => `${around[n] ?? ''} ${one} `).join('');
      const shown = JSON.stringify(veil.incident(incident(title, patients)));
      for (const one of patients) assert.ok(!shown.includes(` ${one} `), shown);
    }),
  );
});

test('a stand-in leads back to the patient among those of the incident alone', () => {
  assert.equal(veil.lift('patient-4', ['4711', '12']), '4711');
  assert.equal(veil.lift('patient-4', ['12']), 'patient-4');
  const suppression: Suppression = {
    id: 's',
    ruleId: 'r',
    entities: [{ kind: 'patient', name: '4711' }],
    reason: 'seen with 4711',
    expiresMs: 1,
    author: 'ada',
    createdMs: 0,
    hiddenSoFar: 0,
  };
  assert.equal(veil.suppression(suppression).reason, 'seen with patient-4');
});

test('what matched is shown only where no patient can stand in it', () => {
  const rule = { id: 'r', title: 'R', level: 'high' as const, tags: [], author: null };
  const finding: KeptFinding = {
    index: 1,
    uid: 'u',
    rule,
    firstMs: 0,
    atMs: 0,
    events: [],
    eventsTotal: 0,
    match: { Image: 'C:\\x.exe' },
    entities: [{ kind: 'device', name: 'pc' }],
    patients: 0,
    incident: null,
    suppressedBy: null,
  };
  assert.deepEqual(veil.finding(finding).match, { Image: 'C:\\x.exe' });
  assert.deepEqual(veil.finding({ ...finding, patients: 1 }).match, {});
  assert.deepEqual(veil.finding({ ...finding, entities: [{ kind: 'patient', name: 'x' }] }).match, {});
  assert.deepEqual(veil.finding({ ...finding, match: { 'PID.5': 'ROE^ANNA' } }).match, {});
  assert.ok(!('entities' in veil.finding(finding)));
});

test('coverage counts rules by technique, and lists what no rule speaks of', () => {
  const rule = (change: Partial<RuleSummary>): RuleSummary => ({
    id: 'r',
    title: 'R',
    level: 'high',
    origin: 'wardkeep',
    author: null,
    isEnabled: true,
    tactics: ['execution'],
    techniques: [],
    logsource: '',
    findings: 2,
    problem: null,
    ...change,
  });
  const { tactics, techniques } = coverageOf([
    rule({ techniques: ['T1059', 't1059.001'] }),
    rule({ techniques: ['T1059'], isEnabled: false }),
    rule({ techniques: ['T4242'] }),
  ]);
  const found = (id: string) => techniques.find((one) => one.id === id);
  assert.deepEqual(found('T1059'), {
    id: 'T1059',
    name: 'Command and Scripting Interpreter',
    tactics: ['execution'],
    rules: 2,
    enabled: 1,
    findings: 4,
  });
  assert.equal(found('T1059.001')?.name, 'Command and Scripting Interpreter (.001)');
  assert.deepEqual(found('T4242')?.tactics, ['execution'], 'a technique that is not known goes by its rules');
  assert.equal(found('T1486')?.rules, 0);
  const known = new Set(tactics.map(({ id }) => id));
  assert.ok(techniques.every((one) => one.tactics.length > 0 && one.tactics.every((tactic) => known.has(tactic))));
});

test('the first sentence is never better than what is watched', () => {
  const none = { informational: 0, low: 0, medium: 0, high: 0, critical: 0 };
  const words = consoleWordsIn('en');
  const calm = { bySeverity: none, quiet: 0, total: 3, troubles: [] };
  assert.equal(verdictOf(calm, words).sentence, 'Nothing needs you now.');
  assert.equal(verdictOf({ ...calm, total: 0 }, words).verdict, 'look');
  assert.equal(verdictOf({ ...calm, quiet: 1 }, words).verdict, 'look');
  assert.equal(
    verdictOf({ ...calm, bySeverity: { ...none, medium: 2 } }, words).sentence,
    '2 incidents should be looked at today.',
  );
  assert.equal(verdictOf({ ...calm, bySeverity: { ...none, high: 1 } }, words).sentence, 'One incident needs you now.');
  const troubles = [{ code: 'disk', text: 'The disk is full.', advice: 'Free space.' }];
  assert.deepEqual(verdictOf({ ...calm, troubles }, words), {
    verdict: 'act',
    sentence: 'Wardkeep itself needs you: The disk is full.',
  });
});
