import { BlockList, isIP } from 'node:net';

/**
 * Whether an address lies in one of these: addresses, or networks as `10.0.0.0/8`. An IPv4 address counts as such also where
 * it is written as one of IPv6 (`::ffff:10.0.0.1`); what is no address lies in none.
 */
export function networksHolding(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const one of networks) {
    const [address = '', bits] = one.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  };
}
