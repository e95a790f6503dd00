import { put } from '../../ocsf/native.ts';
import type { MessageSource, Parsed } from '../../source.ts';
import type { NativeFields } from '../../types.ts';
import { windows } from './family.ts';
import { readMessage } from './message-text.ts';
import { eventNumber } from './system-fields.ts';

/** The first line of an event: the time, in the host's zone, as Splunk's forwarder writes it. */
const START = /^\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d [AP]M\r?\n(?=[A-Za-z]{2,30}=)/gm;

/** Lines between the time and the message. */
const HEADER_LINES_MAX = 100;

const NAMES: Readonly<Record<string, string>> = {
  LogName: 'Channel',
  EventCode: 'EventID',
  ComputerName: 'Computer',
  RecordNumber: 'EventRecordID',
};

/** Windows events as lines of `Name=value`, the message last: what Splunk's forwarder writes. */
export const windowsText: MessageSource = {
  shape: 'message',
  name: 'windows-text',
  title: 'Windows events as text (Splunk WinEventLog)',
  families: [windows],
  oracle: 'five published pairs of event and OCSF',
  recognise: ({ text }) => new RegExp(`^\\s*${START.source}`).test(text.slice(0, 200)) && /^EventCode=\d/m.test(text),
  starts: (text) => Array.from(text.matchAll(START), ({ index }) => index),
  parse: parseWindowsText,
};

function parseWindowsText(text: string): Parsed {
  const lines = text.trimStart().split(/\r?\n/, HEADER_LINES_MAX);
  const fields: NativeFields = { TimeCreated: lines[0] };
  for (const line of lines.slice(1)) {
    const at = line.indexOf('=');
    if (at === -1) continue;
    const name = line.slice(0, at);
    if (name === 'Message') break;
    put(fields, (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined) ?? name, line.slice(at + 1));
  }
  fields['EventID'] = eventNumber(fields['EventID']);
  if (typeof fields['EventID'] !== 'number') return { reject: 'bad_record', reason: 'the event states no event code' };
  const message = /^Message=([^]*)$/m.exec(text)?.[1]?.trimEnd();
  if (message !== undefined) {
    fields['Message'] = message;
    readMessage(message, fields);
  }
  return { family: windows.name, fields };
}
