import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { loadKubeconfig } from '../../tasks/lib/api/kubeconfig/kubeconfig.ts'
import type { TaskError } from '../../tasks/lib/cli/errors.ts'
import { forgetSecrets, redact } from '../../tasks/lib/cli/redact.ts'

const folder = mkdtempSync(join(tmpdir(), 'metaltasks-kubeconfig-'))
const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const pemData = Buffer.from(pem).toString('base64')

afterEach(forgetSecrets)

type Fields = Record<string, unknown>
interface Parts {
  cluster?: Fields
  user?: Fields
  context?: Fields
  more?: Fields
}

function config({ cluster, user, context, more }: Parts = {}): Fields {
  return {
    'current-context': 'home',
    clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
    users: [{ name: 'u', user: { token: 'token-of-u', ...user } }],
    contexts: [{ name: 'home', context: { cluster: 'c', user: 'u', ...context } }],
    ...more,
  }
}

function write(content: Fields | string, name = 'config'): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : stringify(content))
  return path
}

describe('a context', () => {
  test('gives server, namespace and login', () => {
    const path = write(config({ cluster: { 'tls-server-name': 'api' }, context: { namespace: 'apps' } }))
    expect(loadKubeconfig(path)).toMatchObject({
      context: 'home',
      namespace: 'apps',
      isUnverified: false,
      tlsServerName: 'api',
      login: { token: 'token-of-u' },
      findings: [],
    })
    expect(loadKubeconfig(path).server.href).toBe('https://10.0.0.1:6443/')
  })

  test('other than the current one is taken by its name', () => {
    const contexts = [
      { name: 'home', context: { cluster: 'gone', user: 'gone' } },
      { name: 'away', context: { cluster: 'c', user: 'u' } },
    ]
    expect(loadKubeconfig(write(config({ more: { contexts } })), { context: 'away' })).toMatchObject({
      context: 'away',
      namespace: 'default',
    })
  })

  test('finds certificate files beside the kubeconfig, and prefers inline data', () => {
    writeFileSync(join(folder, 'client.crt'), pem)
    const user = {
      'client-certificate': 'client.crt',
      'client-key': 'missing.key',
      'client-key-data': pemData,
    }
    const { login } = loadKubeconfig(write(config({ user })))
    expect(login.certificate).toEqual({ file: join(folder, 'client.crt') })
    expect(login.key).toEqual({ text: pem })
  })

  test('reads impersonation with groups and extra fields', () => {
    const user = {
      as: 'anna',
      'as-uid': '7',
      'as-groups': ['g1', 'g2'],
      'as-user-extra': { reason: ['test'] },
    }
    expect(loadKubeconfig(write(config({ user }))).login.as).toEqual({
      user: 'anna',
      uid: '7',
      groups: ['g1', 'g2'],
      extra: { reason: ['test'] },
    })
  })

  test('prefers a token file to a token, as kubectl does', () => {
    const { login } = loadKubeconfig(write(config({ user: { tokenFile: 'token' } })))
    expect(login).toMatchObject({ tokenFile: join(folder, 'token'), token: undefined })
  })

  test('without verification is allowed with a warning', () => {
    const path = write(config({ cluster: { 'insecure-skip-tls-verify': true } }))
    expect(loadKubeconfig(path).findings).toEqual([
      {
        severity: 'warning',
        message:
          'the certificate of https://10.0.0.1:6443 is not checked: anyone between here and there can read and change all of it',
        hint: `set certificate-authority-data in ${path} in place of insecure-skip-tls-verify`,
        file: path,
      },
    ])
  })

  test('has its secrets redacted from then on', () => {
    const user = { token: 'token-of-anna', password: 'password-of-anna' }
    loadKubeconfig(write(config({ user })))
    expect(redact('token-of-anna and password-of-anna')).toBe('*** and ***')
  })

  test('describes its cluster to an exec plugin that asks for it', () => {
    writeFileSync(join(folder, 'ca.crt'), pem)
    const extensions = [{ name: 'client.authentication.k8s.io/exec', extension: { audience: 'x' } }]
    const cluster = { 'certificate-authority': 'ca.crt', extensions }
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './login',
      provideClusterInfo: true,
    }
    const { login } = loadKubeconfig(write(config({ cluster, user: { exec } })))
    expect(login.exec).toMatchObject({
      command: join(folder, 'login'),
      clusterInfo: {
        server: 'https://10.0.0.1:6443',
        'certificate-authority-data': pemData,
        config: { audience: 'x' },
      },
    })
  })
})

