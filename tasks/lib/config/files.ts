import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Finding, TaskError } from '../cli/errors.ts'
import { type ClusterFile, readClusterFile } from './cluster-file/cluster-file.ts'
import { type EnvFile, readEnvFile } from './variables/env-file.ts'

/** The files that configure a project; one that is not there declares nothing. */
export interface ConfigFiles {
  vars: EnvFile
  envLocal: EnvFile
  env: EnvFile
  cluster: ClusterFile
}

/** Reads .env.local, .env and cluster.yaml of a project, and the file of --vars. */
export async function readConfigFiles(root: string, varsFile: string | undefined): Promise<ConfigFiles> {
  const [vars, envLocal, env, cluster] = await Promise.all([
    readVarsFile(varsFile),
    readText(resolve(root, '.env.local'), '.env.local'),
    readText(resolve(root, '.env'), '.env'),
    readText(resolve(root, 'cluster.yaml'), 'cluster.yaml'),
  ])
  return {
    vars,
    envLocal: readEnvFile(envLocal ?? '', { file: '.env.local' }),
    env: readEnvFile(env ?? '', { file: '.env' }),
    cluster: readClusterFile(cluster ?? '', 'cluster.yaml'),
  }
}

async function readVarsFile(file: string | undefined): Promise<EnvFile> {
  if (file === undefined) return { definitions: [], findings: [] }
  const text = await readText(resolve(file), file)
  if (text !== undefined) return readEnvFile(text, { file, label: `--vars ${file}` })
  const message = `--vars ${file}: there is no such file`
  const finding: Finding = {
    severity: 'error',
    message,
    hint: `write one with lines NAME=value, or correct the path`,
  }
  return { definitions: [], findings: [finding] }
}

async function readText(path: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    const hint = code === 'EISDIR' ? `${file} has to be a file` : `see ls -l ${file}`
    throw new TaskError(`${file} cannot be read: ${code}`, { file, hint, cause: error })
  }
}
