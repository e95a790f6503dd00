/** A record or chunk that cannot be read. Stays within this folder: readers turn it into a rejection. */
export class EvtxFault extends Error {}

/** Runs `read`; what is broken in the bytes, a read beyond their end included, becomes the text of a fault. */
export function attempt<T>(read: () => T): { value: T } | { fault: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof EvtxFault) return { fault: error.message };
    // Node's buffers throw RangeError on a read beyond their end.
    if (error instanceof RangeError) return { fault: 'it points beyond the end of its chunk' };
    throw error;
  }
}
