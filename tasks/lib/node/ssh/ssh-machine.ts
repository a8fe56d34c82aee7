import { checkLease } from '../lease.ts'
import type { Machine } from '../machine.ts'
import { runScript } from './run-script.ts'
import type { Session } from './session.ts'
import { startTalk } from './talk.ts'

/** A machine whose scripts go through one connection. */
export function sshMachine(session: Session): Machine {
  const { name, label } = session.connection.host
  const machine: Machine = {
    name,
    label,
    async run(script, options = {}) {
      checkLease(machine)
      return runScript(script, { session, options })
    },
    talk: (script, options) => startTalk(script, { session, options }),
  }
  return machine
}
