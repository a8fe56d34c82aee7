import { randomBytes } from 'node:crypto'
import { request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildKubeadm } from '../../tasks/lib/config/cluster-file/kubeadm.ts'
import { encryptionFile, secretboxKey } from '../../tasks/lib/kubernetes/api-server/encryption-file.ts'
import { apiServer } from '../../tasks/lib/kubernetes/kubeadm/api-server.ts'
import { oidcCaFile } from '../../tasks/lib/node/kubeadm/paths.ts'
import { type ApiServers, startApiServers } from '../support/api-servers.ts'
import { testConfig } from '../support/config.ts'
import { object } from '../support/objects.ts'
import { type OidcIssuer, oidcIssuer } from '../support/oidc-issuer.ts'

let issuer: OidcIssuer
let bed: ApiServers

beforeAll(async () => {
  issuer = await oidcIssuer()
  const { oidc } = buildKubeadm(
    { oidc: { issuer: issuer.issuer, clientId: 'kubernetes', ca: issuer.ca } },
    { pathOf: (path) => path },
  )
  const { extraArgs } = apiServer({ ...testConfig('/x').cluster, oidc }) as {
    extraArgs: { name: string; value: string }[]
  }
  const more = extraArgs
    .filter(({ name }) => name.startsWith('oidc-'))
    .map(({ name, value }) => `--${name}=${value === oidcCaFile ? issuer.ca : value}`)
  expect(more).toContain('--oidc-username-prefix=oidc:')
  const secret = randomBytes(32).toString('base64')
  bed = await startApiServers(['api'], {
    encryption: encryptionFile([secretboxKey({ name: 'one', secret })]),
    more,
  })
})

afterAll(async () => {
  await bed?.stop()
  await issuer?.close()
})

test('whoever logs in with the issuer is known by name, and may do what a role says', async () => {
  const [admin] = bed.clients
  const token = await issuer.login('test-user@localhost')
  // A server asks its issuer for keys when it has started, and again ten seconds later.
  await expect.poll(() => whoami(token), { timeout: 60_000, interval: 500 }).toBe('oidc:id1')
  await admin!.apply(
    object('ClusterRoleBinding rbac.authorization.k8s.io/v1', 'readers', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'oidc:id1' }],
    }),
  )
  const path = '/api/v1/namespaces/default/configmaps'
  // The server learns of the binding by a watch.
  await expect.poll(async () => (await ask(token, path)).status, { timeout: 30_000 }).toBe(200)
  expect((await ask(await issuer.login('test-user2'), path)).status).toBe(403)
})

test('a token that was changed, or that nobody gave, lets nobody in', async () => {
  const [head, body, signature] = (await issuer.login('test-user2')).split('.')
  const claims = JSON.parse(Buffer.from(body!, 'base64url').toString())
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'id1' })).toString('base64url')
  expect((await ask(`${head}.${forged}.${signature}`, '/api')).status).toBe(401)
  expect((await ask('nobody', '/api')).status).toBe(401)
})

async function whoami(token: string): Promise<string> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const { text } = await ask(token, path, JSON.stringify(body))
  return JSON.parse(text).status?.userInfo?.username
}

function ask(token: string, path: string, body?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    // Only who is let in is asked here; the server's own certificate is not the subject.
    const options = { method: body ? 'POST' : 'GET', headers, rejectUnauthorized: false }
    const sent = request(`${bed.clients[0]!.server}${path}`, options, async (answer) => {
      let text = ''
      for await (const chunk of answer) text += chunk
      resolve({ status: answer.statusCode!, text })
    })
    sent.once('error', reject).end(body)
  })
}
