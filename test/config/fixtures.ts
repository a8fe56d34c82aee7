import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import dotenv from 'dotenv'
import type { Finding, TaskError } from '../../tasks/lib/cli/errors.ts'
import { findingText } from '../../tasks/lib/cli/terminal/finding-text.ts'
import { loadConfig } from '../../tasks/lib/config/config.ts'
import type { Config } from '../../tasks/lib/config/model.ts'

/** One folder of fixtures: its name says the case. */
export interface Fixture {
  name: string
  folder: string
  expected: string
}

/** The folders below test/fixtures/valid or invalid, config. */
export function configFixtures(kind: 'valid' | 'invalid'): Fixture[] {
  const parent = fileURLToPath(new URL(`../fixtures/${kind}/config`, import.meta.url))
  return readdirSync(parent).map((name) => {
    const folder = join(parent, name)
    return { name: name.replaceAll('-', ' '), folder, expected: textOf(join(folder, 'expected.txt')) }
  })
}

/** Loads a fixture; its file "environment" stands for the process environment. */
export function loadFixture({ folder }: Fixture): Promise<Config> {
  return loadConfig(folder, { environment: dotenv.parse(textOf(join(folder, 'environment'))) })
}

/** All that is said of a configuration, as the command line prints it. */
export async function findingsText(loading: Promise<Config>): Promise<string> {
  const findings = await loading.then(
    (config): Finding[] => config.findings,
    (error: TaskError) => error.findings,
  )
  return findings.map((finding) => `${findingText(finding)}\n`).join('')
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
