/** Where a command tells its user something. */
export type Output = {
  line(text?: string): void;
  /** A line that the next one of its kind overwrites on a terminal; elsewhere it is left out but for the last. */
  progress(text: string): void;
  /** Ends a line that `progress` began. */
  progressDone(text: string): void;
};

export function terminalOutput(stream: NodeJS.WriteStream): Output {
  let open = false;
  const clear = () => {
    if (open) stream.write('\r\u001b[K');
    open = false;
  };
  return {
    line: (text = '') => {
      clear();
      stream.write(`${text}\n`);
    },
    progress: (text) => {
      if (!stream.isTTY) return;
      clear();
      stream.write(text);
      open = true;
    },
    progressDone: (text) => {
      clear();
      stream.write(`${text}\n`);
    },
  };
}
