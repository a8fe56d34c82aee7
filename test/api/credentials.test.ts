import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createCredentials } from '../../tasks/lib/api/http/credentials.ts'
import { askExecPlugin } from '../../tasks/lib/api/kubeconfig/kubeconfig-exec.ts'
import type { ExecPlugin } from '../../tasks/lib/api/kubeconfig/kubeconfig-login.ts'
import type { TaskError } from '../../tasks/lib/cli/errors.ts'
import { forgetSecrets, redact } from '../../tasks/lib/cli/redact.ts'

const folder = mkdtempSync(join(tmpdir(), 'metaltasks-credentials-'))
const v1 = 'client.authentication.k8s.io/v1'

afterEach(forgetSecrets)

describe('the headers of a request', () => {
  test.each([
    ['a token', { token: 'abc' }, { authorization: 'Bearer abc' }],
    ['a password', { username: 'anna', password: 'p:w' }, { authorization: 'Basic YW5uYTpwOnc=' }],
    ['a certificate only', {}, {}],
    [
      'impersonation',
      { as: { user: 'anna', groups: ['a', 'b'], extra: { 'example.com/Why': ['x'] } } },
      {
        'impersonate-user': 'anna',
        'impersonate-group': ['a', 'b'],
        'impersonate-extra-example.com%2Fwhy': ['x'],
      },
    ],
  ])('prove who asks by %s', async (_case, login, headers) => {
    expect(await createCredentials(login).headers()).toEqual(headers)
  })

  test('follow a token file once they are renewed', async () => {
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, 'first-token\n')
    const credentials = createCredentials({ tokenFile })
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer first-token' })
    writeFileSync(tokenFile, 'second-token\n')
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer first-token' })
    expect(credentials.renew()).toBe(true)
    expect(await credentials.headers()).toEqual({ authorization: 'Bearer second-token' })
    expect(redact('first-token second-token')).toBe('*** ***')
  })

  test('of a fixed token stay what they are', () => {
    expect(createCredentials({ token: 'abc' }).renew()).toBe(false)
  })

  test('say which token file cannot be read', async () => {
    const tokenFile = join(folder, 'no-token')
    await expect(createCredentials({ tokenFile }).headers()).rejects.toThrow(
      `token file ${tokenFile} cannot be read: ENOENT`,
    )
  })
})

describe('an exec plugin', () => {
  test('gives a token or a certificate, and its secrets are redacted', async () => {
    const status = { token: 'token-of-plugin', clientCertificateData: 'CERT', clientKeyData: 'KEY-OF-PLUGIN' }
    const credentials = await askExecPlugin(plugin(answering({ status })))
    expect(credentials).toEqual({ token: 'token-of-plugin', cert: 'CERT', key: 'KEY-OF-PLUGIN' })
    expect(redact('token-of-plugin KEY-OF-PLUGIN')).toBe('*** ***')
  })

  test('is asked once until its answer expires, and again then', async () => {
    const calls = join(folder, 'calls')
    writeFileSync(calls, '')
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    const valid = plugin(
      `echo call >>${calls}\n${answering({ status: { token: 'abc', expirationTimestamp: soon } })}`,
    )
    const credentials = createCredentials({}, () => askExecPlugin(valid))
    await Promise.all([credentials.headers(), credentials.headers(), credentials.certificate()])
    expect(readFileSync(calls, 'utf8')).toBe('call\n')
    const past = new Date(Date.now() - 1000).toISOString()
    const stale = plugin(
      `echo call >>${calls}\n${answering({ status: { token: 'abc', expirationTimestamp: past } })}`,
    )
    const expiring = createCredentials({}, () => askExecPlugin(stale))
    await expiring.headers()
    await expiring.headers()
    expect(readFileSync(calls, 'utf8')).toBe('call\n'.repeat(3))
  })

  test('gets its arguments, its environment, the request for credentials, and nothing to read', async () => {
    const seen = join(folder, 'seen')
    const script = `{ echo "$1 $REGION $KUBERNETES_EXEC_INFO"; cat; } >${seen}\n${answering({ status: { token: 'a' } })}`
    await askExecPlugin({
      ...plugin(script),
      args: ['get'],
      env: { REGION: 'west' },
      clusterInfo: { server: 's' },
    })
    const info = `{"apiVersion":"${v1}","kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":"s"}}}`
    expect(readFileSync(seen, 'utf8')).toBe(`get west ${info}\n`)
  })

  const silent = plugin('exit 0', 'silent')
  test.each<[string, ExecPlugin, string, string]>([
    [
      'is not installed',
      { ...silent, command: 'no-such-plugin' },
      'credential plugin no-such-plugin is not installed',
      'install no-such-plugin and put it into PATH',
    ],
    [
      'is not installed but says how',
      { ...silent, command: 'no-such-plugin', installHint: 'apt install it\n' },
      'credential plugin no-such-plugin is not installed',
      'apt install it',
    ],
    [
      'fails',
      plugin('exit 3', 'failing'),
      `credential plugin ${join(folder, 'failing')} ended with exit code 3`,
      `see what it says: ${join(folder, 'failing')} >/dev/null`,
    ],
    [
      'answers nothing',
      silent,
      `credential plugin ${silent.command} did not answer with JSON`,
      `see what it says: ${silent.command} >/dev/null`,
    ],
    [
      'answers in another version',
      plugin(answering({ apiVersion: 'client.authentication.k8s.io/v1beta1' }), 'older'),
      `credential plugin ${join(folder, 'older')} did not answer with an ExecCredential of ${v1}`,
      `see what it says: ${join(folder, 'older')} >/dev/null`,
    ],
    [
      'gives nothing',
      plugin(answering({ status: {} }), 'empty'),
      `credential plugin ${join(folder, 'empty')} gave neither a token nor a client certificate with its key`,
      `see what it says: ${join(folder, 'empty')} >/dev/null`,
    ],
    [
      'is of a removed version',
      { ...silent, apiVersion: 'client.authentication.k8s.io/v1alpha1' },
      `credential plugin ${silent.command}: apiVersion "client.authentication.k8s.io/v1alpha1" is not one of ${v1}, client.authentication.k8s.io/v1beta1`,
      'correct exec.apiVersion in the kubeconfig; a newer plugin may be needed',
    ],
    [
      'wants a terminal',
      { ...silent, interactiveMode: 'Always' },
      `credential plugin ${silent.command} wants to ask on a terminal, which tasks does not give it`,
      'log in with its own command first, then set exec.interactiveMode: IfAvailable in the kubeconfig',
    ],
  ])('that %s is named with the next step', async (_case, broken, message, hint) => {
    const error = await askExecPlugin(broken).catch((error: unknown) => error as TaskError)
    expect(error).toMatchObject({ message, findings: [{ hint }] })
  })
})

function plugin(script: string, name = 'plugin'): ExecPlugin {
  const command = join(folder, name)
  writeFileSync(command, `#!/bin/sh\n${script}\n`)
  chmodSync(command, 0o700)
  return { apiVersion: v1, command, args: [], env: {}, interactiveMode: 'IfAvailable' }
}

function answering(fields: object): string {
  return `echo '${JSON.stringify({ apiVersion: v1, kind: 'ExecCredential', ...fields })}'`
}
