import { isIPv4, isIPv6 } from 'node:net'

/** A syntax of names in Kubernetes. */
export interface NameSyntax {
  /** As an error says it: "expected …". */
  expected: string
  accepts(text: string): boolean
  /** The nearest valid name, when there is one. */
  repair?(text: string): string | undefined
}

/** RFC 1123 label: "web-1". */
export const label: NameSyntax = {
  expected: 'at most 63 lower-case letters, digits and "-", a letter or digit at both ends',
  accepts: (text) => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text),
  repair: (text) => repaired(text.replaceAll('.', '-'), 63),
}

/** RFC 1035 label: as RFC 1123, but a letter comes first. */
export const letterLabel: NameSyntax = {
  expected: 'at most 63 lower-case letters, digits and "-", a letter first and a letter or digit last',
  accepts: (text) => text.length <= 63 && /^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text),
  repair: (text) => repaired(text.replaceAll('.', '-').replace(/^[^A-Za-z]+/, ''), 63),
}

/** RFC 1123 subdomain: "web.example.com". */
export const subdomain: NameSyntax = {
  expected:
    'at most 253 lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part',
  accepts: (text) =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
  repair: (text) => repaired(text, 253),
}

/** What may stand in a URL path: names of Roles and their bindings. */
export const pathSegment: NameSyntax = {
  expected: 'a name without "/" and "%" that is not "." or ".."',
  accepts: (text) => !/[/%]|^\.{1,2}$/.test(text),
}

/** The key of a label or annotation: "app", "example.com/app". */
export const qualifiedName: NameSyntax = {
  expected: 'a name of at most 63 letters, digits, "-", "_" and ".", with a domain and "/" before it or not',
  accepts(text) {
    const [name, domain, ...rest] = text.split('/').reverse()
    if (rest.length > 0 || (domain !== undefined && !subdomain.accepts(domain))) return false
    return /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/.test(name!)
  },
}

/** The value of a label; may be empty. */
export const labelValue: NameSyntax = {
  expected: 'at most 63 letters, digits, "-", "_" and ".", a letter or digit at both ends',
  accepts: (text) => text === '' || /^([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/.test(text),
}

/** The name of a port (RFC 6335): "http". */
export const portName: NameSyntax = {
  expected: 'at most 15 lower-case letters, digits and "-", one letter among them',
  accepts: (text) => text.length <= 15 && /^[a-z0-9](-?[a-z0-9])*$/.test(text) && /[a-z]/.test(text),
}

/** The key in a ConfigMap or Secret, which becomes a file name. */
export const dataKey: NameSyntax = {
  expected: 'at most 253 letters, digits, "-", "_" and ".", not beginning with ".."',
  accepts: (text) => /^[-._A-Za-z0-9]{1,253}$/.test(text) && text !== '.' && !text.startsWith('..'),
}

/** The name of an environment variable. */
export const variableName: NameSyntax = {
  expected: 'a name of printable characters without "="',
  accepts: (text) => /^[ -<>-~]+$/.test(text),
}

/** A host in an Ingress: a name, or one with "*" as its first part. */
export const wildcardHost: NameSyntax = {
  expected: 'a lower-case host name, "*." before it or not',
  accepts: (text) => subdomain.accepts(text.replace(/^\*\./, '')),
  repair: (text) => repaired(text, 253),
}

/** Whether the text is an IP address, leading zeros included, which the API server still reads. */
export function isAddress(text: string): boolean {
  return isIPv6(text) || isIPv4(withoutLeadingZeros(text))
}

/** Whether the text is a range in CIDR notation: "10.0.0.0/8". */
export function isRange(text: string): boolean {
  const [, address = '', bits = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? []
  return isAddress(address) && Number(bits) <= (address.includes(':') ? 128 : 32)
}

const withoutLeadingZeros = (text: string) => text.replace(/(^|\.)0+(?=\d)/g, '$1')

function repaired(text: string, limit: number): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, limit)
    .replace(/[^a-z0-9]+$/, '')
  return name || undefined
}
