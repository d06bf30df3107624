// Link definitions: which ones a block asked for, and what they meant when it was drawn.

/** What a link definition means, as something to compare. */
export function meaning(reference) {
  return reference && `${reference.href}\n${reference.title}`;
}

/** The definitions, writing down which ones were asked for. */
export function recorder(references, lookups) {
  return new Proxy(references, {
    get(target, label) {
      if (typeof label === "string") lookups.set(label, meaning(target[label]));
      return target[label];
    },
  });
}
