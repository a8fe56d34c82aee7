import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'

/** A server's public key: "ssh-ed25519" and the key itself in base64. */
export interface HostKey {
  type: string
  base64: string
}

/** Text of the project's known_hosts; empty where there is none yet. */
export function readKnownHosts(root: string): string {
  const file = join(root, 'known_hosts')
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return ''
    const hint = `see ls -l ${file}`
    throw new TaskError(`known_hosts cannot be read: ${code}`, { file: 'known_hosts', hint, cause: error })
  }
}

/** As ssh prints it: "SHA256:" and base64 without padding. */
export function fingerprint({ base64 }: HostKey): string {
  const hash = createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64')
  return `SHA256:${hash.replace(/=+$/, '')}`
}

export function isSameKey(one: HostKey, other: HostKey): boolean {
  return one.type === other.type && one.base64 === other.base64
}

/** The keys that known_hosts (man 8 sshd, SSH_KNOWN_HOSTS FILE FORMAT) has under a name. */
export function pinnedKeys(knownHosts: string, name: string): HostKey[] {
  return knownHosts
    .split('\n')
    .map(readEntry)
    .filter((entry) => entry !== undefined)
    .filter((entry) => entry.names.some((pattern) => isNamed(pattern, name)))
    .map(({ type, base64 }) => ({ type, base64 }))
}

interface Entry extends HostKey {
  names: string[]
  /** What follows the key, as people write it. */
  comment: string
}

// Lines with a marker, @cert-authority or @revoked, are the operator's own and stay as they are.
function readEntry(line: string): Entry | undefined {
  const [names = '', type, base64, ...comment] = line.trim().split(/\s+/)
  if (!type || !base64 || /^[#@]/.test(names)) return undefined
  return { names: names.split(','), type, base64, comment: comment.join(' ') }
}

function isNamed(pattern: string, name: string): boolean {
  if (!pattern.startsWith('|1|')) return pattern === name
  const [, , salt = '', hash = ''] = pattern.split('|')
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash
}

/**
 * known_hosts with these keys under the name and no others; lines of one host side by side, sorted by name. What is
 * written above a line moves with it.
 */
export function withKeys(knownHosts: string, { name, keys }: { name: string; keys: HostKey[] }): string {
  const { blocks, tail } = readBlocks(knownHosts)
  const kept = blocks.flatMap((block) => withoutName(block, { name, keys }))
  const present = pinnedKeys(kept.map(({ line }) => line).join('\n'), name)
  const missing = keys.filter((key) => !present.some((one) => isSameKey(one, key)))
  const added = missing.map(({ type, base64 }) => ({ above: [], line: `${name} ${type} ${base64}` }))
  const sorted = [...kept, ...added].sort((one, other) => compare(sortKey(one.line), sortKey(other.line)))
  const lines = [...sorted.flatMap(({ above, line }) => [...above, line]), ...tail]
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

interface Block {
  /** Comments and empty lines over it. */
  above: string[]
  line: string
}

function readBlocks(text: string): { blocks: Block[]; tail: string[] } {
  const blocks: Block[] = []
  let above: string[] = []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const line of lines) {
    if (/^\s*(#|$)/.test(line)) above.push(line)
    else {
      blocks.push({ above, line })
      above = []
    }
  }
  return { blocks, tail: above }
}

// A line may be for several names: the others keep it.
function withoutName(block: Block, { name, keys }: { name: string; keys: HostKey[] }): Block[] {
  const entry = readEntry(block.line)
  if (!entry?.names.some((pattern) => isNamed(pattern, name))) return [block]
  if (keys.some((key) => isSameKey(key, entry))) return [block]
  const names = entry.names.filter((pattern) => !isNamed(pattern, name))
  const { type, base64, comment } = entry
  return names.length === 0
    ? []
    : [{ ...block, line: `${names.join(',')} ${type} ${base64} ${comment}`.trim() }]
}

function sortKey(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ')
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
