import { isIP } from 'node:net';
import { networksHolding } from '#kernel';

/** Addresses of one chain that are looked at, from its end. */
const HOPS_MAX = 16;

/** Who asks, as far as it can be believed. */
export type ClientAddress = (peer: string, forwardedFor: string | null) => string;

/**
 * Believes `X-Forwarded-For` of proxies in `trusted` alone (addresses, or networks as `10.0.0.0/8`): each proxy appends
 * whom it heard, so that the first from the end that is no such proxy is who asks. What stands in front of it anybody may
 * have written.
 */
export function clientAddressOf(trusted: readonly string[]): ClientAddress {
  if (trusted.length === 0) return (peer) => peer;
  const isTrusted = networksHolding(trusted);
  return (peer, forwardedFor) => {
    let address = peer;
    const chain = forwardedFor?.split(',').slice(-HOPS_MAX).toReversed() ?? [];
    for (const hop of chain) {
      if (!isTrusted(address)) break;
      const next = plain(hop.trim());
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  };
}

/** Some proxies write a port behind the address. */
function plain(hop: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice('::ffff:'.length) : bare;
}
