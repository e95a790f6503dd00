import { BlockList, isIP } from 'node:net';

/** Addresses of networks inside: RFC 1918, RFC 6598, link-local, and unique local ones of IPv6 (RFC 4193). */
const INTERNAL = new BlockList();
for (const [network, prefix] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
] as const)
  INTERNAL.addSubnet(network, prefix, 'ipv4');
INTERNAL.addSubnet('fc00::', 7, 'ipv6');
INTERNAL.addSubnet('fe80::', 10, 'ipv6');

/** Whether it belongs to a network inside. A hospital may use public addresses inside, too: those count as outside. */
export function isInternal(address: string): boolean {
  return INTERNAL.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
