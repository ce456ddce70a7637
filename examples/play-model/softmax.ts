/** What was learned: the mean and deviation of each feature, and for each class its weights, the first of which is for 1. */
export interface Weights {
  readonly classes: readonly string[];
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

export interface Example {
  readonly features: readonly number[];
  readonly label: string;
}

/** How likely each class is; together 1. */
export function probabilities(features: readonly number[], model: Weights): number[] {
  const inputs = scaled(features, model);
  const scores = model.weights.map((row) => row.reduce((sum, weight, index) => sum + weight * inputs[index], 0));
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const all = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / all);
}

const ROUNDS = 400;
const RATE = 0.5;

/** Softmax regression by gradient descent. The same examples make the same weights. */
export function train(examples: readonly Example[], classes: readonly string[]): Weights {
  const size = examples[0].features.length;
  const column = (index: number) => examples.map(({ features }) => features[index]);
  const means = Array.from({ length: size }, (_each, index) => mean(column(index)));
  const deviations = means.map(
    (middle, index) => Math.sqrt(mean(column(index).map((value) => (value - middle) ** 2))) || 1,
  );
  let model: Weights = { classes, means, deviations, weights: classes.map(() => new Array<number>(size + 1).fill(0)) };
  for (let round = 0; round < ROUNDS; round++) {
    const steps = classes.map(() => new Array<number>(size + 1).fill(0));
    for (const { features, label } of examples) {
      const inputs = scaled(features, model);
      probabilities(features, model).forEach((probability, index) => {
        const error = (classes[index] === label ? 1 : 0) - probability;
        inputs.forEach((input, position) => (steps[index][position] += error * input));
      });
    }
    const weights = model.weights.map((row, index) =>
      row.map((weight, position) => weight + (RATE * steps[index][position]) / examples.length),
    );
    model = { ...model, weights };
  }
  return model;
}

function scaled(features: readonly number[], { means, deviations }: Weights): number[] {
  return [1, ...features.map((feature, index) => (feature - means[index]) / deviations[index])];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
