import type { JsonSource } from '../source.ts';
import type { NativeFields } from '../types.ts';
import { zeekFamily } from './zeek/family.ts';
import { pathBySignature } from './zeek/signature.ts';

/**
 * Zeek's logs as JSON. Where the record does not name its log (`_path`), the fields that only one log has do, and the
 * record gets that `_path`; a record with two hosts that fits none is kept without.
 */
export const zeekJson: JsonSource = {
  name: 'zeek-json',
  title: 'Zeek logs (JSON)',
  families: [zeekFamily],
  oracle: '14 logs of a public Zeek data set; 5 raw/OCSF pairs',
  shape: 'json',
  accepts: isZeek,
  parse(value) {
    if (value['_path'] === undefined) {
      const path = pathBySignature(value);
      if (path !== null) value['_path'] = path;
    }
    return { family: zeekFamily.name, fields: value };
  },
};

function isZeek(value: NativeFields): boolean {
  const { ts } = value;
  if (typeof ts !== 'number' && typeof ts !== 'string') return false;
  if (value['id.orig_h'] !== undefined || typeof value['_path'] === 'string') return true;
  return (
    value['certificate.serial'] !== undefined ||
    (value['msg_types'] !== undefined && value['uids'] !== undefined) ||
    (value['fuid'] !== undefined && value['seen_bytes'] !== undefined) ||
    (value['name'] !== undefined && value['notice'] !== undefined && value['peer'] !== undefined) ||
    (value['note'] !== undefined && value['actions'] !== undefined)
  );
}
