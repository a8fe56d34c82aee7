let listener: ((commandLine: string) => void) | undefined

/** Hears every command line that this process runs from now on, redacted; undefined stops it. */
export function onCommand(listen: typeof listener): void {
  listener = listen
}

/** Says that a command line is about to run. */
export function announceCommand(commandLine: string): void {
  listener?.(commandLine)
}