describe('several files', () => {
  test('are merged: the first file that has a name wins, and each finds its files beside it', () => {
    mkdirSync(join(folder, 'sub'), { recursive: true })
    writeFileSync(join(folder, 'sub', 'ca.crt'), pem)
    const first = write({ contexts: [{ name: 'home', context: { cluster: 'c2', user: 'u' } }] }, 'first')
    const clusters = [
      { name: 'c2', cluster: { server: 'https://10.0.0.2', 'certificate-authority': 'ca.crt' } },
    ]
    const second = write(config({ more: { clusters } }), 'sub/second')
    const access = loadKubeconfig([first, join(folder, 'not-there'), second].join(delimiter))
    expect(access.server.host).toBe('10.0.0.2')
    expect(access.authority).toEqual({ file: join(folder, 'sub', 'ca.crt') })
    expect(access.login.token).toBe('token-of-u')
  })
})

describe('what is wrong is said with the file, the context and the next step', () => {
  const path = join(folder, 'config')
  const exec = { apiVersion: 'client.authentication.k8s.io/v1' }
  test.each<[string, Fields | string, string, string]>([
    [
      'no current context',
      config({ more: { 'current-context': '' } }),
      'names no current context',
      `kubectl --kubeconfig ${path} config use-context home`,
    ],
    [
      'an unknown context',
      config({ more: { 'current-context': 'hone' } }),
      'has no context "hone"',
      'did you mean home?',
    ],
    [
      'an unknown cluster',
      config({ context: { cluster: 'prod-west' } }),
      'has no cluster "prod-west", which context "home" uses',
      'it has: c',
    ],
    [
      'a context without a cluster',
      config({ context: { cluster: '' } }),
      'has no cluster in context "home"',
      `kubectl --kubeconfig ${path} config use-context home`,
    ],
    [
      'an unknown user',
      config({ context: { user: 'someone' } }),
      'has no user "someone", which context "home" uses',
      'it has: u',
    ],
    [
      'no server',
      config({ cluster: { server: '' } }),
      'has no server address for context "home": server is empty',
      'write it as server: https://HOST:6443',
    ],
    [
      'a server without a scheme',
      config({ cluster: { server: '10.0.0.1:6443' } }),
      'has no server address for context "home": "10.0.0.1:6443" is not a URL',
      'write it as server: https://HOST:6443',
    ],
    [
      'a missing certificate file',
      config({ cluster: { 'certificate-authority': 'no.crt' } }),
      `names a certificate-authority for context "home" that does not exist: ${join(folder, 'no.crt')}`,
      'correct certificate-authority there',
    ],
    [
      'data that is no certificate',
      config({ cluster: { 'certificate-authority-data': 'QUJD' } }),
      'has no PEM in certificate-authority-data of context "home"',
      'base64 -w0 FILE gives what belongs there',
    ],
    [
      'a certificate without its key',
      config({ user: { 'client-certificate-data': pemData } }),
      'has a client-certificate without its client-key in context "home"',
      'add client-key there',
    ],
    [
      'an authority that is not to be checked',
      config({ cluster: { 'certificate-authority-data': pemData, 'insecure-skip-tls-verify': true } }),
      'gives context "home" both a certificate authority and insecure-skip-tls-verify',
      'remove insecure-skip-tls-verify',
    ],
    [
      'a removed way to log in',
      config({ user: { 'auth-provider': { name: 'gcp' } } }),
      'has an auth-provider in context "home", which Kubernetes 1.26 removed',
      'use an exec plugin',
    ],
    [
      'a plugin without a command',
      config({ user: { exec } }),
      'has an exec plugin without a command in context "home"',
      'set command there',
    ],
    [
      'no YAML',
      'a: [1',
      'is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 6',
      `mend it, then: kubectl --kubeconfig ${path} config view`,
    ],
    [
      'a list',
      '- a',
      'is not a map of clusters, users and contexts',
      `kubectl --kubeconfig ${path} config view`,
    ],
    [
      'an empty file',
      '',
      'names no current context',
      'copy a whole one from a control plane node: /etc/kubernetes/admin.conf',
    ],
  ])('%s', (_case, content, message, hint) => {
    expect(errorOf(() => loadKubeconfig(write(content)))).toEqual([`kubeconfig ${path} ${message}`, hint])
  })

  test('a file that is not there', () => {
    const missing = join(folder, 'missing')
    expect(errorOf(() => loadKubeconfig(missing))).toEqual([
      `kubeconfig ${missing} does not exist`,
      'copy it from a control plane node: /etc/kubernetes/admin.conf',
    ])
  })

  test('a broken file is not quoted: it holds keys', () => {
    const error = errorOf(() => loadKubeconfig(write('users: [{token: "very-secret-token}]')))
    expect(error.join()).not.toContain('very-secret')
  })
})

function errorOf(work: () => unknown): (string | undefined)[] {
  try {
    work()
  } catch (error) {
    const { message, findings } = error as TaskError
    return [message, findings[0]?.hint]
  }
  return ['no error']
}
