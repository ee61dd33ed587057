import { trainerDescriptions } from "@hearth/wire/hub/training";
import { operation } from "../../operation.ts";

export const listTrainers = operation({
  method: "GET",
  path: "/training/trainers",
  name: "listTrainers",
  summary: "The trainers, the preferred ones first, and whether each can run on this machine",
  tag: "training",
  responses: {
    200: { description: "What each can do, and why it cannot be taken here", schema: trainerDescriptions },
  },
  handle: ({ services }) => Promise.resolve({ items: services.training.trainers() }),
});
