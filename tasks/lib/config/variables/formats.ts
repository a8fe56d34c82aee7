import { isAddress, isAddressRange, isCidr, isEndpoint } from '../checks/addresses.ts'
import { isTimezone } from './timezones.ts'

/** The shape of one text value, shared by variables, cluster.yaml, its JSON schema and the README table. */
export interface Format {
  /** Completes "expected …". */
  expected: string
  example: string
  accepts(text: string): boolean
  /** The same rule for editors, where a regular expression can say it. */
  pattern?: string
}

const label = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const shortSubdomain = `(?=.{1,63}$)${subdomain}`
const labelText = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?'
const number = '([0-9]+(\\.[0-9]*)?|\\.[0-9]+)'
const account = '[A-Za-z0-9_][-A-Za-z0-9_.]*'
const sshHost = `(${account}@)?(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9][-A-Za-z0-9.]*)(:[0-9]{1,5})?`

/** Every format by name. Names as RFC 1123, labels and quantities as Kubernetes' API machinery reads them. */
export const formats = {
  text: { expected: 'a text', example: 'text', accepts: () => true },
  integer: matching('[0-9]+', { expected: 'a whole number', example: '30' }),
  nodePort: {
    ...matching('[0-9]{5}', { expected: 'a port from 30000 to 32767', example: '30080' }),
    accepts: (text: string) => /^[0-9]{5}$/.test(text) && Number(text) >= 30000 && Number(text) <= 32767,
  },
  quantity: matching(`${number}(m|k|[MGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?`, {
    expected: 'a quantity',
    example: '256Mi',
  }),
  size: matching(`${number}(k|[MGTPE]|[KMGTPE]i)?`, { expected: 'a size', example: '8Gi' }),
  cidr: {
    expected: 'a subnet that begins at its first address, or one of IPv4 and one of IPv6 with a comma',
    example: '10.244.0.0/16',
    accepts: isCidr,
  },
  ip: {
    expected: 'an IPv4 or IPv6 address',
    example: '192.168.1.11',
    accepts: isAddress,
    pattern: '^([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)$',
  },
  addressRange: {
    expected: 'first-last or a subnet',
    example: '192.168.1.240-192.168.1.250',
    accepts: isAddressRange,
  },
  addressRanges: listOf(isAddressRange, {
    expected: 'first-last or subnets, separated by spaces',
    example: '192.168.1.240-192.168.1.250',
  }),
  endpoint: {
    expected: 'host:port',
    example: 'kube.example.com:6443',
    accepts: isEndpoint,
    pattern: '^(\\[[^\\]]+\\]|[^:\\[\\]]+):[0-9]{1,5}$',
  },
  name: matching(label, {
    expected: 'lower-case letters, digits and "-", at most 63 characters',
    example: 'home',
  }),
  names: listOf((word) => new RegExp(`^${label}$`).test(word), {
    expected: 'names of lower-case letters, digits and "-", separated by spaces',
    example: '"share media"',
  }),
  hostname: matching(subdomain, { expected: 'a lower-case host name', example: 'example.com' }),
  nodeName: matching(shortSubdomain, {
    expected: 'a lower-case host name of at most 63 characters',
    example: 'kube1.example.com',
  }),
  nodeNames: listOf((word) => new RegExp(`^${shortSubdomain}$`).test(word), {
    expected: 'lower-case host names of at most 63 characters, separated by spaces',
    example: '"kube1.example.com kube2.example.com"',
  }),
  labelKey: matching(`(${subdomain}/)?${labelText}`, {
    expected: 'a label key',
    example: 'example.com/disk',
  }),
  labelValue: matching(`(${labelText})?`, {
    expected: 'letters, digits, "-", "_" and ".", at most 63 characters',
    example: 'ssd',
  }),
  path: {
    expected: 'an absolute path without ".." in it',
    example: '/var/lib/k8s-volumes',
    accepts: (text: string) =>
      /^\/[^\0\n]*$/.test(text) && !text.split('/').some((part) => /^\.\.?$/.test(part)),
    pattern: '^/',
  },
  lvmName: matching('[A-Za-z0-9_.+][-A-Za-z0-9_.+]*', {
    expected: 'letters, digits, "_", ".", "+" and "-", not beginning with "-"',
    example: 'vg01',
  }),
  owner: matching(`${account}(:${account})?`, { expected: 'a user and a group', example: '1000:1000' }),
  account: matching(account, { expected: 'a user name', example: 'ops' }),
  sshHost: matching(sshHost, {
    expected: 'a host, with user and port where needed',
    example: 'ops@gate.example.com:22',
  }),
  url: matching('https?://[^\\s]+', {
    expected: 'an address that begins with http',
    example: 'http://tang:7500',
  }),
  packageName: matching('[a-z0-9][-a-z0-9+.]+', {
    expected: 'a name of a Debian package',
    example: 'smartmontools',
  }),
  moduleName: matching('[A-Za-z0-9_][-A-Za-z0-9_]*', { expected: 'a kernel module', example: 'wireguard' }),
  sysctlKey: matching('[a-z0-9_]+([./][-A-Za-z0-9_*]+)+', {
    expected: 'a kernel setting',
    example: 'vm.max_map_count',
  }),
  interfaceName: matching('[A-Za-z0-9][-A-Za-z0-9_.@]{0,14}', {
    expected: 'a network interface',
    example: 'eth0',
  }),
  preflightCheck: {
    ...matching('[A-Za-z0-9][-A-Za-z0-9_]*', {
      expected: 'the name of a check, never all',
      example: 'NumCPU',
    }),
    accepts: (text: string) => /^[A-Za-z0-9][-A-Za-z0-9_]*$/.test(text) && text.toLowerCase() !== 'all',
  },
  timeoutName: matching('[a-z][A-Za-z]*', { expected: 'a timeout of kubeadm', example: 'kubernetesAPICall' }),
  duration: matching('([0-9]+(ms|s|m|h))+', { expected: 'a duration', example: '4m0s' }),
  kubernetesVersion: matching('[0-9]+\\.[0-9]+\\.[0-9]+', {
    expected: 'three numbers without "v"',
    example: '1.36.3',
  }),
  version: matching('[0-9][-0-9A-Za-z_.+]*', { expected: 'a version without "v"', example: '0.28.9' }),
  timezone: { expected: 'a name of the time zone database', example: 'Europe/Berlin', accepts: isTimezone },
  email: matching('[^@\\s]+@[^@\\s]+', { expected: 'an e-mail address', example: 'admin@example.com' }),
}

export type FormatName = keyof typeof formats

/** The format of that name. */
export function formatNamed(name: FormatName): Format {
  return formats[name]
}

/** The words of a list variable; quotes around the whole are tolerated, as old Makefiles wrote them. */
export function wordsOf(text: string): string[] {
  return unquoted(text).split(/\s+/).filter(Boolean)
}

/** The text without one pair of quotes around it. */
export function unquoted(text: string): string {
  return text
    .trim()
    .replace(/^(["'])(.*)\1$/s, '$2')
    .trim()
}

function matching(rule: string, words: Pick<Format, 'expected' | 'example'>): Format {
  const pattern = `^${/^\(\?=/.test(rule) ? rule : `(${rule})`}$`
  const expression = new RegExp(pattern)
  return { ...words, pattern, accepts: (text) => expression.test(text) }
}

function listOf(accepts: (word: string) => boolean, words: Pick<Format, 'expected' | 'example'>): Format {
  return { ...words, accepts: (text) => wordsOf(text).every(accepts) }
}
