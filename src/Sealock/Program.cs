// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock;
using Sealock.Commands;

var root = new RootCommand("Kubernetes over HTTPS only, and every certificate that this takes.")
{
    UpCommand.Create(),
    ServerCommand.Create(),
    ControllerCommand.Create(),
    KubeconfigCommand.Create(),
    CsrCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    CompletionCommand.Create(),
    VersionCommand.Create(),
};
ExampleCommand.ShowExamples(root);

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine($"sealock: {error.Message}");
    Console.Error.WriteLine($"See: {CommandPath(parsed.CommandResult.Command)} --help");
    return 2;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (CommandException exception)
{
    foreach (var line in exception.Message.Split('\n'))
        Console.Error.WriteLine($"sealock: {line}");
    return exception.ExitCode;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("sealock: interrupted");
    return 1;
}

static string CommandPath(Command command) => string.Join(' ', command.Parents.OfType<Command>().Take(1)
    .Where(parent => parent is not RootCommand).Select(parent => parent.Name).Prepend("sealock")
    .Append(command is RootCommand ? "" : command.Name)).TrimEnd();
