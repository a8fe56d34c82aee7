import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  issue,
  newAuthority,
  openAuthority,
  validFor,
} from '../../tasks/lib/kubernetes/certificates/signing.ts'
import { type CertificateOptions, issuedCertificate } from '../../tasks/lib/node/etcd/certificate.ts'
import { applyResources, changesOf } from '../support/apply-resources.ts'
import { temporaryFolder } from '../support/cli.ts'
import { localMachine } from '../support/local-machine.ts'

const now = new Date()
const owner = execFileSync('sh', ['-c', 'echo "$(id -un):$(id -gn)"'], { encoding: 'utf8' }).trim()

async function certificate(more: Partial<CertificateOptions> = {}) {
  const { pair } = await newAuthority('etcd-ca-home', validFor(10, now))
  let made: string | undefined
  const options: CertificateOptions = {
    folder: join(temporaryFolder(), 'pki'),
    name: 'server',
    owner,
    hosts: ['kube1', '10.0.0.1'],
    authority: () => made,
    keptIn: 'secrets/cluster/etcd-ca.yaml',
    now,
    async issue() {
      made = pair.certificate
      const subject = { commonName: 'kube1', names: ['kube1'], addresses: ['10.0.0.1'] }
      const issued = await issue(await openAuthority(pair), { ...subject, ...validFor(1, now) })
      return { ...issued, authority: pair.certificate }
    },
    ...more,
  }
  const steps = (changed: Partial<CertificateOptions> = {}) => [
    {
      name: 'one',
      title: 'One',
      work: [{ machine: localMachine('kube1'), resources: [issuedCertificate({ ...options, ...changed })] }],
    },
  ]
  return { options, steps, path: (name: string) => join(options.folder, name) }
}

test('a certificate that is made belongs to its key and its authority, and needs nothing a second time', async () => {
  const { steps, path } = await certificate()
  expect(await applyResources(steps())).toEqual([
    `kube1: put certificate ${path('server.crt')} and its key there`,
  ])
  expect(await changesOf(steps())).toEqual([])
  const openssl = (...words: string[]) => execFileSync('openssl', words, { encoding: 'utf8' }).trim()
  expect(openssl('verify', '-CAfile', path('ca.crt'), path('server.crt'))).toBe(`${path('server.crt')}: OK`)
  expect(openssl('x509', '-in', path('server.crt'), '-noout', '-pubkey')).toBe(
    openssl('pkey', '-in', path('server.key'), '-pubout'),
  )
})

test('it is made anew 90 days before its end, and when it is for another host', async () => {
  const { steps } = await certificate()
  await applyResources(steps())
  const later = new Date(now.getTime() + 280 * 86_400_000)
  expect((await changesOf(steps({ now: later })))[0]?.before).toEqual([
    expect.stringMatching(/^it ends in 8\d days: until /),
  ])
  const [change] = await changesOf(steps({ hosts: ['kube1', '10.0.0.2'] }))
  expect(change?.before).toEqual([expect.stringMatching(/^it is not for 10\.0\.0\.2: until /)])
})

test('a key of another certificate, as after a kill between the two, is noticed', async () => {
  const { steps, path } = await certificate()
  await applyResources(steps())
  const key = readFileSync(path('server.key'), 'utf8')
  writeFileSync(path('server.key'), key.replace('\n', '\n '))
  expect((await changesOf(steps()))[0]?.before).toEqual([expect.stringMatching(/^its key is not the one/)])
  await applyResources(steps())
  expect(await changesOf(steps())).toEqual([])
})

test('what is cut off on the way changes nothing', async () => {
  const { options, steps, path } = await certificate()
  await applyResources(steps())
  const before = readFileSync(path('server.crt'), 'utf8')
  const later = new Date(now.getTime() + 280 * 86_400_000)
  const cut = async () => ({ ...(await options.issue()), authority: '-----BEGIN CERTIFICATE-----\nMIIB' })
  await expect(applyResources(steps({ now: later, issue: cut }))).rejects.toThrow(/END CERTIFICATE/)
  expect(readFileSync(path('server.crt'), 'utf8')).toBe(before)
})

test('a certificate of another authority is never replaced', async () => {
  const { steps, path } = await certificate()
  await applyResources(steps())
  const other = await newAuthority('other', validFor(10, now))
  const [change] = await changesOf(steps({ authority: () => other.pair.certificate }))
  expect(change?.blocked?.message).toBe(
    `kube1: ${path('server.crt')} is signed by another authority than the one in secrets/cluster/etcd-ca.yaml`,
  )
  const [lost] = await changesOf(steps({ authority: () => undefined }))
  expect(lost?.blocked?.message).toContain('there is no secrets/cluster/etcd-ca.yaml')
})
