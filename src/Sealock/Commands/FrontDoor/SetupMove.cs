// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Gateway.Setup;
using Sealock.Hosting;
using Sealock.Pki.Inspection;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock setup move</c>: another host name, while the one before is served for some time.</summary>
internal static class SetupMove
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3650);

    private static readonly Option<string> Hostname = new("--hostname") { Description = "the new name, or IP address", HelpName = "NAME", Required = true };
    private static readonly Option<string> Overlap = new("--overlap")
    {
        Description = "how long the name before is served beside it",
        HelpName = "TIME",
        DefaultValueFactory = _ => "720h",
    };

    private static readonly AdministratorOptions Administrator = new();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "move",
            "Move the server to another host name; both names are served meanwhile",
            "sealock setup move --hostname new.example.com --overlap 720h")
        {
            Hostname, Overlap, Administrator.Kubeconfig, Administrator.Data,
        };
        command.SetAction(RunAsync);
        return command;
    }

    /// <summary>The set-up; null where there has been none.</summary>
    internal static async Task<JsonObject?> FindAsync(RemoteCluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse((await cluster.Client.SendAsync("GET", ServerSetupDefinition.ObjectPath, null, cancellationToken)).Span) as JsonObject;
        }
        catch (ApiException missing) when (missing.Code == 404 && missing.Details is { Name.Length: > 0 })
        {
            return null;
        }
    }

    /// <summary>A set-up after a move.</summary>
    internal static JsonObject Moved(JsonObject setup, string hostname, DateTimeOffset until, DateTimeOffset now)
    {
        var before = SetupView.Read(setup);
        var moved = setup.DeepClone().AsObject();
        var previous = before.Previous
            .Where(other => other.Until > now && other.Hostname != hostname && other.Hostname != before.Hostname)
            .Prepend(new PreviousHostname(before.Hostname, until));
        moved["spec"] = new JsonObject
        {
            ["hostname"] = hostname,
            ["previousHostnames"] = new JsonArray([.. previous.Select(other => new JsonObject
            {
                ["hostname"] = other.Hostname,
                ["until"] = ValidityText.Rfc3339(other.Until),
            })]),
        };
        return moved;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var hostname = result.GetRequiredValue(Hostname);
        var mistakes = new List<string>();
        if (ServerSetupRules.RefuseHostname(hostname) is { } fault)
            mistakes.Add($"--hostname: \"{hostname}\" {fault}");
        if (!GoDuration.TryParse(result.GetRequiredValue(Overlap), out var overlap) || overlap < Shortest || overlap > Longest)
            mistakes.Add("--overlap: give a time such as 720h, at least 1s");
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);

        using var cluster = Administrator.Open(result);
        var output = result.InvocationConfiguration.Output;
        return await AdministratorOptions.RunAsync(cluster, async () =>
        {
            var setup = await FindAsync(cluster, cancellationToken)
                ?? throw new CommandException("the server has not been set up yet: sealock setup --hostname " + hostname);
            var before = SetupView.Read(setup).Hostname;
            if (before == hostname)
            {
                output.WriteLine($"the server's host name is {hostname} already");
                return 0;
            }

            var now = TimeProvider.System.GetUtcNow();
            // Times are kept in whole seconds, and the overlap must lie in the future when it arrives.
            var until = now + overlap + TimeSpan.FromSeconds(1);
            await cluster.Client.SendAsync("PUT", ServerSetupDefinition.ObjectPath, Moved(setup, hostname, until, now), cancellationToken);
            output.WriteLine($"moved to {hostname}; {before} is served until {until.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}");
            output.WriteLine("Kubeconfigs with the name before go on until then; log in anew, or change their server.");
            return 0;
        });
    }
}
