import {
  IconActivity,
  IconCube,
  IconDatabase,
  IconFlask,
  IconHome,
  IconMessages,
  IconRoute,
  IconSchool,
  IconSettings,
} from "@tabler/icons-react";

/** The rooms of the page in the order of the menu; `g` and the key go there. */
export const navigation = [
  { to: "/", label: "Home", icon: IconHome, key: "h" },
  { to: "/chat", label: "Chat", icon: IconMessages, key: "c" },
  { to: "/experiments", label: "Experiments", icon: IconFlask, key: "e" },
  { to: "/models", label: "Models", icon: IconCube, key: "m" },
  { to: "/datasets", label: "Datasets", icon: IconDatabase, key: "d" },
  { to: "/training", label: "Training", icon: IconSchool, key: "t" },
  { to: "/traces", label: "Traces", icon: IconRoute, key: "r" },
  { to: "/serving", label: "Serving", icon: IconActivity, key: "s" },
  { to: "/settings", label: "Settings", icon: IconSettings, key: "," },
] as const;
