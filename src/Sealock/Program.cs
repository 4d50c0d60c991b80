// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Net.Sockets;
using Sealock;
using Sealock.Acme.Keeping;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Encryption;
using Sealock.Commands;
using Sealock.Commands.Acme;
using Sealock.Commands.FrontDoor;
using Sealock.Commands.Pki;
using Sealock.Commands.Revoking;

var root = new RootCommand("Kubernetes over HTTPS only, and every certificate that this takes.")
{
    UpCommand.Create(),
    ServerCommand.Create(),
    ControllerCommand.Create(),
    SetupCommand.Create(),
    LoginCommand.Create(),
    LoginCommand.CreateLogout(),
    PasswordCommand.Create(),
    TokenCommand.Create(),
    UserCommand.Create(),
    KubeconfigCommand.Create(),
    CsrCommand.Create(),
    CertificateCommand.Create(),
    RevokeCommand.Create(),
    RevokeCommand.CreateUndo(),
    PkiCommand.Create(),
    AcmeCommand.Create(),
    InspectCommand.Create(),
    HandshakeCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    EncryptionCommand.Create(),
    CompletionCommand.Create(),
    VersionCommand.Create(),
};
ExampleCommand.ShowExamples(root, "sealock up", "sealock csr create jane --group developers --approve --out jane.conf");

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var line in UsageMistake.LinesOf(parsed))
        Console.Error.WriteLine($"sealock: {Printable.Of(line)}");
    Console.Error.WriteLine($"See: {CommandPath(parsed.CommandResult.Command)} --help");
    return 2;
}

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false,
        // What serves is not cut off when it is told to end: it answers the requests that it has, and writes what waits. Each step has
        // a limit of its own; this one is for the case that something hangs.
        ProcessTerminationTimeout = TimeSpan.FromSeconds(parsed.CommandResult.Command.Name is "server" or "up" or "controller" ? 60 : 2),
    });
}
catch (CommandException exception)
{
    foreach (var line in exception.Message.Split('\n'))
        Console.Error.WriteLine($"sealock: {Printable.Of(line)}");
    return exception.ExitCode;
}
catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SocketException
    or KubeconfigFileException or StoreOpenException or KeyFileException or KeepingException)
{
    // The machine's faults: their messages name the file or address. Anything else is ours, and shows where it is.
    Console.Error.WriteLine($"sealock: {fault.Message.ReplaceLineEndings(" ")}");
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("sealock: interrupted");
    return 1;
}

static string CommandPath(Command command) => string.Join(' ', command.Parents.OfType<Command>().Take(1)
    .Where(parent => parent is not RootCommand).Select(parent => parent.Name).Prepend("sealock")
    .Append(command is RootCommand ? "" : command.Name)).TrimEnd();
