/** A text with a button that copies it. */
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";

export function Copy({ text, label = "text" }: { text: string; label?: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      copyButtonAriaLabel={`Copy ${label}`}
      copySuccessText="Copied"
      copyErrorText="The browser did not allow copying"
    />
  );
}
