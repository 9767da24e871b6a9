import tab from '@bomb.sh/tab/commander'
import type { Command } from 'commander'

/** Adds `completion <shell>`, which prints a script, and the hidden command that the script calls. */
export function addCompletion(program: Command): void {
  tab(program, { completionCommandName: 'completion' })
  const command = program.commands.find((each) => each.name() === 'completion')
  command
    ?.summary('print a completion script for zsh, bash, fish or powershell')
    .addHelpText(
      'after',
      '\nExamples:\n  rowferry completion bash > ~/.local/share/bash-completion/completions/rowferry\n  source <(rowferry completion zsh)\n',
    )
}
