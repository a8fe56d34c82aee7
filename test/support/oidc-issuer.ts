import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { cacheDirectory } from '../../tasks/lib/sandbox/programs/cache.ts'
import { goBuild } from './node-software-programs.ts'
import { freePort } from './sshd.ts'

/** A real OpenID Connect issuer on loopback with the public client "kubernetes", built from its Go module. */
export interface OidcIssuer {
  issuer: string
  /** File with the certificate that it answers with. */
  ca: string
  /** Logs a user in as a browser does (authorization code with PKCE), and gives the ID token. */
  login(user: string): Promise<string>
  close(): Promise<void>
}

const redirect = 'http://localhost:1/callback'
const password = 'verysecure'

/** Starts it; its users are test-user@localhost and test-user2. */
export async function oidcIssuer(): Promise<OidcIssuer> {
  const folder = mkdtempSync(join(tmpdir(), 'metaltasks-oidc-'))
  const [ca, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  await run([
    ...['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', ca],
  ])
  const port = await freePort()
  const issuer = `https://localhost:${port}/`
  const child = spawn(await program(), [`127.0.0.1:${port}`, issuer, ca, key, redirect], { stdio: 'ignore' })
  const browser = openBrowser(readFileSync(ca))
  await answers(() => browser('GET', `${issuer}.well-known/openid-configuration`), child)
  return {
    issuer,
    ca,
    login: (user) => login(user, { issuer, browser }),
    async close() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

type Browser = ReturnType<typeof openBrowser>

async function login(
  user: string,
  { issuer, browser }: { issuer: string; browser: Browser },
): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const asked = new URLSearchParams({
    ...{ client_id: 'kubernetes', redirect_uri: redirect, response_type: 'code', state: 'state' },
    ...{ scope: 'openid profile email', code_challenge: challenge, code_challenge_method: 'S256' },
  })
  const page = await browser('GET', `${issuer}auth?${asked}`)
  const id = new URL(page.location!, issuer).searchParams.get('authRequestID')!
  const back = await browser('POST', `${issuer}login/username`, { id, username: user, password })
  const end = await browser('GET', new URL(back.location!, issuer).href)
  const code = new URL(end.location!).searchParams.get('code')!
  const answer = await browser('POST', `${issuer}oauth/token`, {
    ...{ grant_type: 'authorization_code', code, redirect_uri: redirect, client_id: 'kubernetes' },
    code_verifier: verifier,
  })
  return JSON.parse(answer.text).id_token
}

function openBrowser(ca: Buffer) {
  const cookies = new Map<string, string>()
  return async (method: string, url: string, form?: Record<string, string>) => {
    const body = form && new URLSearchParams(form).toString()
    const headers = {
      cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      ...(body && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const sent = request(url, { method, ca, family: 4, headers })
    sent.end(body)
    const [answer] = await once(sent, 'response')
    let text = ''
    for await (const chunk of answer) text += chunk
    for (const cookie of answer.headers['set-cookie'] ?? []) {
      const [name, value] = cookie.split(';')[0].split('=')
      cookies.set(name, value)
    }
    return {
      status: answer.statusCode as number,
      location: answer.headers.location as string | undefined,
      text,
    }
  }
}

async function answers(ask: () => Promise<unknown>, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 400 && child.exitCode === null; attempt++) {
    if (await ask().catch(() => undefined)) return
    await sleep(50)
  }
  throw new Error(`the issuer did not start: exit code ${child.exitCode}`)
}

async function program(): Promise<string> {
  const file = join(dirname(cacheDirectory()), 'test-programs', 'oidc-3.45.0-linux-amd64')
  if (existsSync(file)) return file
  await mkdir(dirname(file), { recursive: true })
  const half = `${file}.${process.pid}`
  await goBuild(['-o', half, '-trimpath', '-ldflags', '-s -w', '.'], {
    folder: join(packageRoot(), 'test/support/go/oidc'),
  })
  await rename(half, file)
  return file
}
