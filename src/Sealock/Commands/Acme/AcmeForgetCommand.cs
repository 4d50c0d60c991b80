// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme forget</c>: a certificate is not renewed any more.</summary>
internal static class AcmeForgetCommand
{
    public static Command Create()
    {
        var directory = ServerOptions.DirectoryOption();
        var names = new Argument<string[]>("NAME") { Description = "which, by the first of their names", Arity = ArgumentArity.OneOrMore };
        var command = new ExampleCommand(
            "forget",
            "Renew a certificate no more; the files of the certificate and its key stay where they are",
            "sealock acme forget example.com --dir /etc/sealock/acme")
        {
            names, directory,
        };
        command.SetAction(result =>
        {
            var home = Path.GetFullPath(result.GetRequiredValue(directory));
            foreach (var kept in KeptNames.Find(home, result.GetValue(names) ?? []))
            {
                using var turn = kept.TryLock() ?? throw new CommandException($"another sealock is at work in {kept.Folder}: let it end");
                result.InvocationConfiguration.Output.WriteLine(kept.Forget()
                    ? $"{kept.Name}: forgotten; its certificate and key stay in {kept.Folder}"
                    : $"{kept.Name}: forgotten");
            }
        });
        return command;
    }
}
