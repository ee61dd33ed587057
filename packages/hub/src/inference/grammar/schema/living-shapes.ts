import type { ArrayForm, Form, ObjectForm, Shape } from "./shape.ts";

/**
 * The shapes of which some finite value exists: a property that must be there, and whose value must hold one like
 * itself, has none, and a grammar of it would never let a model finish.
 */
export function livingShapes(all: readonly Shape[]): ReadonlySet<Shape> {
  const living = new Set<Shape>();
  // What is inside comes later in the list, mostly: from the end one round is nearly always enough.
  const order = all.toReversed();
  for (let before = -1; before < living.size;) {
    before = living.size;
    for (const shape of order) {
      if (!living.has(shape) && shape.forms.some((form) => livingForm(form, living) !== null))
        living.add(shape);
    }
  }
  return living;
}

/** The form without what no finite value can be part of; null when nothing is left. */
export function livingForm(form: Form, living: ReadonlySet<Shape>): Form | null {
  if (form.kind === "object") return livingObject(form, living);
  return form.kind === "array" ? livingArray(form, living) : form;
}

function livingObject(form: ObjectForm, living: ReadonlySet<Shape>): ObjectForm | null {
  const properties = form.properties.filter(({ shape }) => living.has(shape));
  const required = form.properties.filter((property) => property.required);
  if (required.some(({ shape }) => !living.has(shape)) || required.length > (form.max ?? Infinity))
    return null;
  const additional = form.additional !== null && living.has(form.additional) ? form.additional : null;
  if (additional === null && properties.length < form.min) return null;
  return { ...form, properties, additional };
}

function livingArray(form: ArrayForm, living: ReadonlySet<Shape>): ArrayForm | null {
  const dead = form.first.findIndex((shape) => !living.has(shape));
  const ends = dead >= 0 ? dead : living.has(form.rest) ? Infinity : form.first.length;
  const max = Math.min(form.max ?? Infinity, ends);
  return max < form.min ? null : { ...form, max: max === Infinity ? null : max };
}

/** The innermost reason why a shape has no value: one without any form, or the shape itself where there is none. */
export function deadCause(shape: Shape, living: ReadonlySet<Shape>): Shape {
  const seen = new Set<Shape>([shape]);
  for (const at of seen) {
    if (at.forms.length === 0) return at;
    for (const form of at.forms) {
      for (const inner of mustHold(form)) if (!living.has(inner)) seen.add(inner);
    }
  }
  return shape;
}

function mustHold(form: Form): readonly Shape[] {
  if (form.kind === "object")
    return form.properties.filter(({ required }) => required).map(({ shape }) => shape);
  return form.kind === "array" ? [...form.first, form.rest] : [];
}
