import { access, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { Finding } from '../../cli/errors.ts'
import { SecretError } from '../errors.ts'
import type { FileType } from '../stores/store.ts'
import type { Policy } from './policy.ts'
import { type Rule, readRuleFile } from './rule-file.ts'

/** What a .sops.yaml says. */
export interface Rules {
  /** Absolute path of the file. */
  file: string
  rules: Rule[]
  /** What is odd in it and harmless. */
  findings: Finding[]
  /** A path as rules see it: where a link on the way leads, if only then it lies below the rules' folder. */
  pathOf(path: string): Promise<string>
  /** The first rule that takes a path. Throws a SecretError for a path_regex that cannot be read. */
  ruleFor(path: string): Rule | undefined
  /** How a new file is encrypted. Throws a SecretError: no matching creation rules. */
  policyFor(path: string): Policy
  /** The indent that `stores` sets for a kind of file. */
  indentOf(type: FileType): number | undefined
}

const maxLevels = 100
const fileName = '.sops.yaml'

/** Rules of the .sops.yaml that counts for a folder: the one SOPS_CONFIG names, else the nearest upward. */
export async function findRules(
  folder: string,
  { config }: { config?: string } = {},
): Promise<Rules | undefined> {
  if (config) return readRules(resolve(folder, config))
  const misnamed: string[] = []
  for (let level = 0, at = resolve(folder); level < maxLevels; level++, at = dirname(at)) {
    const file = join(at, fileName)
    if (await exists(file)) return readRules(file, { misnamed: misnamed[0] })
    if (await exists(join(at, '.sops.yml'))) misnamed.push(join(at, '.sops.yml'))
    if (at === dirname(at)) break
  }
  return undefined
}

/** A file with rules. Throws a SecretError with file and line for what is no YAML, or has another shape. */
export async function readRules(file: string, { misnamed }: { misnamed?: string } = {}): Promise<Rules> {
  const { rules, stores, findings } = readRuleFile(await text(file), { file })
  const ruleFor = (path: string) => {
    const relativePath = pathFrom(dirname(file), resolve(path))
    return rules.find((rule) => rule.matches(relativePath))
  }
  return {
    file,
    rules,
    findings: [...(misnamed ? [misnamedFinding(misnamed)] : []), ...findings],
    pathOf: (path) => pathBelow(dirname(file), resolve(path)),
    ruleFor,
    policyFor(path) {
      const rule = ruleFor(path)
      if (rule) return rule.policy()
      const below = relative(dirname(file), resolve(path))
      const hint = `add a rule to ${fileName} whose path_regex matches ${below}: - path_regex: ^${below.split(sep)[0]}`
      const message = `no matching creation rules found for ${below}`
      throw new SecretError(message, { code: 'generic', file, hint })
    },
    indentOf: (type) => stores[type],
  }
}

async function pathBelow(folder: string, path: string): Promise<string> {
  if (path.startsWith(folder + sep)) return path
  return join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path))
}

function pathFrom(folder: string, path: string): string {
  return path.startsWith(folder + sep) ? path.slice(folder.length + 1) : path
}

async function text(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const message = `the creation rules cannot be read: ${(error as Error).message}`
    throw new SecretError(message, { code: 'generic', file, cause: error })
  }
}

function misnamedFinding(file: string): Finding {
  return {
    severity: 'warning',
    message: `is not read: rules are in ${fileName}`,
    file,
    hint: `mv ${file} ${join(dirname(file), fileName)}`,
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}
