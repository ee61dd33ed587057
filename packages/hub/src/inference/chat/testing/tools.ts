import type { Tool } from "../../engine.ts";

export const weather: Tool = {
  name: "get_weather",
  description: "The weather of a place",
  parameters: {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { type: "integer" },
      unit: { type: "string", enum: ["celsius", "fahrenheit"] },
    },
    required: ["city"],
    additionalProperties: false,
  },
  strict: true,
};

export const clock: Tool = { name: "clock", description: null, parameters: null, strict: false };

export const tools: readonly Tool[] = [weather, clock];
