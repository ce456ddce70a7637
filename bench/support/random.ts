/** Numbers from 0 to 1 that are the same in each run (the generator is mulberry32). */
export class Random {
  constructor(private state: number) {}

  readonly next = (): number => {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.next() * choices.length)];
  }

  /** Times as networks have them: never less than 80 % of the mean, and sometimes several times as much. */
  latency(mean: number): number {
    return mean * (0.8 - 0.2 * Math.log(1 - this.next()));
  }
}
