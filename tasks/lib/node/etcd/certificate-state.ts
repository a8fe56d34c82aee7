import { X509Certificate } from 'node:crypto'
import { TaskError } from '../../cli/errors.ts'
import type { Answer } from '../resource.ts'
import { answerLines } from '../system/answers.ts'

export interface CertificatePlace {
  /** It holds ca.crt, NAME.crt and NAME.key. */
  folder: string
  name: string
  /** "etcd:etcd" */
  owner: string
}

/** What stands at the place of a certificate, as far as all of it is there. */
export interface CertificateState {
  authority?: X509Certificate
  certificate?: X509Certificate
  /** The key is the one that came with the certificate, and only its owner reads it. */
  hasItsKey: boolean
}

/** Shell that prints the public parts, and of the key its SHA-256. */
export function certificateProbe({ folder, name }: CertificatePlace): string {
  const at = `${folder}/${name}`
  return [
    `if test -e ${folder}/ca.crt; then echo "authority $(base64 -w0 ${folder}/ca.crt)"; fi`,
    `if test -e ${at}.crt; then echo "certificate $(base64 -w0 ${at}.crt)"; fi`,
    `if test -e ${at}.key; then echo "key $(sha256sum <${at}.key | cut -d' ' -f1) $(stat -c '%a %U:%G' ${at}.key)"; fi`,
    'echo end',
  ].join('\n')
}

/** Reads that answer. */
export function certificateState(answer: Answer, { owner }: CertificatePlace): CertificateState {
  const lines = answerLines(answer)
  if (lines.at(-1) !== 'end') throw new TaskError('the state of its certificates was cut off')
  const value = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1)
  const [digest, mode, keyOwner] = value('key')?.split(' ') ?? []
  const text = decoded(value('certificate'))
  const isPaired = digest !== undefined && text?.startsWith(keyLine(digest)) === true
  return {
    ...parsed('authority', decoded(value('authority'))),
    ...parsed('certificate', text),
    hasItsKey: isPaired && mode === '600' && keyOwner === owner,
  }
}

/** The first line of a certificate: by it one tells which key it came with. What reads PEM passes over it. */
export function keyLine(digest: string): string {
  return `# key sha256 ${digest}\n`
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString()
}

// What is no certificate is made anew, as one that was cut off in the middle.
function parsed(key: 'authority' | 'certificate', text: string | undefined) {
  try {
    return text ? { [key]: new X509Certificate(text) } : {}
  } catch {
    return {}
  }
}
