import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { approverText } from '../../tasks/lib/node/approver/program.ts'
import { servingNames } from '../../tasks/lib/node/approver/table.ts'
import { temporaryFolder } from '../support/cli.ts'

const names = servingNames([
  { name: 'cp1', address: '10.0.0.11' },
  { name: 'w1', address: 'fd00::21' },
  { name: 'w1.example.com', address: '10.0.0.22' },
])

interface Asked {
  subject?: string
  san?: string
  user?: string
  groups?: string
  usages?: string
  conditions?: string
  request?: string
}

const usual = {
  subject: '/O=system:nodes/CN=system:node:cp1',
  san: 'DNS:cp1,IP:10.0.0.11',
  user: 'system:node:cp1',
  groups: '["system:nodes","system:authenticated"]',
  usages: '["digital signature","server auth"]',
  conditions: '',
}

/** Runs the program with these requests in the API; gives those that it approved, and what it said of others. */
function approve(requests: Asked[]): { approved: string[]; said: string } {
  const root = temporaryFolder({ names })
  const lines = requests.map((one, index) => lineOf(root, { ...usual, ...one }, `csr-${index}`))
  writeFileSync(join(root, 'list'), lines.map((line) => `${line}\n`).join(''))
  writeFileSync(join(root, 'kubectl'), kubectl(root))
  const text = approverText({ names: join(root, 'names'), kubeconfig: join(root, 'admin.conf') })
  writeFileSync(join(root, 'program'), text.replace('PATH=', `PATH=${root}:`))
  for (const file of ['kubectl', 'program']) chmodSync(join(root, file), 0o755)
  const { stderr, status } = spawnSync(join(root, 'program'), { encoding: 'utf8' })
  expect([status, existsSync(join(root, 'ran'))], stderr).toEqual([0, false])
  const log = existsSync(join(root, 'log')) ? readFileSync(join(root, 'log'), 'utf8') : ''
  return { approved: log.split('\n').filter(Boolean), said: stderr }
}

function kubectl(root: string): string {
  return `#!/bin/sh
case "$*" in
  *'get certificatesigningrequests --field-selector spec.signerName=kubernetes.io/kubelet-serving'*) cat ${root}/list ;;
  *'certificate approve'*) for last; do :; done; echo "$last" >>${root}/log ;;
  *) exit 1 ;;
esac
`
}

function lineOf(root: string, asked: Required<Omit<Asked, 'request'>> & Asked, name: string): string {
  const { subject, san, user, groups, usages, conditions } = asked
  const words = [
    'req',
    '-new',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    subject,
  ]
  const extension = san ? ['-addext', `subjectAltName=${san}`] : []
  const pem =
    asked.request ??
    execFileSync('openssl', [...words, '-keyout', join(root, 'key'), ...extension], { stdio: 'pipe' })
  return [name, user, groups, usages, Buffer.from(pem).toString('base64'), conditions].join('|')
}

test('a kubelet gets the certificate for its own name and address, IPv6 too, and each request of it', () => {
  const w1 = {
    subject: '/O=system:nodes/CN=system:node:w1',
    user: 'system:node:w1',
    san: 'DNS:w1,IP:fd00::21',
    usages: '["key encipherment","digital signature","server auth"]',
  }
  expect(approve([{}, w1, w1, { san: 'IP:10.0.0.11' }])).toEqual({
    approved: ['csr-0', 'csr-1', 'csr-2', 'csr-3'],
    said: '',
  })
})

test('what was decided already is left alone', () => {
  expect(approve([{ conditions: 'Approved' }, { conditions: 'Denied' }])).toEqual({ approved: [], said: '' })
})

test.each<[string, Asked, string]>([
  ['an address that is not its own', { san: 'DNS:cp1,IP:10.0.0.22' }, 'it asks for IPAddress:10.0.0.22'],
  ['a part of its address', { san: 'IP:10.0.0.1' }, 'it asks for IPAddress:10.0.0.1'],
  ['the name of another node', { san: 'DNS:w1' }, 'it asks for DNS:w1'],
  ['the name of the API', { san: 'DNS:cp1,DNS:kubernetes.default' }, 'it asks for DNS:kubernetes.default'],
  ['a URI', { san: 'DNS:cp1,URI:spiffe://cp1' }, 'it asks for URI:spiffe://cp1'],
  ['no name at all', { san: '' }, 'it has no name'],
  ['the subject of another node', { subject: '/O=system:nodes/CN=system:node:w1' }, 'its subject is'],
  ['an administrator', { subject: '/O=system:masters/CN=system:node:cp1' }, 'its subject is'],
  [
    'a client certificate',
    { usages: '["client auth","server auth"]' },
    'it is to be used for clientauth too',
  ],
  ['no server', { usages: '["digital signature"]' }, 'it is not for a server'],
  ['another user', { user: 'eve' }, 'eve is no node that is known'],
  ['a node that nobody knows', { user: 'system:node:w9' }, 'system:node:w9 is no node that is known'],
  ['a user outside of the group', { groups: '["system:authenticated"]' }, 'is not in group system:nodes'],
  ['a text that is no request', { request: 'nothing' }, 'its request cannot be read'],
  ['a user whose name is code', { user: 'system:node:$(touch ran);`touch ran`' }, 'is no node that is known'],
])('a request for %s is not approved, and the journal says why', (_what, asked, why) => {
  const { approved, said } = approve([asked, {}])
  expect(approved).toEqual(['csr-1'])
  expect(said).toContain('<4>csr-0 is not approved: ')
  expect(said).toContain(why)
})

test('a user whose name has the sign between two columns gets nothing', () => {
  const user = `system:node:cp1|["system:nodes"]|["server auth"]|`
  expect(approve([{ user }]).approved).toEqual([])
})
