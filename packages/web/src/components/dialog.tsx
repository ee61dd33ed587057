import { Modal, type ModalProps } from "@mantine/core";

/** A modal dialog. It leaves scrolling as it is: the lock is a style without a nonce, which our policy refuses. */
export function Dialog(props: ModalProps) {
  return <Modal lockScroll={false} closeButtonProps={{ "aria-label": "Close" }} {...props} />;
}
