import { expect, test } from 'vitest'
import { createAgeKeys } from '../../../tasks/lib/secrets/keys/age/age.ts'
import { encodeBech32 } from '../../../tasks/lib/secrets/keys/age/bech32.ts'
import { splitWords } from '../../../tasks/lib/secrets/keys/age/key-command.ts'
import { identityPlaces, keysFile } from '../../../tasks/lib/secrets/keys/age/places.ts'
import { checkRecipient, recipientOf } from '../../../tasks/lib/secrets/keys/age/recipient.ts'
import { freshAgeKey } from '../../support/sops.ts'

const { recipient, identity } = freshAgeKey()
const yubikey = 'age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t'

test.each([
  [recipient, 'x25519'],
  [freshAgeKey({ postQuantum: true }).recipient, 'hybrid'],
  [yubikey, 'plugin'],
  ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN me@here', 'ssh'],
])('%s is a recipient', async (text, kind) => {
  expect(await checkRecipient(text)).toBe(kind)
})

test.each([
  ['a typing error', `${recipient.slice(0, -1)}${recipient.endsWith('q') ? 'p' : 'q'}`, /has a typing error/],
  ['upper and lower case', recipient.replace('age1', 'age1Q'), /has a typing error/],
  ['another text', 'alice@example.com', /^alice@example.com is no age recipient$/],
  ['an ssh key that cannot encrypt', 'ssh-dss AAAAB3NzaC1kc3MAAAA=', /cannot encrypt/],
  ['a cut-off ssh key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5', /cut off/],
  ['a point that is not on the curve', `ssh-ed25519 ${sshEd25519(2)}`, /no point of the curve/],
])('%s is refused as a recipient', async (_, text, message) => {
  await expect(checkRecipient(text)).rejects.toThrow(message)
})

test('an identity given as a recipient is refused without being shown', async () => {
  const error = await checkRecipient(identity).catch((thrown: Error) => thrown)
  expect(String(error)).toBe('KeyError: an identity was given where a recipient belongs: it must stay secret')
})

test('a recipient given as an identity is told apart', async () => {
  await expect(recipientOf(recipient)).rejects.toThrow(
    'the identity on line 1 is a recipient, not an identity',
  )
})

test('a recipient that gives no secret is refused', async () => {
  const keys = createAgeKeys({ environment: {}, publicKeys: [] })
  const weak = encodeBech32('age', Buffer.alloc(32))
  await expect(keys.wrap({ type: 'age', recipient: weak }, Buffer.alloc(32))).rejects.toThrow(
    `${weak} cannot be encrypted for: its public key gives no secret`,
  )
})

test('keys of plugins are left to the key service', () => {
  const keys = createAgeKeys({ environment: {}, publicKeys: [] })
  expect(keys.handles({ type: 'age', recipient })).toBe(true)
  expect(keys.handles({ type: 'age', recipient: yubikey })).toBe(false)
  expect(keys.handles({ type: 'pgp', fp: 'A' })).toBe(false)
})

test.each([
  ['linux', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/sops/age/keys.txt'],
  ['linux', {}, '/home/me/.config/sops/age/keys.txt'],
  ['darwin', {}, '/home/me/Library/Application Support/sops/age/keys.txt'],
  ['darwin', { XDG_CONFIG_HOME: '/xdg' }, '/xdg/sops/age/keys.txt'],
  ['win32', { AppData: '/roaming' }, '/roaming/sops/age/keys.txt'],
] as const)('on %s with %j keys.txt is %s', (platform, environment, path) => {
  expect(keysFile({ environment, home: '/home/me' }, { platform })).toBe(path)
})

test('every place of sops is looked at', () => {
  const places = identityPlaces(
    { environment: { SOPS_AGE_SSH_PRIVATE_KEY_FILE: '/k' }, home: '/home/me', publicKeys: [] },
    { platform: 'linux' },
  )
  expect(places.map(({ name }) => name)).toEqual([
    'SOPS_AGE_SSH_PRIVATE_KEY_FILE (/k)',
    'SOPS_AGE_SSH_PRIVATE_KEY_CMD',
    '/home/me/.ssh/id_ed25519',
    '/home/me/.ssh/id_rsa',
    'SOPS_AGE_KEY',
    'SOPS_AGE_KEY_FILE',
    'SOPS_AGE_KEY_CMD',
    '/home/me/.config/sops/age/keys.txt',
  ])
})

test.each([
  ['cat /a/b', ['cat', '/a/b']],
  [`op read "op://x y/z" --flag='a "b" c'`, ['op', 'read', 'op://x y/z', '--flag=a "b" c']],
  ['a\\ b "c\\"d" # comment', ['a b', 'c"d']],
  [`'' x`, ['', 'x']],
])('the command %s has the words %j', (command, words) => {
  expect(splitWords(command)).toEqual(words)
})

test('a command with an open quote is refused', () => {
  expect(() => splitWords(`cat 'a`)).toThrow("a ' is not closed in the command")
})

function sshEd25519(y: number): string {
  const point = Buffer.alloc(32)
  point[0] = y
  return Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), point]).toString(
    'base64',
  )
}
