/** Two short tones for who looks at the glass and not at the screen. */
const TONES = { taken: 880, refused: 220 } as const;
const LASTS_S = 0.12;
const LOUDNESS = 0.15;
let context: AudioContext | null = null;

export function beep(what: keyof typeof TONES): void {
  context ??= new AudioContext();
  const tone = context.createOscillator();
  const gain = context.createGain();
  tone.frequency.value = TONES[what];
  gain.gain.value = LOUDNESS;
  tone.connect(gain).connect(context.destination);
  tone.start();
  tone.stop(context.currentTime + LASTS_S);
}
