import type { CliIo } from '../../src/cli/io.ts';

/** A command's world that keeps what was printed. */
export interface BufferIo extends CliIo {
  out(): string;
  err(): string;
}

export function bufferIo(over: Partial<CliIo> = {}): BufferIo {
  let out = '';
  let err = '';
  return {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    stdin: async function* () {
      // Nothing comes by standard input.
    },
    interactive: false,
    color: false,
    columns: 100,
    env: {},
    cwd: '/',
    ...over,
    out: () => out,
    err: () => err,
  };
}
