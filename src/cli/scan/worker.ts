import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '#kernel';
import { Evaluator } from './evaluator.ts';
import type { EvaluatorOptions, FromWorker, ToWorker } from './types.ts';

invariant(parentPort !== null, 'this file runs as a worker');
const port = parentPort;
const evaluator = new Evaluator(workerData as EvaluatorOptions);

port.on('message', (message: ToWorker) => {
  const { ticket, memberId, info } = message;
  const bytes = Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength);
  const result =
    message.kind === 'lines'
      ? evaluator.lines(memberId, info, bytes, message.offset)
      : evaluator.chunk(memberId, info, bytes, message.last);
  port.postMessage({ ticket, result } satisfies FromWorker);
});
