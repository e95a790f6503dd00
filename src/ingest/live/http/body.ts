import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { BODIES_BYTES_MAX, BODY_MS_MAX, SUBMISSION_BYTES_MAX } from '../limits.ts';
import { HttpProblem } from './problem.ts';

const DECODERS = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
} as const;

/** Reads bodies, within a budget that they share. */
export class BodyReader {
  readonly #msMax: number;
  #bytes = 0;

  constructor(msMax = BODY_MS_MAX) {
    this.#msMax = msMax;
  }

  /**
   * The whole body, decompressed.
   * @throws {HttpProblem} 408, 413, 415, 400 (broken compression), 503 (too many bodies at once)
   */
  async read(request: IncomingMessage): Promise<Buffer> {
    const decode = decoderOf(request);
    const stated = Number(request.headers['content-length'] ?? 0);
    if (stated > SUBMISSION_BYTES_MAX) throw tooLarge();
    const body = await this.#gather(request);
    if (decode === null) return body;
    try {
      return await decode(body, { maxOutputLength: SUBMISSION_BYTES_MAX });
    } catch (error) {
      if (error instanceof RangeError) throw tooLarge();
      throw new HttpProblem(400, 'the body is not compressed as its header says');
    }
  }

  async #gather(request: IncomingMessage): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        const timer = setTimeout(() => reject(new HttpProblem(408, 'the body came too slowly')), this.#msMax);
        request.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          this.#bytes += chunk.length;
          chunks.push(chunk);
          if (bytes > SUBMISSION_BYTES_MAX) reject(tooLarge());
          else if (this.#bytes > BODIES_BYTES_MAX) reject(busy());
        });
        request.on('end', () =>
          resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
        );
        request.on('error', reject);
        request.on('close', () => {
          clearTimeout(timer);
          reject(new HttpProblem(400, 'the body was cut short'));
        });
      });
    } finally {
      this.#bytes -= bytes;
      request.removeAllListeners('data');
    }
  }
}

export function busy(): HttpProblem {
  return new HttpProblem(503, 'too much is being sent at once; send it again in a moment');
}

function tooLarge(): HttpProblem {
  return new HttpProblem(
    413,
    `a body has at most ${SUBMISSION_BYTES_MAX} bytes, also when unpacked: send it in smaller parts`,
  );
}

function decoderOf(request: IncomingMessage): (typeof DECODERS)[keyof typeof DECODERS] | null {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return null;
  if (Object.hasOwn(DECODERS, encoding)) return DECODERS[encoding as keyof typeof DECODERS];
  throw new HttpProblem(415, `bodies may be packed as ${Object.keys(DECODERS).join(', ')}`);
}
