import { ActionIcon, Anchor, Badge, Group, Table, Text } from "@mantine/core";
import type { Model } from "@hearth/wire/hub/models";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Age } from "../../components/age.tsx";
import { modelAddress, referenceAddress, versionAddress } from "../../routing/addresses.ts";
import type { ModelGroup } from "./model-groups.ts";

/** As wide as what folds a base, so that names stand under each other. */
const foldWidth = 24;

export interface BaseRowProps {
  group: ModelGroup;
  unfolded: boolean;
  /** Names of models whose weights are loaded. */
  loaded: ReadonlySet<string>;
  toggle: () => void;
}

/** A base, with what folds the list of its adapters. */
export function BaseRow({ group, unfolded, loaded, toggle }: BaseRowProps) {
  const { name, base, adapters } = group;
  const words = `${adapters.length} ${adapters.length === 1 ? "adapter" : "adapters"}`;
  const fold =
    adapters.length === 0 ? (
      <span style={{ width: foldWidth, flexShrink: 0 }} />
    ) : (
      <ActionIcon
        variant="subtle"
        color="gray"
        size={foldWidth}
        aria-expanded={unfolded}
        aria-label={`${unfolded ? "Hide" : "Show"} ${words} of ${name}`}
        onClick={toggle}
      >
        {unfolded ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
      </ActionIcon>
    );
  const count = adapters.length > 0 && (
    <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap" }}>
      {words}
    </Text>
  );
  if (base !== null) return <ModelRow model={base} loaded={loaded} before={fold} after={count} />;
  return (
    <Table.Tr>
      <Table.Td colSpan={7}>
        <Group gap={6} wrap="nowrap">
          {fold}
          <Anchor inherit href={modelAddress(name)} style={{ overflowWrap: "anywhere" }}>
            {name}
          </Anchor>
          {count}
          <Text size="xs" c="dimmed">
            not in this list itself
          </Text>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

export interface ModelRowProps {
  model: Model;
  loaded: ReadonlySet<string>;
  /** Stands under its base. */
  indented?: boolean;
  before?: ReactNode;
  after?: ReactNode;
}

/** One model in the list. */
export function ModelRow({ model, loaded, indented = false, before, after }: ModelRowProps) {
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <Group gap={6} wrap="nowrap" pl={indented ? 2 * foldWidth : 0}>
          {before}
          <Anchor inherit href={modelAddress(model.name)} style={{ overflowWrap: "anywhere" }}>
            {model.name}
          </Anchor>
          {after}
        </Group>
      </Table.Td>
      <Table.Td>{model.task_type}</Table.Td>
      <Table.Td>
        <VersionLink model={model.name} version={model.aliases["champion"] ?? null} />
      </Table.Td>
      <Table.Td>
        <VersionLink model={model.name} version={model.latest_version} />
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        {model.base_model !== null && (
          <Anchor inherit href={referenceAddress(model.base_model)}>
            {model.base_model}
          </Anchor>
        )}
      </Table.Td>
      <Table.Td>
        {loaded.has(model.name) && (
          <Badge variant="outline" color="green">
            loaded
          </Badge>
        )}
      </Table.Td>
      <Table.Td style={{ whiteSpace: "nowrap" }}>
        <Age at={model.created_at} />
      </Table.Td>
    </Table.Tr>
  );
}

function VersionLink({ model, version }: { model: string; version: number | null }) {
  return version === null ? (
    "–"
  ) : (
    <Anchor inherit href={versionAddress(model, version)}>
      {version}
    </Anchor>
  );
}
