import type { Store } from '../store.ts'
import { emitYaml } from './emit.ts'
import { parseYaml } from './read.ts'
import { rewriteYaml } from './rewrite.ts'
import { settleYaml } from './settle.ts'

/**
 * YAML as sops reads and writes it, which is as go.yaml.in/yaml/v3 does.
 * The place of a comment starts at its #. That of a value takes in its tag, but not its anchor; that of a block scalar
 * ends before its last line break. Empty values, and all that came out of an alias, have none.
 */
export const yamlStore: Store = {
  parse: parseYaml,
  emit: emitYaml,
  rewrite: rewriteYaml,
  settle: settleYaml,
}
