/** The process environment; the only place that reads it. Tests pass their own. */
export declare function environment(): Readonly<Record<string, string | undefined>>
