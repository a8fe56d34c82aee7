import type { S3Bucket, SshTarget } from './settings.ts'

/** What "user@host:path" or "ssh://user@host:port/path" means; undefined for anything else. */
export function sshTarget(text: string): SshTarget | undefined {
  const [, user, host, port, path] =
    /^ssh:\/\/([^@/\s]+)@(\[[^\]\s]+\]|[^:[\]/\s]+)(?::(\d+))?(\/[^\n"\\]*)$/.exec(text) ??
    withPort(/^([^@/\s]+)@(\[[^\]\s]+\]|[^:[\]/\s]+):([^\n"\\]+)$/.exec(text)) ??
    []
  if (!user || !host || !path) return undefined
  const bare = host.replace(/^\[|\]$/g, '')
  return { user, host: bare, port: port ? Number(port) : 22, path: path.replace(/(?<=.)\/+$/, '') }
}

function withPort(match: RegExpExecArray | null): (string | undefined)[] | undefined {
  return match ? [match[0], match[1], match[2], undefined, match[3]] : undefined
}

/** What "https://host/bucket/prefix" means; undefined for anything else. */
export function s3Bucket(text: string): S3Bucket | undefined {
  const [, url, prefix = ''] =
    /^(https?:\/\/[A-Za-z0-9.:[\]-]+\/[a-z0-9][a-z0-9.-]+)(?:\/([A-Za-z0-9._~/-]*))?$/.exec(text) ?? []
  if (!url) return undefined
  const clean = prefix.replace(/^\/+|\/+$/g, '')
  return { url, prefix: clean ? `${clean}/` : '' }
}
