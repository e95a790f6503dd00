import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { BlockList, type LookupFunction, isIP } from 'node:net';
import { NotificationsError } from './errors.ts';

/** Addresses that are never the receiver of a webhook: link-local ones hold the metadata services of clouds. */
const NEVER = blockList([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
]);
const LOOPBACK = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
]);

export interface TargetOptions {
  /** A receiver on this machine, too: other services here may trust whoever calls from here. */
  allowLoopback: boolean;
}

/**
 * The address of a webhook, checked: http or https, no user name in it, and a receiver that a hospital can have. Private
 * addresses are allowed, since a chat server mostly stands in the house.
 * @throws {NotificationsError} `not_set_up`
 */
export function webhookUrl(text: string, options: TargetOptions): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw unusable('the address of the webhook must begin with https:// or http://');
  if (url.username !== '' || url.password !== '')
    throw unusable('the address of the webhook must not hold a user name or password');
  // The parser has brought every way to write an IPv4 address to its plain form.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 && !isAllowed(host, options)) throw forbidden();
  return url;
}

/** Looks a name up and refuses it when any of its addresses is none for a webhook; the connection goes to what was checked. */
export function checkedLookup(options: TargetOptions, lookup: typeof systemLookup = systemLookup): LookupFunction {
  return (hostname, { all, ...rest }, callback) => {
    lookup(hostname, { ...rest, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = error === null ? addresses : [];
      if (first === undefined) return callback(error ?? forbidden(), [], 4);
      if (!addresses.every(({ address }) => isAllowed(address, options))) return callback(forbidden(), [], 4);
      return all === true ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

function isAllowed(address: string, { allowLoopback }: TargetOptions): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return !NEVER.check(address, family) && (allowLoopback || !LOOPBACK.check(address, family));
}

function blockList(networks: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

function forbidden(): NotificationsError {
  return unusable('the address of the webhook leads to this machine or to one that is none');
}

function unusable(message: string): NotificationsError {
  return new NotificationsError('not_set_up', message, { advice: 'change it under Settings, Notifications' });
}
