import ipaddr from 'ipaddr.js'

/** An inclusive range of addresses of one family, as numbers. */
export interface AddressRange {
  family: 4 | 6
  first: bigint
  last: bigint
}

/** True for one IPv4 address in four plain decimals, or one IPv6 address without brackets or zone. */
export function isAddress(text: string): boolean {
  if (text.includes(':')) return !text.includes('%') && ipaddr.IPv6.isValid(text)
  return ipaddr.IPv4.isValidFourPartDecimal(text)
}

/** True for one subnet, or one of each family with a comma, without address bits after the prefix. */
export function isCidr(text: string): boolean {
  const families = text.split(',').map(singleSubnetFamily)
  return !families.includes(undefined) && new Set(families).size === families.length
}

/** True for a subnet or for first-last of one family; a reversed range has the right form. */
export function isAddressRange(text: string): boolean {
  if (text.includes('/')) return singleSubnetFamily(text) !== undefined
  const ends = text.split('-')
  return (
    ends.length === 2 && ends.every(isAddress) && addressOf(ends[0]!).kind() === addressOf(ends[1]!).kind()
  )
}

/** True for host:port, where an IPv6 host stands in brackets. */
export function isEndpoint(text: string): boolean {
  const endpoint = parseEndpoint(text)
  return endpoint !== undefined && endpoint.port >= 1 && endpoint.port <= 65535
}

/** The two parts of host:port; undefined when there are not two. */
export function parseEndpoint(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text)
  if (!match) return undefined
  const host = match[1] ?? match[2]!
  const named =
    match[2] !== undefined && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(host) && !/^[0-9.]+$/.test(host)
  if (!named && !isAddress(host)) return undefined
  return { host, port: Number(match[3]) }
}

/** The ranges that a text of subnets and first-last pairs covers; what has the wrong form is left out. */
export function rangesOf(text: string): AddressRange[] {
  return text
    .split(/[\s,]+/)
    .filter(isAddressRange)
    .map(rangeOf)
}

/** The range of one address; undefined when it is none. */
export function rangeOfAddress(text: string): AddressRange | undefined {
  return isAddress(text) ? rangeBetween(addressOf(text), addressOf(text)) : undefined
}

/** The subnet that an address with a prefix lies in: 10.96.0.0/12 for 10.96.0.1/12. */
export function networkOf(text: string): string | undefined {
  const [address, prefix] = text.split('/')
  if (!isAddress(address!) || !ipaddr.isValidCIDR(text)) return undefined
  const { IPv4, IPv6 } = ipaddr
  return `${(text.includes(':') ? IPv6 : IPv4).networkAddressFromCIDR(text)}/${prefix}`
}

/** The one spelling of an address: fd00:0::1 and fd00::1 are the same. What is no address stays as it is. */
export function normalAddress(text: string): string {
  return isAddress(text) ? addressOf(text).toString() : text
}

/** True when the two share an address. */
export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

function singleSubnetFamily(text: string): string | undefined {
  const [address, prefix, more] = text.split('/')
  if (more !== undefined || !/^(0|[1-9][0-9]{0,2})$/.test(prefix ?? '') || !isAddress(address!))
    return undefined
  if (!ipaddr.isValidCIDR(text)) return undefined
  const range = rangeOf(text)
  return range.first === numberOf(addressOf(address!)) ? addressOf(address!).kind() : undefined
}

function rangeOf(text: string): AddressRange {
  if (!text.includes('/')) {
    const [first, last] = text.split('-').map(addressOf)
    return rangeBetween(first!, last!)
  }
  const classOf = text.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4
  return rangeBetween(classOf.networkAddressFromCIDR(text), classOf.broadcastAddressFromCIDR(text))
}

function rangeBetween(first: Address, last: Address): AddressRange {
  return { family: first.kind() === 'ipv4' ? 4 : 6, first: numberOf(first), last: numberOf(last) }
}

function numberOf(address: Address): bigint {
  return address.toByteArray().reduce((number, byte) => number * 256n + BigInt(byte), 0n)
}

// Not ipaddr.process: an IPv4-mapped IPv6 address stays what it is written as.
function addressOf(text: string): Address {
  return ipaddr.parse(text)
}
