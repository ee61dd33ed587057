import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { MachineReadings } from "../../components/machine/machine-readings.tsx";
import { machineQuery } from "../../hub/queries.ts";
import { HomeCard } from "./home-card.tsx";

/** How much of the machine is taken, by everything and by the hub, now and in the last ten minutes. */
export function MachineCard() {
  const { data, error } = useQuery(machineQuery);
  return (
    <HomeCard title="Machine">
      {error !== null && <ErrorNotice error={error} />}
      {data !== undefined && <MachineReadings machine={data} cols={{ base: 1, sm: 2 }} />}
    </HomeCard>
  );
}
