import { Anchor, AppShell, Group, NavLink, Text } from "@mantine/core";
import { useFocusTrap } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link, useLocation } from "@tanstack/react-router";
import { versionQuery } from "./version-query.ts";
import { navigation } from "./navigation.ts";

export interface MenuProps {
  id: string;
  /** On a phone, while it is not opened. */
  hidden: boolean;
  /** On a phone it lies over the page: the focus stays in it until it is closed. */
  covering: boolean;
  close: () => void;
}

/** The rooms, and what this hub is. */
export function Menu({ id, hidden, covering, close }: MenuProps) {
  const { pathname } = useLocation();
  const trap = useFocusTrap(covering);
  return (
    <AppShell.Navbar
      id={id}
      ref={trap}
      p="xs"
      aria-label="Rooms"
      inert={hidden}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !covering) return;
        close();
        document.getElementById("menu-button")?.focus();
      }}
    >
      <AppShell.Section grow style={{ overflowY: "auto" }}>
        {navigation.map(({ to, label, icon: Icon, key }) => (
          <NavLink
            key={to}
            label={label}
            title={`${label}: g, then ${key}`}
            leftSection={<Icon size={18} aria-hidden />}
            active={to === "/" ? pathname === "/" : pathname.startsWith(to)}
            onClick={close}
            renderRoot={(props) => <Link to={to} {...props} />}
          />
        ))}
      </AppShell.Section>
      <AppShell.Section>
        <HubVersion />
      </AppShell.Section>
    </AppShell.Navbar>
  );
}

function HubVersion() {
  const { data } = useQuery(versionQuery);
  return (
    <Group gap="xs" px="xs" pt="xs" justify="space-between">
      <Text size="xs" c="dimmed">
        {data === undefined ? "" : `Version ${data}`}
      </Text>
      <Anchor size="xs" href="./openapi.json" target="_blank" rel="noopener" underline="always">
        HTTP API
      </Anchor>
    </Group>
  );
}
