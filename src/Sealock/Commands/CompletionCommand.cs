// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Sealock.Commands;

/// <summary><c>sealock completion</c>: scripts that let a shell complete commands, through the program's own parser.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _sealock() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(sealock "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _sealock sealock
        """;

    private const string Zsh = """
        #compdef sealock
        _sealock() {
          local -a words_found
          words_found=("${(@f)$(sealock "[suggest:${#BUFFER}]" "${BUFFER}" 2>/dev/null)}")
          compadd -a words_found
        }
        compdef _sealock sealock
        """;

    private const string Fish = """
        complete -f -c sealock -a '(sealock "[suggest:"(string length -- (commandline -cp))"]" (commandline -cp) 2>/dev/null)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new ExampleCommand(
            "completion", "Print a script that completes sealock's commands in a shell",
            "source <(sealock completion bash)", "sealock completion fish | source")
        {
            shell,
        };
        command.SetAction(result => result.InvocationConfiguration.Output.WriteLine(
            result.GetValue(shell) switch { "zsh" => Zsh, "fish" => Fish, _ => Bash }));
        return command;
    }
}
