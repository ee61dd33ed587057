import { trainingQueue } from "@hearth/wire/hub/training";
import { pauseQueueRequest } from "@hearth/wire/hub/training-queue";
import { operation } from "../../operation.ts";

const responses = { 200: { description: "The queue", schema: trainingQueue } };

export const getTrainingQueue = operation({
  method: "GET",
  path: "/training/queue",
  name: "trainingQueue",
  summary: "What runs, what comes next in its order, what is paused, and what holds it up",
  tag: "training",
  responses,
  handle: ({ services }) => services.training.queue(),
});

export const pauseTrainingQueue = operation({
  method: "POST",
  path: "/training/queue/pause",
  name: "pauseTrainingQueue",
  summary: "Let no job begin until the queue is resumed, also after the hub was started again",
  tag: "training",
  body: pauseQueueRequest,
  responses,
  handle: ({ services, body }) => services.training.pauseQueue(body.running),
});

export const resumeTrainingQueue = operation({
  method: "POST",
  path: "/training/queue/resume",
  name: "resumeTrainingQueue",
  summary: "Let jobs begin again",
  tag: "training",
  responses,
  handle: ({ services }) => services.training.resumeQueue(),
});
