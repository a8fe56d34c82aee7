import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Writes NAME.crt, signed by itself, and NAME.key into a folder. */
export function generateCertificate(folder: string, name: string): void {
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)]
  execFileSync('openssl', [...kind, '-subj', '/CN=kubernetes', ...files], { stdio: 'pipe' })
}
