import { quote } from '../../cli/process/quote.ts'
import type { Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'

/**
 * A unit that runs the program that is installed: one that was started before its program was exchanged, as by a run that
 * was killed between the two, is restarted.
 */
export function runningProgram(name: string, program: string): Resource {
  const [service, file] = [quote(name), quote(program)]
  const isOld = `since=$(TZ=UTC systemctl show -p ActiveEnterTimestamp --value -- ${service})
if systemctl is-active -q ${service} && test -e ${file} && test -n "$since" \\
  && test "$(stat -L -c %Z -- ${file})" -gt "$(date -d "$since" +%s)"`
  return {
    target: `running ${name}`,
    probe: `${isOld}\nthen echo old; fi`,
    plan: (answer) => {
      if (!answerLines(answer).includes('old')) return { actions: [] }
      const words = {
        before: ['runs the program that was there before'],
        after: ['runs the one that is installed'],
      }
      // By then it may have been restarted already, with a program that was installed.
      const commands = [`${isOld}\nthen systemctl restart ${service}; fi`]
      return { actions: [{ action: 'run', title: `restart ${name}`, ...words, commands }] }
    },
  }
}
