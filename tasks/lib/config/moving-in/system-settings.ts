import type { Finding } from '../../cli/errors.ts'
import { type FormatName, formatNamed } from '../variables/formats.ts'
import type { HostScope } from './ansible/host-scope.ts'
import type { OldSystem } from './old-cluster.ts'
import { leave, type Taken, takeList, takeSettings, takeText, type Wanted } from './reading.ts'

/** Packages, modules and kernel settings that the variable files add; every node gets what one of them has. */
export function readSystem(scopes: HostScope[], findings: Finding[]): OldSystem {
  const lists = (names: string[], format: FormatName) =>
    unique(scopes.flatMap((scope) => names.flatMap((name) => readList(name, { scope, format, findings }))))
  const sysctl = scopes.flatMap((scope) =>
    ['sysctl', 'network_sysctl'].flatMap((name) => readSysctl(name, scope, findings)),
  )
  return {
    packages: lists(['ubuntu_package_additions'], 'packageName'),
    modules: lists(['k8s_kernel_modules', 'kernel_modules'], 'moduleName'),
    sysctl: agreed(sysctl, findings),
  }
}

function readList(
  name: string,
  { scope, format, findings }: { scope: HostScope; format: FormatName; findings: Finding[] },
): Taken[] {
  const wanted: Wanted = { name, hint: 'write it into cluster.yaml, below system', findings }
  const written = scope.written.has(name) ? scope.variable(name) : undefined
  return takeList(written, scope, wanted).filter(({ value }) => {
    const fits = formatNamed(format).accepts(value)
    if (!fits) leave(written!.place, `holds "${value}", expected ${formatNamed(format).expected}`, wanted)
    return fits
  })
}

function readSysctl(name: string, scope: HostScope, findings: Finding[]): [string, Taken][] {
  const wanted: Wanted = { name, hint: 'write it into cluster.yaml, below system.sysctl', findings }
  const written = scope.written.has(name) ? scope.variable(name) : undefined
  return [...(takeSettings(written, scope, wanted) ?? [])].flatMap(([key, value]): [string, Taken][] => {
    const taken = takeText(value, scope, { ...wanted, name: `${name}.${key}` })
    if (!formatNamed('sysctlKey').accepts(key))
      leave(value.place, 'is no kernel setting', { ...wanted, name: key })
    return taken && formatNamed('sysctlKey').accepts(key) ? [[key, taken]] : []
  })
}

function agreed(entries: [string, Taken][], findings: Finding[]): [string, Taken][] {
  const values = new Map<string, Taken>()
  for (const [key, taken] of entries) {
    const known = values.get(key)
    if (!known) values.set(key, taken)
    else if (known.value !== taken.value) {
      const message = `sysctl ${key} is ${known.value} in ${known.from} and ${taken.value} in ${taken.from}: the first is taken`
      findings.push({ severity: 'warning', message, hint: 'cluster.yaml has one value for all nodes' })
    }
  }
  return [...values]
}

function unique(items: Taken[]): Taken[] {
  return [
    ...new Map(items.map((item) => [item.value, item]).reverse() as [string, Taken][]).values(),
  ].reverse()
}
