/**
 * The first `length` bytes of a stream (fewer when it ends before, or when `isEnough` says so), and the whole stream again. `close` lets go of the
 * stream, whether or not it was read.
 */
export async function peek(
  bytes: AsyncIterable<Buffer>,
  length: number,
  isEnough: (head: Buffer) => boolean = () => false,
): Promise<{ head: Buffer; bytes: AsyncGenerator<Buffer>; close: () => Promise<void> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let total = 0;
  let failure: { error: unknown } | null = null;
  while (total < length && failure === null) {
    try {
      const next = await iterator.next();
      if (next.done === true) break;
      read.push(next.value);
      total += next.value.length;
      if (total < length && isEnough(Buffer.concat(read))) break;
    } catch (error) {
      // What came before a broken byte is still to be read; the fault comes up behind it.
      failure = { error };
    }
  }
  const close = async (): Promise<void> => {
    // A generator that was never started would not run its own `finally`.
    await iterator.return?.();
  };
  return { head: Buffer.concat(read).subarray(0, length), bytes: again(read, iterator, failure), close };
}

async function* again(
  read: readonly Buffer[],
  iterator: AsyncIterator<Buffer>,
  failure: { error: unknown } | null,
): AsyncGenerator<Buffer> {
  yield* read;
  if (failure !== null) throw failure.error;
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}
