// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Sealock.Gateway.Setup;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock setup status</c>: whether a server has been set up, and under which names it is served.</summary>
internal static class SetupStatus
{
    private static readonly ServerOptions Server = new();
    private static readonly AdministratorOptions Administrator = new();
    private static readonly Option<string> Output = OutputFormat.Option();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "status",
            "Show whether the server has been set up, and its host names; exit with 1 where it has not",
            "sealock setup status",
            "sealock setup status --server https://k8s.example.com:6443 --ca ca.crt -o json")
        {
            Server.Server, Server.Ca, Server.CaSha256, Administrator.Kubeconfig, Administrator.Data, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (Server.Mistakes(result).ToList() is { Count: > 0 } mistakes)
            throw CommandException.Usage(mistakes);
        var facts = Server.Url(result) is { } url
            ? await AskAsync(result, url, cancellationToken)
            : await ReadAsync(result, cancellationToken);
        OutputFormat.Write(result.InvocationConfiguration.Output, result.GetValue(Output), facts);
        return facts[0].Value == "yes" ? 0 : 1;
    }

    /// <summary>What everybody is told.</summary>
    private static async Task<IReadOnlyList<(string Name, string Value)>> AskAsync(ParseResult result, string url, CancellationToken cancellationToken)
    {
        using var connection = ServerOptions.Connect(url, await Server.TrustAsync(result, url, cancellationToken), TimeProvider.System);
        var status = await connection.AskAsync(HttpMethod.Get, SetupEndpoint.Path, null, null, cancellationToken);
        return status["done"]?.GetValue<bool>() == true ? [("setUp", "yes"), ("hostname", status["hostname"]?.GetValue<string>() ?? "")] : [("setUp", "no")];
    }

    private static Task<IReadOnlyList<(string Name, string Value)>> ReadAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var cluster = Administrator.Open(result);
        return AdministratorOptions.RunAsync(cluster, async () =>
        {
            using (cluster)
            {
                if (await SetupMove.FindAsync(cluster, cancellationToken) is not { } setup)
                    return (IReadOnlyList<(string Name, string Value)>)[("setUp", "no")];
                var view = SetupView.Read(setup);
                var now = TimeProvider.System.GetUtcNow();
                return
                [
                    ("setUp", "yes"),
                    ("hostname", view.Hostname),
                    .. view.Previous.Where(previous => previous.Until > now).Select(previous => (
                        "until " + previous.Until.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture), previous.Hostname)),
                ];
            }
        });
    }
}
