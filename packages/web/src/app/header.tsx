import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Group,
  Kbd,
  Text,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { IconMoon, IconSearch, IconSun } from "@tabler/icons-react";

export interface HeaderProps {
  menuOpened: boolean;
  toggleMenu: () => void;
  openPalette: () => void;
}

const paletteKeys = "Control+K Meta+K";

/** The bar at the top. */
export function Header({ menuOpened, toggleMenu, openPalette }: HeaderProps) {
  return (
    <AppShell.Header>
      <Group h="100%" px="md" justify="space-between" wrap="nowrap">
        <Group gap="xs" wrap="nowrap">
          <Burger
            id="menu-button"
            opened={menuOpened}
            onClick={toggleMenu}
            hiddenFrom="sm"
            size="sm"
            aria-label="Menu"
            aria-expanded={menuOpened}
            aria-controls="menu"
          />
          <img src="./hearth.svg" alt="" width={26} height={26} />
          <Text fw={700} size="lg">
            Hearth
          </Text>
        </Group>
        <Group gap="xs" wrap="nowrap">
          <Button
            visibleFrom="sm"
            variant="default"
            size="compact-md"
            fw={400}
            leftSection={<IconSearch size={16} aria-hidden />}
            rightSection={
              <Kbd size="xs" aria-hidden>
                Ctrl K
              </Kbd>
            }
            aria-keyshortcuts={paletteKeys}
            onClick={openPalette}
          >
            Find anything
          </Button>
          <ActionIcon
            hiddenFrom="sm"
            variant="subtle"
            size="lg"
            aria-label="Find anything"
            aria-keyshortcuts={paletteKeys}
            onClick={openPalette}
          >
            <IconSearch size={18} />
          </ActionIcon>
          <ColorSchemeSwitch />
        </Group>
      </Group>
    </AppShell.Header>
  );
}

function ColorSchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const other = scheme === "dark" ? "light" : "dark";
  return (
    <ActionIcon
      variant="subtle"
      size="lg"
      aria-label={`Use the ${other} colours`}
      onClick={() => setColorScheme(other)}
    >
      {scheme === "dark" ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
