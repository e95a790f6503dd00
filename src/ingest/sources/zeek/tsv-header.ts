/** What the `#` lines of a Zeek log say. */
export interface TsvHeader {
  readonly separator: string;
  readonly setSeparator: string;
  readonly empty: string;
  readonly unset: string;
  readonly path: string | null;
  readonly fields: readonly string[];
  readonly types: readonly string[];
}

/** Zeek's own defaults, valid until a header line says otherwise. */
export const DEFAULT_HEADER: TsvHeader = {
  separator: '\t',
  setSeparator: ',',
  empty: '(empty)',
  unset: '-',
  path: null,
  fields: [],
  types: [],
};

/** Columns a log; Zeek's widest has about 50. */
export const COLUMNS_MAX = 1024;

/** The header with one `#` line taken in; lines that say nothing about the columns (`#open`, comments) change nothing. */
export function withHeaderLine(header: TsvHeader, line: string): TsvHeader {
  if (line.startsWith('#separator ')) return { ...header, separator: unescapeBytes(line.slice(11)) || '\t' };
  const [key, ...values] = line.split(header.separator);
  const value = values[0] ?? '';
  switch (key) {
    case '#set_separator':
      return { ...header, setSeparator: value || ',' };
    case '#empty_field':
      return { ...header, empty: value };
    case '#unset_field':
      return { ...header, unset: value };
    case '#path':
      return { ...header, path: value };
    case '#fields':
      return { ...header, fields: values.slice(0, COLUMNS_MAX), types: [] };
    case '#types':
      return { ...header, types: values.slice(0, COLUMNS_MAX) };
    default:
      return header;
  }
}

/** The header as text, for a later reader of the same file. */
export function headerToText(header: TsvHeader): string {
  return JSON.stringify(header);
}

/** The header that `headerToText` wrote; the defaults for null and for text that is not one. */
export function headerFromText(text: string | null): TsvHeader {
  if (text === null) return DEFAULT_HEADER;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...DEFAULT_HEADER, ...value } : DEFAULT_HEADER;
  } catch {
    return DEFAULT_HEADER;
  }
}

/** Zeek's escapes: `\xHH` for one byte, `\\` for a backslash. Bytes that are no UTF-8 together stay escaped. */
export function unescapeBytes(value: string): string {
  if (!value.includes('\\')) return value;
  return value.replace(/(?:\\x[0-9a-fA-F]{2})+|\\\\/g, (run) => {
    if (run === '\\\\') return '\\';
    try {
      return decodeURIComponent(run.replaceAll('\\x', '%'));
    } catch {
      return run;
    }
  });
}
