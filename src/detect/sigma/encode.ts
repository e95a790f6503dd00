export type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'utf16';

/** The bytes of a text; `utf16` is little-endian behind a byte order mark, as the specification's appendix has it. */
export function encodeText(text: string, encoding: Encoding): Buffer {
  if (encoding === 'utf8') return Buffer.from(text, 'utf8');
  const little = Buffer.from(text, 'utf16le');
  if (encoding === 'utf16be') return little.swap16();
  return encoding === 'utf16le' ? little : Buffer.concat([Buffer.from([0xff, 0xfe]), little]);
}

/** First characters of a Base64 text that depend on the bytes in front of it, and last ones on those behind it. */
const HEAD_CHARS = [0, 2, 3] as const;
const TAIL_CHARS = [0, 3, 2] as const;

/** The three texts that the bytes give inside Base64, one for each position within a group of three. */
export function base64Offsets(bytes: Buffer): string[] {
  return HEAD_CHARS.map((head, offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const tail = TAIL_CHARS[(offset + bytes.length) % 3] ?? 0;
    return encoded.slice(head, encoded.length - tail);
  });
}
