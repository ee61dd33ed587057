import { Button, Group, Stack, type ModalProps } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Dialog } from "./dialog.tsx";
import { ErrorNotice } from "./error-notice.tsx";

export interface FormDialogProps extends Pick<ModalProps, "size"> {
  title: string;
  onClose: () => void;
  /** Word of the button that does it. */
  submit: string;
  /** What is done; a refusal is shown in the hub's words. */
  mutation: Pick<UseMutationResult<unknown, Error, void>, "mutate" | "isPending" | "error">;
  disabled?: boolean;
  /** The fields. */
  children: ReactNode;
  /** What came of it. */
  outcome?: ReactNode;
  /** Buttons before the one that does it. */
  actions?: ReactNode;
}

/** A form in a dialog. */
export function FormDialog({
  title,
  size,
  onClose,
  submit,
  mutation,
  disabled,
  children,
  outcome,
  actions,
}: FormDialogProps) {
  return (
    <Dialog opened onClose={onClose} title={title} {...(size === undefined ? {} : { size })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          mutation.mutate();
        }}
      >
        <Stack>
          {children}
          {mutation.error !== null && <ErrorNotice error={mutation.error} />}
          {outcome}
          <Group justify="flex-end">
            {actions}
            <Button type="submit" disabled={disabled === true} loading={mutation.isPending}>
              {submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
