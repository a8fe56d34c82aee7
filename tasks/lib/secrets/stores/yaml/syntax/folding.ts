/** Joins the lines of a scalar as YAML folds them: one line break is a space, of several the first is dropped. */
export class Folding {
  text = ''
  private blanks = ''
  private breaks: string[] = []

  /** Line breaks were met since the last text. */
  get isBroken(): boolean {
    return this.breaks.length > 0
  }

  addBlank(character: string): void {
    if (!this.isBroken) this.blanks += character
  }

  addBreak(character: string): void {
    this.blanks = ''
    this.breaks.push(character)
  }

  /** An escaped line break: it and the blanks around it leave nothing. */
  addEscapedBreak(): void {
    this.breaks.push('')
  }

  add(text: string): void {
    this.join()
    this.text += text
  }

  /** Puts down what the gap since the last text stands for. */
  join(): void {
    if (this.isBroken) {
      const [first, ...more] = this.breaks
      if (first !== '\n') this.text += first
      this.text += first === '\n' && more.length === 0 ? ' ' : more.join('')
    } else this.text += this.blanks
    this.blanks = ''
    this.breaks = []
  }
}
