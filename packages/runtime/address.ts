import ipaddr from 'ipaddr.js';

export type Net = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** `10.0.0.0/8, ::1/128` → nets. Throws an Error that names the bad part. */
export function parseNets(text: string): Net[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (ipaddr.isValidCIDR(part)) return ipaddr.parseCIDR(part);
      throw new Error(`${JSON.stringify(part)} is not a net like 10.0.0.0/8`);
    });
}

export function isInNets(address: string, nets: readonly Net[]): boolean {
  const found = parseAddress(address);
  return found !== null && nets.some(([net, bits]) => net.kind() === found.kind() && found.match(net, bits));
}

/** Anybody's address on the Internet: nothing local, private, shared, reserved or transitional. */
export function isPublicAddress(address: string): boolean {
  const found = parseAddress(address);
  if (found === null) return false;
  if (found.range() !== 'unicast') return false;
  return found.kind() === 'ipv4' || found.match(globalUnicast);
}

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/** IPv4 inside IPv6: NAT64 in the last four bytes, 6to4 in bytes 2 to 5. Mapped ones are unwrapped by `process`. */
const carriers: { net: [ipaddr.IPv6, number]; from: number }[] = [
  { net: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), from: 12 },
  { net: ipaddr.IPv6.parseCIDR('64:ff9b:1::/48'), from: 12 },
  { net: ipaddr.IPv6.parseCIDR('2002::/16'), from: 2 },
];

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  const bare = text.replace(/^\[|\]$/g, '');
  if (!ipaddr.IPv6.isValid(bare) && !ipaddr.IPv4.isValidFourPartDecimal(bare)) return null;
  const address = ipaddr.process(bare);
  if (address.kind() === 'ipv4') return address;
  const bytes = address.toByteArray();
  const carrier = carriers.find(({ net }) => (address as ipaddr.IPv6).match(net));
  return carrier ? new ipaddr.IPv4(bytes.slice(carrier.from, carrier.from + 4)) : address;
}

/** True for what `URL.hostname` gives for an address, with or without brackets. */
export function isAddress(hostname: string): boolean {
  return parseAddress(hostname) !== null;
}
