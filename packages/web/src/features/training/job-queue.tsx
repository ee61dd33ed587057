import { ActionIcon, Card, Group, Stack, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type DragEndEvent,
} from "@dnd-kit/core";
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { IconGripVertical } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { hub } from "../../hub/hub.ts";
import { CancelButton } from "./cancel-button.tsx";
import { JobLink } from "./job-links.tsx";
import { stepReached } from "./paused-job.tsx";
import { PauseButton } from "./pause-button.tsx";
import { PrioritySelect } from "./priority-select.tsx";

/** Waiting jobs in the order they will run; dragged, or moved by space and the arrow keys. */
export function JobQueue({ jobs }: { jobs: readonly TrainingJob[] }) {
  const queries = useQueryClient();
  const ids = jobs.map(({ id }) => id);
  const sensors = useSensors(
    useSensor(PointerSensor),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const move = useMutation({
    mutationFn: ({ id, before }: { id: string; before: string | null }) => hub.jobs.move(id, before),
    onSettled: () => queries.invalidateQueries({ queryKey: ["training"] }),
    onError: (error) => notifications.show({ color: "red", message: error.message }),
  });
  const onDragEnd = ({ active, over }: DragEndEvent) => {
    const [from, to] = [ids.indexOf(String(active.id)), ids.indexOf(String(over?.id))];
    if (from === -1 || to === -1 || from === to) return;
    const order = arrayMove(ids, from, to);
    move.mutate({ id: String(active.id), before: order[to + 1] ?? null });
  };
  // Until the hub has answered, the order is the one that was asked for.
  const shown = move.isPending ? moved(jobs, move.variables) : jobs;
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={onDragEnd}>
      <SortableContext items={shown.map(({ id }) => id)} strategy={verticalListSortingStrategy}>
        <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: "none" }}>
          {shown.map((job) => (
            <QueuedJob key={job.id} job={job} />
          ))}
        </Stack>
      </SortableContext>
    </DndContext>
  );
}

/** px; what a finger finds without looking for it. */
const fingerSize = 44;

function QueuedJob({ job }: { job: TrainingJob }) {
  const step = stepReached(job);
  const byFinger = useMediaQuery("(pointer: coarse), (max-width: 48em)");
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition } = useSortable({
    id: job.id,
  });
  return (
    <Card
      component="li"
      withBorder
      p="xs"
      ref={setNodeRef}
      style={{
        transform: transform === null ? undefined : `translate(${transform.x}px, ${transform.y}px)`,
        transition,
      }}
    >
      <Group justify="space-between">
        <Group gap="xs" wrap="nowrap">
          <ActionIcon
            ref={setActivatorNodeRef}
            variant="subtle"
            color="gray"
            size={byFinger === true ? fingerSize : "md"}
            style={{ touchAction: "none", cursor: "grab" }}
            {...attributes}
            {...listeners}
            aria-label={`Move ${job.model}:${job.version}`}
          >
            <IconGripVertical size={byFinger === true ? 24 : 16} aria-hidden />
          </ActionIcon>
          <div>
            <JobLink job={job} />
            <Text size="xs" c="dimmed">
              {job.parameters.recipe} on {job.dataset}
              {step !== null && `, goes on after ${step}`}
            </Text>
          </div>
        </Group>
        <Group gap="xs" justify="flex-end">
          <PrioritySelect job={job} />
          <PauseButton job={job} />
          <CancelButton job={job} />
        </Group>
      </Group>
    </Card>
  );
}

function moved(jobs: readonly TrainingJob[], { id, before }: { id: string; before: string | null }) {
  const job = jobs.find((one) => one.id === id);
  if (job === undefined) return jobs;
  const others = jobs.filter((one) => one.id !== id);
  const at = before === null ? -1 : others.findIndex((one) => one.id === before);
  return others.toSpliced(at === -1 ? others.length : at, 0, job);
}
