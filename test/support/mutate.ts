/** Mutations for fuzz loops: one seed gives one run. */

/** Numbers in [0, bound), the same ones for the same seed (mulberry32). */
export type Below = (bound: number) => number;

export function seeded(seed: number): Below {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/** Bytes that parsers of text and of lengths trip over. */
const SHARP = Buffer.from('\n\n  +=0/-\r\t\0—{}[]":,x\xff\xfe\xef\xbb\xbf', 'latin1');

/** A changed copy of one of the samples: one to four cuts, flips, insertions, repetitions or splices. */
export function mutate(samples: readonly Uint8Array[], below: Below): Buffer {
  const pick = (): Buffer => Buffer.from(samples[below(samples.length)] ?? []);
  let bytes = pick();
  for (let round = below(4); round >= 0; round--) {
    const at = below(bytes.length + 1);
    const to = Math.min(bytes.length, at + 1 + below(40));
    const head = bytes.subarray(0, at);
    const action = below(6);
    if (action === 0) bytes = Buffer.concat([head, bytes.subarray(to)]);
    else if (action === 1) bytes = Buffer.concat([head, bytes.subarray(at, to), bytes.subarray(at)]);
    else if (action === 2)
      bytes = Buffer.concat([head, SHARP.subarray(below(SHARP.length)).subarray(0, 1 + below(3)), bytes.subarray(at)]);
    else if (action === 3) bytes = Buffer.concat([head, pick().subarray(below(pick().length + 1))]);
    else if (action === 4) bytes = Buffer.from(head);
    else if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
  }
  return bytes;
}
