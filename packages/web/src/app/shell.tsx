import { AppShell, useMatches, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet } from "@tanstack/react-router";
import { useCallback } from "react";
import { HubNotices } from "./hub-notices.tsx";
import { Header } from "./header.tsx";
import { Menu } from "./menu.tsx";
import { useOnDemand } from "./on-demand.tsx";
import { useRouteFocus } from "./route-focus.ts";
import { useShortcuts } from "./shortcuts/use-shortcuts.ts";

const loadPalette = () => import("./palette/palette.tsx").then(({ Palette }) => Palette);
const loadHelp = () =>
  import("./shortcuts/shortcuts-dialog.tsx").then(({ ShortcutsDialog }) => ShortcutsDialog);

/** What stands around every page: name, search, menu, colour scheme, and what there is to say of the hub. */
export function Shell() {
  const [menuOpened, menu] = useDisclosure(false);
  const phone = useMatches({ base: true, sm: false });
  const covered = phone && menuOpened;
  const help = useOnDemand(loadHelp);
  const palette = useOnDemand(loadPalette);
  const { open: openHelp } = help;
  const { open: openPalette } = palette;
  const open = useCallback(() => {
    menu.close();
    openPalette();
  }, [menu, openPalette]);
  useShortcuts({ openPalette: open, openHelp });
  useRouteFocus();
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: "sm", collapsed: { mobile: !menuOpened } }}
      padding="md"
    >
      <SkipLink />
      <Header menuOpened={menuOpened} toggleMenu={menu.toggle} openPalette={open} />
      <Menu id="menu" hidden={phone && !menuOpened} covering={covered} close={menu.close} />
      <AppShell.Main id="content" tabIndex={-1} inert={covered}>
        <HubNotices />
        <Outlet />
      </AppShell.Main>
      {palette.Component !== null && (
        <palette.Component
          openHelp={openHelp}
          onClosed={(leaves) => (leaves ? palette.close() : palette.closeAndReturn())}
        />
      )}
      {help.Component !== null && <help.Component onClose={help.closeAndReturn} />}
    </AppShell>
  );
}

/** The way past the menu for whoever goes by keyboard; a button, for what is behind the `#` are addresses. */
function SkipLink() {
  return (
    <UnstyledButton className="skip-link" onClick={() => document.getElementById("content")?.focus()}>
      Skip to the content
    </UnstyledButton>
  );
}
