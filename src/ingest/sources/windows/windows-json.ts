import type { JsonSource } from '../../source.ts';
import { windows } from './family.ts';
import { parsedXml } from './windows-xml.ts';
import { envelopeOf, recordOfJson } from './json-record.ts';

/** Windows events as JSON: flat (NXLog, agents), Winlogbeat, `Event`/`System`/`EventData`, Log Analytics. */
export const windowsJson: JsonSource = {
  shape: 'json',
  name: 'windows-json',
  title: 'Windows events as JSON (Winlogbeat, NXLog, raw, Log Analytics)',
  families: [windows],
  oracle: 'OTRF Security-Datasets, 138,951 events',
  accepts: (value) => envelopeOf(value) !== null,
  parse(value) {
    const envelope = envelopeOf(value);
    if (envelope === null) return null;
    return parsedXml(recordOfJson(value, envelope));
  },
};
