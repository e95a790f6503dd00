import { rightsOf } from '#protect/accounts';
import { readCookie } from '../cookies.ts';
import { StreamEventSchema } from '../schemas/overview.ts';
import { type Asked, type Route, callerIn, route } from '../route.ts';

export const STREAM_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/stream',
    summary: 'What happens, as server-sent events; `last-event-id` catches up.',
    access: { right: 'read', scope: 'read' },
    reply: {
      type: 'text/event-stream',
      description: 'Events with ids; each `data` is one of these as JSON.',
      schema: StreamEventSchema,
    },
    async run(asked) {
      const caller = callerIn(asked);
      const stream = asked.services.stream.open({
        callerId: caller.signedIn?.sessionId ?? caller.actor.id,
        seesPatients: caller.seesPatients,
        lastId: asked.request.headers.get('last-event-id'),
        isGood: () => isStillGood(asked, caller.seesPatients),
      });
      return new Response(stream, {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      });
    },
  }),
];

/** A session that ended, or lost a right, ends its streams with the next beat. */
async function isStillGood(
  { services, request }: Asked<unknown, unknown, unknown>,
  sawPatients: boolean,
): Promise<boolean> {
  const authorization = request.headers.get('authorization');
  if (authorization !== null)
    return (await services.accounts.tokens.find(authorization.slice('Bearer '.length))) !== null;
  const signedIn = await services.accounts.session(readCookie(request, services.cookies.session) ?? '');
  return signedIn !== null && (!sawPatients || rightsOf(signedIn.account).includes('see-patients'));
}
