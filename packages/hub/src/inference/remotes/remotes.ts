import { closestNames } from "../../closest-names.ts";
import { HearthError } from "../../errors.ts";
import { OpenAIEngine } from "../engines/openai/engine.ts";
import { Provider, type ProviderOptions, type ProviderStatus } from "./provider.ts";

/** A model of another server, by the name that a request carries: `provider/model`. */
export interface RemoteModel {
  /** `provider/model` */
  reference: string;
  engine: OpenAIEngine;
  /** Does the provider list it? One that it does not list can be asked all the same. */
  listed: boolean;
}

const shownModels = 5;

/** All other servers whose models this hub answers with. */
export class Remotes implements Disposable {
  readonly #providers: ReadonlyMap<string, Provider>;

  constructor(providers: readonly ProviderOptions[]) {
    this.#providers = new Map(providers.map((options) => [options.name, new Provider(options)]));
  }

  /** No model of the hub's own has a slash in its name. */
  names(reference: string): boolean {
    return reference.includes("/");
  }

  /**
   * The model that a name with a slash stands for. What the provider lists is no proof that it lacks another one,
   * unless the settings say which it has.
   *
   * Errors: `not_found` naming the closest names.
   */
  find(reference: string): RemoteModel {
    const slash = reference.indexOf("/");
    const provider = this.#providers.get(reference.slice(0, slash));
    const model = reference.slice(slash + 1);
    if (provider === undefined) throw this.#unknownProvider(reference, reference.slice(0, slash));
    if (model === "" || !provider.has(model)) throw unknownModel(provider, reference, model);
    const listed = provider.status().models.includes(model);
    return { reference, engine: new OpenAIEngine(provider).use(model), listed };
  }

  /** Every `provider/model` that is known. Waits a second at most. */
  async list(): Promise<string[]> {
    const lists = await Promise.all(
      [...this.#providers.values()].map(async (provider) =>
        (await provider.models()).map((model) => `${provider.name}/${model}`),
      ),
    );
    return lists.flat();
  }

  status(): ProviderStatus[] {
    return [...this.#providers.values()].map((provider) => provider.status());
  }

  [Symbol.dispose](): void {
    for (const provider of this.#providers.values()) provider[Symbol.dispose]();
  }

  #unknownProvider(reference: string, name: string): HearthError {
    const names = [...this.#providers.keys()];
    const closest = closestNames(name, names);
    const hint =
      names.length === 0
        ? 'No other servers are set up: "providers" in the hub\'s config.json names them.'
        : closest.length > 0
          ? `The closest: ${closest.join(", ")}.`
          : `There are: ${names.join(", ")}.`;
    return new HearthError(
      "not_found",
      `There is no provider ${JSON.stringify(name.slice(0, 100))} for the model ${JSON.stringify(reference.slice(0, 300))}. ${hint}`,
      { details: { model: reference.slice(0, 300), closest } },
    );
  }
}

function unknownModel(provider: Provider, reference: string, model: string): HearthError {
  const { models } = provider.status();
  const names = models.map((name) => `${provider.name}/${name}`);
  const closest = closestNames(model, models).map((name) => `${provider.name}/${name}`);
  const hint =
    closest.length > 0
      ? ` The closest: ${closest.join(", ")}.`
      : names.length > 0
        ? ` It has: ${names.slice(0, shownModels).join(", ")}${names.length > shownModels ? ", …" : ""}.`
        : "";
  return new HearthError(
    "not_found",
    `The provider ${provider.name} has no model ${JSON.stringify(model.slice(0, 300))}.${hint}`,
    { details: { model: reference.slice(0, 300), closest } },
  );
}
