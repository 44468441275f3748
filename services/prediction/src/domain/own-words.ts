/**
 * Series that tell what Prediction said, or may do so: a rule's expression can be made of a forecast. None of them is ever an
 * input of a model, a resource that is foreseen, or a label.
 */
export const isOwnWord = (metric: string): boolean =>
  /^(forecast|prediction|expression)\./.test(metric);
