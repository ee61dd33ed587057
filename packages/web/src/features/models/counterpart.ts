import type { Model } from "@hearth/wire/hub/models";

/** What a version is usually held against: the champion, else the newest other one; as a reference, none where there is none. */
export function counterpartOf(model: Model, version: number): string[] {
  const champion = model.aliases["champion"];
  const others = [champion, model.latest_version, version - 1];
  const other = others.find((number) => typeof number === "number" && number > 0 && number !== version);
  return typeof other === "number" ? [`${model.name}:${other}`] : [];
}
