import { z } from "zod";

/** ISO 8601 instant in UTC with milliseconds. */
export const instant = z.iso.datetime();

export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 lower-case hexadecimal digits");

/** Names of models and datasets: they appear in URLs, in `name:3` and in `name@alias`. */
export const entityName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
    "1 to 128 letters, digits, '.', '_' or '-', starting with a letter or digit",
  );

export const aliasName = z
  .string()
  .regex(/^[\p{L}\p{N}_-]{1,255}$/u, "1 to 255 letters, digits, '_' or '-'")
  .refine(
    (name) => name.toLowerCase() !== "latest" && !/^v\d+$/i.test(name),
    "'latest' and 'v<number>' are reserved",
  );

export const tags = z.record(z.string().min(1).max(250), z.string().max(5000));

export const pageQuery = z.object({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(200).default(50),
});

/** Envelope of every list of the hub's own API. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    total: z.int().min(0),
    page: z.int().min(1),
    page_size: z.int().min(1),
  });
}

export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  page_size: number;
}

/** Body of every error of the hub's own API. */
export const hubError = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
  }),
});
