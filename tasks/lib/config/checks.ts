import type { Finding } from '../cli/errors.ts'
import type { Config } from './model.ts'
export function checkConfig(_c: Config, _o: unknown): Finding[] {
  return []
}
