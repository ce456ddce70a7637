import { createStore } from '../store';

/** Whether critical alerts are heard. Not until somebody wants it: browsers allow no sound before either. */
export const sound = createStore(false);

let context: AudioContext | undefined;

export function toggleSound(): void {
  sound.set((isOn) => !isOn);
  if (!sound.get()) return;
  context ??= new AudioContext();
  void context.resume();
  alarm();
}

/** Two short tones. */
export function alarm(): void {
  if (!sound.get() || !context) return;
  for (const [index, frequency] of [880, 1175].entries()) {
    const [oscillator, gain] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + 0.18 * index;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.15, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + 0.16);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.17);
  }
}
