import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import {
  IconCube,
  IconDatabase,
  IconFlask,
  IconKeyboard,
  IconMoon,
  IconSchool,
  IconSun,
} from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { navigation } from "../navigation.ts";
import { pressWhenShown } from "../shortcuts/page-shortcuts.ts";
import type { Finding } from "./finding.ts";

/** A page that does not come in this time does not have what was to be pressed. */
const patienceMs = 5_000;

/** What can be gone to and done whatever the hub has. */
export function usePlaces(openHelp: () => void): Finding[] {
  const { setColorScheme } = useMantineColorScheme();
  const router = useRouter();
  const other = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  const act = (label: string, icon: Finding["icon"], to: Finding["to"]): Finding => ({
    key: `action ${label}`,
    group: "Actions",
    label,
    icon,
    to,
  });
  /** Goes to a room and presses what begins something new there, not what does on the page before. */
  const beginOn = (to: "/datasets" | "/models" | "/experiments") => {
    const press = () => pressWhenShown("n", AbortSignal.timeout(patienceMs));
    if (router.state.location.pathname === to) return press();
    const stop = router.subscribe("onRendered", () => {
      stop();
      press();
    });
    return void router.navigate({ to });
  };
  return [
    ...navigation.map(({ to, label, icon, key }) => ({
      key: `room ${to}`,
      group: "Go to",
      label,
      description: `g then ${key}`,
      icon,
      to: `#${to}`,
    })),
    act("New training job", IconSchool, "#/training/new"),
    act("Add a dataset", IconDatabase, () => beginOn("/datasets")),
    act("Add a model", IconCube, () => beginOn("/models")),
    act("New experiment", IconFlask, () => beginOn("/experiments")),
    act(`Use the ${other} colours`, other === "dark" ? IconMoon : IconSun, () => setColorScheme(other)),
    act("Keyboard shortcuts", IconKeyboard, openHelp),
  ];
}
