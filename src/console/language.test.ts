import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident, IncidentSummary, Overview, SourceStatus } from './api.ts';
import { setUp } from './client.fixture.ts';
import { openWorld } from './console.fixture.ts';
import { languageOf } from './language.ts';

const SPANISH = { 'accept-language': 'es' };

test('the language is the one that a reader likes best of those we have', () => {
  const of = (header: string | null): string =>
    languageOf({ headers: new Headers(header === null ? {} : { 'accept-language': header }) });
  for (const [header, wanted] of [
    [null, 'en'],
    ['', 'en'],
    ['es', 'es'],
    ['es-MX,es;q=0.9,en;q=0.8', 'es'],
    ['en-US,es;q=0.9', 'en'],
    ['de, es;q=0.4, en;q=0.7', 'en'],
    ['de,fr;q=0.8', 'en'],
    ['en;q=0,es;q=0.1', 'es'],
    ['est, esx', 'en'],
    ['es;q=9', 'en'],
    [`${'x,'.repeat(5_000)}es`, 'en'],
  ] as const)
    assert.equal(of(header), wanted, String(header).slice(0, 40));
});

test('an incident is told in the language of its reader, also in the answer to what they do', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  await world.find({});
  await world.find({});
  const { items } = (await (await admin.call('GET', '/incidents')).json()) as { items: IncidentSummary[] };
  const path = `/incidents/${items[0]?.id ?? ''}`;
  const read = async (method: string, to: string, body?: unknown, headers?: Record<string, string>) =>
    (await (await admin.call(method, to, body, headers)).json()) as Incident;
  const english = await read('GET', path);
  const spanish = await read('GET', path, undefined, SPANISH);
  assert.match(english.story.join(' '), /the account j\.doe opened a patient record/);
  assert.match(spanish.story.join(' '), /la cuenta j\.doe abrió la historia clínica de un paciente/);
  // Names, numbers and what people wrote are the same in both.
  assert.deepEqual(
    spanish.timeline.map(({ finding, atMs, rule }) => ({ finding, atMs, rule })),
    english.timeline.map(({ finding, atMs, rule }) => ({ finding, atMs, rule })),
  );
  assert.equal(spanish.title, english.title);

  const changes = [
    { state: 'contained' },
    { state: 'closed', verdict: 'benign' },
    { verdict: null, assignee: 'ada' },
    { assignee: null, severity: 'low' },
    { severity: null, title: 'Renamed' },
  ];
  for (const change of changes) await admin.call('PATCH', path, change);
  const note = await read('POST', `${path}/notes`, { text: 'state: open' }, SPANISH);
  assert.deepEqual(
    note.notes.map(({ text }) => text),
    ['state: open'],
  );
  assert.deepEqual(
    note.history.map(({ text }) => text),
    [
      'estado: contenido',
      'estado: cerrado',
      'juicio: real pero inofensivo',
      'se retiró el juicio',
      'asignado a ada',
      'ya no está asignado a nadie',
      'gravedad fijada: baja',
      'la gravedad vuelve a seguir los hallazgos',
      'se cambió el título',
    ],
  );
  const parts = await read('POST', `${path}/split`, { findings: [note.timeline[0]?.finding] }, SPANISH);
  assert.deepEqual(
    parts.history.map(({ text }) => text),
    ['separado de INC-1'],
  );
  const whole = await read('POST', `${path}/merge`, { ids: [parts.id] }, SPANISH);
  assert.deepEqual(
    whole.history.slice(-2).map(({ text }) => text),
    ['se separó un hallazgo', 'se unió a él INC-2'],
  );
});

test('the overview and the sources speak the reader’s language, too', async (t) => {
  const world = await openWorld(t);
  const admin = await setUp(world);
  world.troubles.push({
    code: 'disk-space',
    text: 'Only 1.2 GiB are free on the disk of the data directory.',
    advice: 'Make room, or shorten the retention of telemetry.',
  });
  await admin.call('POST', '/sources', { name: 'Firewall', kind: 'syslog' });
  const [source] = world.sources;
  assert.ok(source !== undefined);
  Object.assign(source, {
    health: 'troubled',
    problem: '40 of 90 records of the last hour could not be read; they are kept as they came',
  });
  const read = async <T>(path: string): Promise<T> =>
    (await (await admin.call('GET', path, undefined, SPANISH)).json()) as T;
  const { sentence, tasks, troubles } = await read<Overview>('/overview');
  assert.equal(
    sentence,
    'El propio Wardkeep le necesita: Solo quedan 1.2 GiB libres en el disco del directorio de datos.',
  );
  assert.deepEqual(
    troubles.map(({ advice }) => advice),
    ['Haga sitio o acorte la conservación de la telemetría.'],
  );
  assert.deepEqual(
    tasks.map(({ text }) => text),
    [
      'Solo quedan 1.2 GiB libres en el disco del directorio de datos. Haga sitio o acorte la conservación de la telemetría.',
      'Firewall: no se pudieron leer 40 de los 90 registros de la última hora; se guardan como llegaron',
      'Un administrador no tiene segundo factor',
      'Diga a quién avisar de los incidentes, por correo o webhook',
    ],
  );
  const [shown] = await read<SourceStatus[]>('/sources');
  assert.match(shown?.problem ?? '', /^no se pudieron leer/);
  // What no catalogue knows is told as it is, rather than not at all.
  Object.assign(source, { problem: 'something new' });
  assert.equal((await read<SourceStatus[]>('/sources'))[0]?.problem, 'something new');
});
