import type { Parsed, TableReader, TableSource } from '../source.ts';
import type { NativeFields } from '../types.ts';
import { put } from '../ocsf/native.ts';
import { zeekFamily } from './zeek/family.ts';
import { headerFromText, headerToText, type TsvHeader, unescapeBytes, withHeaderLine } from './zeek/tsv-header.ts';

/**
 * Zeek's logs as tab-separated text. The columns come from `#fields`, their types from `#types`; unset fields are left
 * out, so that a record has the fields that the same record has in JSON.
 */
export const zeekTsv: TableSource = {
  name: 'zeek-tsv',
  title: 'Zeek logs (TSV)',
  families: [zeekFamily],
  oracle: '8 logs of a public Zeek data set',
  shape: 'table',
  recognise: (head) => /^#separator \S/.test(head.text) || /^#fields\tts\t/m.test(head.text.slice(0, 4096)),
  open: (state) => openZeekTable(state),
};

function openZeekTable(state: string | null): TableReader {
  let header = headerFromText(state);
  return {
    line(text) {
      if (text.charCodeAt(0) !== 0x23) return rowOf(text, header);
      header = withHeaderLine(header, text);
      return null;
    },
    state: () => headerToText(header),
  };
}

function rowOf(line: string, header: TsvHeader): Parsed {
  const cells = line.split(header.separator);
  const { fields: names, types } = header;
  if (names.length === 0) return { reject: 'bad_csv', reason: 'the row comes before the line that names its columns' };
  if (cells.length !== names.length)
    return { reject: 'bad_csv', reason: `the row has ${cells.length} columns, its header ${names.length}` };
  const fields: NativeFields = {};
  if (header.path !== null && header.path !== '') fields['_path'] = header.path;
  for (let i = 0; i < cells.length; i += 1) {
    const cell = cells[i] ?? '';
    if (cell !== header.unset) put(fields, names[i] ?? '', valueOf(cell, types[i] ?? 'string', header));
  }
  return { family: zeekFamily.name, fields };
}

function valueOf(cell: string, type: string, header: TsvHeader): unknown {
  const inner = /^(?:set|vector|list|table)\[(.+)\]$/.exec(type)?.[1];
  if (inner !== undefined) {
    if (cell === header.empty) return [];
    return cell.split(header.setSeparator).map((item) => (item === header.unset ? null : scalarOf(item, inner)));
  }
  return cell === header.empty ? '' : scalarOf(cell, type);
}

function scalarOf(cell: string, type: string): unknown {
  switch (type) {
    case 'bool':
      return cell === 'T' ? true : cell === 'F' ? false : cell;
    case 'count':
    case 'int':
    case 'port':
    case 'time':
    case 'interval':
    case 'double':
      return numberOf(cell);
    default:
      return unescapeBytes(cell);
  }
}

/** A number that JavaScript holds exactly; others, and times written as ISO 8601, stay text. */
function numberOf(cell: string): unknown {
  if (!/^-?\d{1,15}(?:\.\d{1,9})?$/.test(cell)) return cell;
  return Number(cell);
}
