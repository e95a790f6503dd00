import assert from 'node:assert/strict';

/** Rows of a CSV (RFC 4180) by the names of its head. */
export function parseCsv(text: string): Record<string, string>[] {
  assert.equal(text.charCodeAt(0), 0xfeff, 'the mark of UTF-8 is missing');
  const rows: string[][] = [[]];
  const fields = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  fields.lastIndex = 1;
  for (let found = fields.exec(text); found !== null; found = fields.exec(text)) {
    const [, quoted, plain = '', end] = found;
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
    if (fields.lastIndex === text.length) break;
  }
  assert.equal(fields.lastIndex, text.length, 'the file is no CSV');
  const [head = [], ...lines] = rows.slice(0, -1);
  return lines.map((line) => {
    assert.equal(line.length, head.length);
    return Object.fromEntries(head.map((name, at) => [name, line[at] ?? '']));
  });
}
