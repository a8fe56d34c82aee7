import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DownloadError, fetchText } from '../../cli/download/fetch.ts'
import { TaskError } from '../../cli/errors.ts'
import type { Software } from '../../config/kubeadm-model.ts'
import type { Action, Resource } from '../resource.ts'
import { answerLines, wholeAnswer } from '../system/answers.ts'
import { file } from '../system/file.ts'
import { fileProbe } from '../system/file-state.ts'
import { urlOf } from './obtain.ts'

/** A repository of packages that a project signs. */
export interface AptRepository {
  /** Of its files on the machine: "kubernetes". */
  name: string
  /** Its URL without the scheme. */
  path: string
  /** What follows the URL in its line, by the system of the machine: "bookworm stable". */
  suite(system: System): string
  /** Of its key, without the scheme; and the fingerprint that the key must have. */
  key: { path: string; fingerprint: string }
}

/** ID and VERSION_CODENAME of /etc/os-release. */
export interface System {
  id: string
  codename: string
}

/** The repository in apt's list of sources, trusted by its own key only. */
export function aptRepository(
  repository: AptRepository,
  software: Pick<Software, 'folder' | 'mirror'>,
): Resource[] {
  return [keyResource(repository, software), listResource(repository, software)]
}

function keyFile({ name }: AptRepository): string {
  return `/etc/apt/keyrings/metaltasks-${name}.asc`
}

function keyResource(repository: AptRepository, software: Pick<Software, 'folder' | 'mirror'>): Resource {
  const { key, name } = repository
  const [path, next] = [keyFile(repository), `/etc/apt/keyrings/.metaltasks-${name}.next`]
  const action: Action = {
    action: 'create',
    title: `write the key of the packages of ${name}`,
    after: [`key ${key.fingerprint} in ${path}`],
    commands: [
      'install -d -m 0755 -- /etc/apt/keyrings',
      `cat >${next}`,
      `grep -q 'END PGP PUBLIC KEY BLOCK' ${next}`,
      `chmod 0644 -- ${next} && sync -- ${next} && mv -fT -- ${next} ${path}`,
    ],
    input: async (progress) =>
      provenKey(await keyText(key.path, { software, signal: progress?.signal }), key),
  }
  return {
    target: `key ${path}`,
    probe: `if test -s ${path}; then echo present; else echo absent; fi`,
    plan: (answer) => ({ actions: answerLines(answer)[0] === 'present' ? [] : [action] }),
  }
}

interface KeyOptions {
  software: Pick<Software, 'folder' | 'mirror'>
  signal?: AbortSignal
}

async function keyText(
  path: string,
  { software, signal = new AbortController().signal }: KeyOptions,
): Promise<string> {
  const inFolder = software.folder && (await readIfThere(join(software.folder, path)))
  if (inFolder) return inFolder
  return fetchText(urlOf({ path }, software), { signal, allowHttp: true }).catch((error: Error) => {
    if (!(error instanceof DownloadError)) throw error
    throw new TaskError(error.message, {
      hint: `put it into a folder: software: { folder: FOLDER }, as FOLDER/${path}`,
      cause: error,
    })
  })
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new TaskError(`software.folder: ${file} cannot be read: ${error.message}`, {
      hint: `see ls -l ${file}`,
      cause: error,
    })
  })
}

async function provenKey(text: string, { path, fingerprint }: AptRepository['key']): Promise<string> {
  const { readKey } = await import('openpgp')
  const key = await readKey({ armoredKey: text }).catch((error: Error) => {
    throw new TaskError(`${path} is no key: ${error.message}`, { cause: error })
  })
  const found = key.getFingerprint().toUpperCase()
  if (found === fingerprint) return text
  throw new TaskError(`the key of ${path} is ${found}, expected ${fingerprint}`, {
    hint: 'nothing was written; do not use it before you know why',
  })
}

function listResource(repository: AptRepository, software: Pick<Software, 'mirror'>): Resource {
  const { name } = repository
  const path = `/etc/apt/sources.list.d/metaltasks-${name}.list`
  return {
    target: `file ${path}`,
    probe: `(. /etc/os-release; echo "$ID \${VERSION_CODENAME:-}")\n${fileProbe(path)}`,
    plan: (answer) => {
      const text = wholeAnswer(answer)
      const [id = '', codename = ''] = text.split('\n', 1)[0]!.split(' ')
      const content = listLine(repository, { software, system: { id, codename } })
      return file({ path, content }).plan({ ...answer, stdout: text.slice(text.indexOf('\n') + 1) })
    },
  }
}

function listLine(
  repository: AptRepository,
  { software, system }: { software: Pick<Software, 'mirror'>; system: System },
): string {
  return `deb [signed-by=${keyFile(repository)}] ${urlOf({ path: withSystem(repository.path, system) }, software)} ${repository.suite(system)}\n`
}

function withSystem(path: string, { id }: System): string {
  return path.replace('{ID}', id)
}
