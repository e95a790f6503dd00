import type { Socket } from 'node:net';
import { type TlsOptions } from 'node:tls';
import { systemClock } from '#kernel';
import { type AckCode, acknowledgement, isHl7 } from './hl7-ack.ts';
import { MllpFramer } from './mllp-framer.ts';
import { type Listener, type ListenOptions, listenStream } from './stream-listener.ts';

/** HL7v2 over MLLP; each message is acknowledged when it is durable. @throws {LiveError} `cannot_listen` */
export function listenMllp(options: ListenOptions & { tls?: TlsOptions }): Promise<Listener> {
  const { clock = systemClock } = options;
  let answered = 0;
  const answer = (socket: Socket, message: Buffer, { code, text }: { code: AckCode; text: string }): void => {
    const nowMs = clock.nowMs();
    if (socket.writable) socket.write(acknowledgement(message, { code, text, nowMs, id: `${nowMs}-${answered++}` }));
  };
  return listenStream({
    ...options,
    kind: 'mllp',
    transport: 'mllp',
    framer: () => new MllpFramer(),
    answers: (socket) => ({
      framesMax: 1,
      onDurable([message], { rejected }) {
        if (message === undefined) return;
        if (rejected === 0 && isHl7(message)) answer(socket, message, { code: 'AA', text: '' });
        else answer(socket, message, { code: 'AE', text: 'kept as it came; it could not be understood' });
      },
      onRefused([message]) {
        if (message !== undefined)
          answer(socket, message, { code: 'AR', text: 'nothing can be taken now; send it again' });
      },
    }),
  });
}
