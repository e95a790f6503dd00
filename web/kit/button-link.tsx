import { Button, type ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';

type AnchorButtonProps = ButtonProps & Omit<React.ComponentPropsWithRef<'a'>, keyof ButtonProps>;

/** A link to one of the console's pages that looks like a button. */
export const ButtonLink = createLink((props: AnchorButtonProps) => <Button component="a" {...props} />);
