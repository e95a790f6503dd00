import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { sharedPath, skipWithoutShared } from '../../../../test/support/shared.ts';
import { type Item, MemberReader } from '../../read/reader.ts';
import { SOURCES } from '../all.ts';
import { sampleFile } from './evtx/sample-file.ts';

/** Reads bytes as a file of that name would be, with all sources to choose from. */
function read(name: string, bytes: Buffer, step = 4096): Item[] {
  const reader = new MemberReader(name, bytes.subarray(0, 65_536), { sources: SOURCES });
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; at += step) items.push(...reader.push(bytes.subarray(at, at + step)));
  return [...items, ...reader.end()];
}

function summary(items: readonly Item[]): unknown[] {
  return items.map(({ source, parsed }) =>
    'fields' in parsed ? [source?.name, parsed.fields['EventID']] : parsed.reject,
  );
}

const EVENT = `<Event xmlns="urn:x"><System><EventID>1</EventID><Channel>A</Channel></System><EventData><Data Name="a">b</Data></EventData></Event>`;

test('XML events: alone, one after the other, under a root, with a declaration, as a browser copies them', () => {
  const one = ['windows-xml', 1];
  for (const [text, count] of [
    [EVENT, 1],
    [`${EVENT}\n${EVENT}${EVENT}`, 3],
    [`<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>${EVENT}${EVENT}</Events>`, 2],
    [EVENT.replaceAll(/<(?=Event |System|EventData)/g, '- <'), 1],
  ] as const)
    assert.deepEqual(
      summary(read('a.xml', Buffer.from(text), 100)),
      Array.from({ length: count }, () => one),
      text,
    );
});

test('an event that is cut at the end of its file is rejected, those before it are read', () => {
  const items = read('a.xml', Buffer.from(EVENT + EVENT.slice(0, 80)));
  assert.deepEqual(summary(items), [['windows-xml', 1], 'truncated']);
});

test('flat JSON, one a line or in an array', () => {
  const event = { EventID: 4624, Channel: 'Security', Hostname: 'pc-1' };
  const two = [
    ['windows-json', 4624],
    ['windows-json', 4624],
  ];
  assert.deepEqual(summary(read('a.json', Buffer.from(`${JSON.stringify(event)}\n${JSON.stringify(event)}\n`))), two);
  assert.deepEqual(summary(read('a.json', Buffer.from(JSON.stringify([event, event], null, 2)))), two);
});

test('an event log file is known by its content, whatever its name', () => {
  const file = sampleFile({ records: [[], []] });
  assert.deepEqual(summary(read('noise.txt', file)), [
    ['evtx', 4242],
    ['evtx', 4242],
  ]);
});

test('the samples are read by the right source', skipWithoutShared, () => {
  for (const [path, source, count] of [
    ['windows-other/crowdsec-windows-bf-windows-bf.log', 'windows-xml', 6],
    ['windows-other/crowdsec-windows-logs-windows-logs.log', 'windows-xml', 1],
    ['evtx/Security_short_selected.evtx', 'evtx', 7],
    ['ocsf-pairs/Microsoft/Windows_Events/4624/4624_0.event', 'windows-text', 1],
  ] as const) {
    const items = read(path, readFileSync(sharedPath(`formats/${path}`)));
    assert.deepEqual(
      items.map((item) => ('fields' in item.parsed ? item.source?.name : item.parsed)),
      Array.from({ length: count }, () => source),
      path,
    );
  }
});
